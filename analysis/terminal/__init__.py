"""A report as tables of the terminal."""
