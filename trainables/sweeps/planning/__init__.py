"""Which trials a study wants, and in which order."""
