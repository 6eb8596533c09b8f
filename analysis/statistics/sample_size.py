"""How many seeds a claim still needs."""

import math
from bisect import bisect_left
from functools import lru_cache

from soundproof.analysis.statistics.sequential import LAST_EXACT, nominal_tail, t_quantile


@lru_cache(maxsize=100_000)
def seeds_needed(
    present: int,
    effect: float,
    level: float,
    *,
    sequential: bool,
    more_freedom: float = 0.0,
    early: int = 0,
    maximum: int = 10_000,
) -> int | None:
    """Smallest total n, above the `present` number, at which a one-sided test at `level` would be won half the time.

    `effect` is the true distance of the mean from the null, in standard deviations of one difference. That n is where
    effect · √n reaches the critical value: the t quantile with n - 1 + `more_freedom` degrees of freedom, at `level`
    for a number of seeds fixed beforehand, at the nominal level of that look, `early` ones sooner, where `sequential`.
    A guide, for the deviation is itself an estimate.

    >>> seeds_needed(4, effect=2.0 / 2.58, level=0.025, sequential=False)
    9

    None with no effect, or more than `maximum` seeds.
    """
    if effect <= 0:
        return None

    def suffices(n: int) -> bool:
        tail = nominal_tail(n + early, level) if sequential else level
        critical = t_quantile(tail, max(n - 1 + more_freedom, 1.0))
        return effect * math.sqrt(n) >= critical

    for n in range(present + 1, min(LAST_EXACT, maximum) + 1):
        if suffices(n):
            return n
    later = range(max(present, LAST_EXACT) + 1, maximum + 1)
    index = bisect_left(later, True, key=suffices)  # critical / √n falls with n, but not from the last exact look
    return later[index] if index < len(later) else None
