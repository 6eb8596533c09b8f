"""Two runs on the same clips, tested against each other: the field's own tests, for one pair of networks at a time.

They speak of these two trained networks on new clips, and know nothing of new seeds.

Sources: Gillick and Cox (1989), ICASSP I:532, matched pairs; Pallett, Fisher and Fiscus (1990), ICASSP I:97, the
implementation of NIST ("MAPSSWE" in sctk), whose segments end where both have two words in a row right; McNemar (1947),
Psychometrika 12:153, and Dietterich (1998), Neural Computation 10:1895, for two classifiers on one test set.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import Levenshtein
from scipy import stats

from soundproof.analysis.statistics.intervals import IntegerArray

WORDS_BETWEEN = 2
"""Words in a row that both have right, and that end a segment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchedPairs:
    """The test over `segments` with an error of either; `p_value` is two-sided, None with fewer than two segments."""

    segments: int
    p_value: float | None


def word_errors(reference: str, hypothesis: str) -> int:
    """Words substituted, deleted and inserted, the fewest that explain the hypothesis (Levenshtein 1966)."""
    return int(Levenshtein.distance(reference.split(), hypothesis.split()))


def segment_errors(reference: str, first: str, second: str) -> list[tuple[int, int]]:
    """Errors of both hypotheses in each segment of an utterance that has any.

    Between segments lie at least two words in a row that both have right, so that errors of one segment did not lead to
    those of another through the words that a language model expects.

    >>> segment_errors("a b c d e", "x b c d e", "a b c d")
    [(1, 0), (0, 1)]
    """
    words = reference.split()
    errors = [(place, 0) for place in _error_places(words, first)]
    errors += [(place, 1) for place in _error_places(words, second)]
    segments: list[list[int]] = []
    last = None
    for place, side in sorted(errors):
        if last is None or _words_between(last, place) >= WORDS_BETWEEN:
            segments.append([0, 0])
        segments[-1][side] += 1
        last = place
    return [(on_first, on_second) for on_first, on_second in segments]


def _error_places(reference: Sequence[str], hypothesis: str) -> list[int]:
    """2i + 1 for an error in word i, 2i for a word inserted before it."""
    edits = Levenshtein.editops(reference, hypothesis.split())
    return [2 * edit.src_pos + (edit.tag != "insert") for edit in edits]


def _words_between(place: int, later: int) -> int:
    """Whole words between two places, which have no error: the words i with place < 2i + 1 < later."""
    return max(0, later // 2 - (place + 1) // 2)


def matched_pairs_test(differences: IntegerArray) -> MatchedPairs:
    """The matched-pairs test of differences (segments,), errors of one system less those of the other.

    Mean over its standard error against the normal distribution, which Gillick and Cox advise for 50 segments and more.
    Differences that are all the same have no spread: the sign test takes over.
    """
    n = len(differences)
    if n < 2:
        return MatchedPairs(segments=n, p_value=None)
    mean, deviation = float(np.mean(differences)), float(np.std(differences, ddof=1))
    if deviation == 0:
        return MatchedPairs(segments=n, p_value=1.0 if mean == 0 else 2.0 ** (1 - n))
    return MatchedPairs(segments=n, p_value=float(2 * stats.norm.sf(abs(mean) / deviation * math.sqrt(n))))


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """Two-sided exact p value of either classifier being as often the only one that has a clip right.

    >>> round(mcnemar_p_value(1, 6), 4)
    0.125
    """
    clips = only_first + only_second
    return float(stats.binomtest(only_first, clips).pvalue) if clips else 1.0
