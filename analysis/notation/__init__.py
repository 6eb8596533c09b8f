"""How single values are written: quantities with their units, names, bounds."""
