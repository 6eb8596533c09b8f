"""Character and word error rates."""

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein


def character_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Edits of characters over characters of the references, all utterances together. May exceed 1."""
    return _error_rate(references, hypotheses)


def word_error_rate(references: Sequence[str], hypotheses: Sequence[str]) -> float:
    """Edits of words over words of the references, all utterances together. May exceed 1."""
    return _error_rate([text.split() for text in references], [text.split() for text in hypotheses])


def _error_rate(references: Sequence[Sequence[str]], hypotheses: Sequence[Sequence[str]]) -> float:
    edits = sum(Levenshtein.distance(*pair) for pair in zip(references, hypotheses, strict=True))
    return edits / sum(len(reference) for reference in references)
