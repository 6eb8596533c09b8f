"""Verdicts on runs of other programs: what is asked of a source, what is wrong with it, and what it becomes."""
