"""Corpora from files: one published layout a file, and what they share."""
