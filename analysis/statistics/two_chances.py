"""One mean difference and two kinds of chance: new seeds with these clips, new clips with these seeds, both anew.

Scores are over seeds and clips, crossed: every seed's network is asked about every clip. The variance of their mean
is the sum of both variances, up to what belongs to single pairs of seed and clip, which is counted twice (Cameron,
Gelbach and Miller 2011, Journal of Business and Economic Statistics 29:238). The interval for both anew is made of the
two others, as that of a sum of independent estimates is of theirs: each side is the root of the sum of squares of both
sides (Howe 1974, JASA 69:789; Zou and Donner 2008, Statistics in Medicine 27:1693). It keeps the few degrees of freedom
of either, takes intervals that were made for many looks, and is never narrower than one of the two.
"""

import math
from typing import Literal

from soundproof.analysis.statistics.intervals import Estimate, FloatArray, Interval, mean_interval
from soundproof.analysis.statistics.looks import paired_looks
from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sequential import sequential_interval, sequential_p_value

HoldsFor = Literal["both", "each", "seeds", "clips", "neither"]
"""For what a difference is shown, its interval being clear of zero.

`both`: for new seeds and new clips at once. `each`: for either alone, and not for both at once. `seeds`: for new seeds,
asked about these clips. `clips`: for new clips, these networks being asked. `neither`.
"""


def seeds_interval(
    differences: FloatArray, confidence: float, least_deviation: float, *, looked_once: bool
) -> Estimate:
    """The mean of differences (seeds,): Student's interval where they were looked at once, else one for every look."""
    if looked_once:
        return mean_interval(differences, confidence, least_deviation)
    return sequential_interval(paired_looks(differences, least_deviation), confidence)


def seeds_p_value(differences: FloatArray, least_deviation: float, *, looked_once: bool) -> float:
    """The two-sided p value of no difference that belongs to `seeds_interval`."""
    test = t_p_value if looked_once else sequential_p_value
    one_sided = min(test(sign * differences, least_deviation=least_deviation) for sign in (1.0, -1.0))
    return min(1.0, 2 * one_sided)


def both_anew(value: float, seeds: Interval, clips: Interval) -> Interval:
    """The interval of `value` over new seeds and new clips at once, from those over either.

    >>> both_anew(5.0, Interval(low=2.0, high=8.0, confidence=0.95), Interval(low=1.0, high=9.0, confidence=0.95))
    Interval(low=0.0, high=10.0, confidence=0.95)
    """
    return Interval(
        low=value - math.hypot(value - seeds.low, value - clips.low),
        high=value + math.hypot(seeds.high - value, clips.high - value),
        confidence=min(seeds.confidence, clips.confidence),
    )


def holds_for(seeds: Interval | None, clips: Interval | None, both: Interval | None) -> HoldsFor:
    """For what the difference of these intervals is shown; one that is not known shows nothing."""
    if _clear_of_zero(both):
        return "both"
    match _clear_of_zero(seeds), _clear_of_zero(clips):
        case True, True:
            return "each"
        case True, False:
            return "seeds"
        case False, True:
            return "clips"
        case _:
            return "neither"


def _clear_of_zero(interval: Interval | None) -> bool:
    return interval is not None and (interval.low > 0 or interval.high < 0)
