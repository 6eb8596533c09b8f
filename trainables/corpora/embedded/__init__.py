"""Corpora that are synthesised: they need no files and no download."""
