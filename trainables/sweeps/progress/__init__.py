"""What the user sees of a sweep while it runs."""
