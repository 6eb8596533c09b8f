"""The bootstrap of a difference in word error rates, by blocks: what the field reports beside a recogniser's numbers.

Whole blocks (speakers, or utterances where nobody says who speaks) are drawn with replacement, as many as there are.
Each draw gives a ratio of sums of errors to sums of words. With few blocks its interval is too narrow: 6 speakers draw
from themselves alone, without the quantile that pays for a spread known from 6. `clustered_ratios` has an interval that
keeps its coverage; this one stands beside it.

Sources: Bisani and Ney (2004), ICASSP I:409; Liu, Peng and Tang (2020), arXiv:1912.09508, blocks of utterances that
depend on each other; Efron (1979), Annals of Statistics 7:1.
"""

from dataclasses import dataclass

import numpy as np

from soundproof.analysis.statistics.clustered_ratios import cluster_sums
from soundproof.analysis.statistics.intervals import FloatArray, IntegerArray, Interval

DRAWS = 2000
_CELLS_AT_ONCE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Bootstrapped:
    """The percentile interval of a ratio, and the share of draws in which it lies above 0, a tie counting one half."""

    interval: Interval
    share_above: float
    blocks: int


def block_bootstrap(
    numerators: FloatArray,
    denominators: FloatArray,
    blocks: IntegerArray,
    generator: np.random.Generator,
    confidence: float = 0.95,
) -> Bootstrapped | None:
    """The ratio of sums of numerators (clips,) and denominators (clips,) over draws of `blocks` (clips,).

    `share_above` is Bisani and Ney's probability of improvement where numerators are errors that the first system has
    less than the second. None with fewer than two blocks.
    """
    sums, sizes = cluster_sums(numerators, denominators, blocks)
    if len(sums) < 2:
        return None
    ratios = np.concatenate([_drawn(sums, sizes, count, generator) for count in _parts(len(sums))])
    ratios = ratios[np.isfinite(ratios)]  # a draw of blocks without a word has no rate
    low, high = np.quantile(ratios, [(1 - confidence) / 2, (1 + confidence) / 2]).tolist()
    return Bootstrapped(
        interval=Interval(low=low, high=high, confidence=confidence),
        share_above=float(np.mean((np.sign(ratios) + 1) / 2)),
        blocks=len(sums),
    )


def _parts(blocks: int) -> list[int]:
    """The draws in parts that memory holds."""
    at_once = max(1, _CELLS_AT_ONCE // blocks)
    return [min(at_once, DRAWS - start) for start in range(0, DRAWS, at_once)]


def _drawn(sums: FloatArray, sizes: FloatArray, draws: int, generator: np.random.Generator) -> FloatArray:
    drawn = generator.integers(0, len(sums), size=(draws, len(sums)), dtype=np.int32)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios: FloatArray = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    return ratios
