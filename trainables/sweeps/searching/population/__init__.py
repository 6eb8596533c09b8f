"""Population-based training: generations of ordinary trials."""
