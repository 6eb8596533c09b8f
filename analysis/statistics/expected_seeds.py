"""How many seeds a test takes whose truth is given: what can be said before there are any."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

from soundproof.analysis.statistics.sequential import LAST_EXACT, nominal_tail

FEWEST = 3
"""Seeds that are named at least: a test that may be looked at again and again begins with so many."""


def power(n: int, distances: Sequence[float], tail: float, freedom: float) -> float:
    """The chance that n seeds show a mean to lie on the right side of every end, at least.

    `distances` are those of the true mean from the ends, in standard deviations of one seed's value; each end is
    tested by Student's t at the one-sided level `tail`. Of a single end this is the noncentral t distribution in the
    normal approximation of Johnson and Welch (1940), Biometrika 31:362; of several, Bonferroni's bound.

    >>> round(power(10, [1.0], 0.025, 9), 2)
    0.8
    """
    if not tail > 0:
        return 0.0
    critical = -float(special.stdtrit(freedom, tail))
    shrunk, spread = critical * (1 - 1 / (4 * freedom)), math.sqrt(1 + critical**2 / (2 * freedom))
    missed = special.ndtr([(shrunk - distance * math.sqrt(n)) / spread for distance in distances])
    return max(0.0, 1.0 - float(np.sum(missed)))


def expected_seeds(
    distances: Sequence[float],
    level: float,
    *,
    chance: float,
    freedom: Callable[[int], float],
    sequential: bool,
    maximum: int,
    fewest: int = FEWEST,
) -> int | None:
    """The fewest seeds, `fewest` or more, that show it with a `chance`; None where that takes more than `maximum`.

    `distances` and `level` are those of `power`; `freedom` gives the degrees of freedom after n seeds. `sequential` is
    the test that is valid at every look: its last look alone is counted, so it often ends a little sooner.
    """
    if min(distances) <= 0:
        return None

    def suffices(n: int) -> bool:
        tail = nominal_tail(n, level) if sequential else level
        return power(n, distances, tail, freedom(n)) >= chance

    for n in range(fewest, min(LAST_EXACT, maximum) + 1):
        if suffices(n):
            return n
    low = max(LAST_EXACT, fewest - 1)  # does not suffice
    high = 2 * low
    while high < maximum and not suffices(high):
        low, high = high, 2 * high
    high = min(high, maximum)
    if high <= low or not suffices(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if suffices(middle) else (middle, high)
    return high
