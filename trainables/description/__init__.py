"""What is in a corpus, before anything is trained: one page, tables, JSON."""

from soundproof.trainables.description.describe import Description, DescriptionError, describe_corpus

__all__ = ["Description", "DescriptionError", "describe_corpus"]
