"""How many seeds a claim still needs."""

import math
from bisect import bisect_left

import numpy as np
from scipy import stats

from soundproof.analysis.statistics.intervals import FloatArray
from soundproof.analysis.statistics.sequential import LAST_EXACT, critical_value


def seeds_needed(
    differences: FloatArray,
    distance: float,
    level: float,
    *,
    sequential: bool,
    least_deviation: float = 0.0,
    maximum: int = 10_000,
) -> int | None:
    """Smallest total n, above the number there is, at which a one-sided test at `level` would be won half the time.

    That is where distance / (s / √n) reaches the critical value, for a true mean `distance` beyond the null and the
    present spread s of differences (n,), at least `least_deviation`: the t quantile for a number of seeds fixed
    beforehand, `critical_value` where `sequential`. A guide, for s is itself an estimate.

    >>> seeds_needed(np.array([1.0, 3.0, -1.0, 5.0]), distance=2.0, level=0.025, sequential=False)
    9

    None with fewer than two differences, no distance, or more than `maximum` seeds.
    """
    present = differences[np.isfinite(differences)]
    if len(present) < 2 or distance <= 0:
        return None
    deviation = max(float(np.std(present, ddof=1)), least_deviation)

    def suffices(n: int) -> bool:
        critical = critical_value(n, level) if sequential else float(stats.t.isf(level, n - 1))
        return math.isfinite(critical) and distance * math.sqrt(n) >= critical * deviation

    for n in range(len(present) + 1, min(LAST_EXACT, maximum) + 1):
        if suffices(n):
            return n
    later = range(max(len(present), LAST_EXACT) + 1, maximum + 1)
    index = bisect_left(later, True, key=suffices)  # critical / √n falls with n, but not from the last exact look
    return later[index] if index < len(later) else None
