"""Whether a new seed is more likely than not to come out on one side: the sign test, once or valid at every look.

It holds for every distribution, failures of training included, and answers a question of its own: the median
difference, not the mean. Values at the null itself say nothing and are left out, as are missing ones (NaN).

Valid at every look: with k of n signs on the side, the mixture over θ uniform on (1/2, 1) of the likelihood ratios
(2θ)ᵏ(2(1 - θ))ⁿ⁻ᵏ is a supermartingale where the chance of the side is at most 1/2, so that one over its greatest value
so far is a p value at any time (Ville 1939; Darling and Robbins 1968, PNAS 61:804).

Source of the test: Arbuthnot (1710), Phil. Trans. 27:186; Dixon and Mood (1946), JASA 41:557.
"""

import numpy as np
from scipy import special, stats

from soundproof.analysis.statistics.intervals import FloatArray


def sign_p_value(differences: FloatArray, null: float = 0.0) -> float:
    """One-sided exact p value of "at most half of new differences lie above `null`", differences (n,), one look.

    >>> sign_p_value(np.array([1.0, 2.0, 0.5, 3.0]))
    0.0625
    """
    above, below = int(np.sum(differences > null)), int(np.sum(differences < null))
    return float(stats.binom.sf(above - 1, above + below, 0.5))


def sequential_sign_p_values(differences: FloatArray, null: float = 0.0) -> FloatArray:
    """The same after each of differences (n,), valid at every look: (n,), never rising.

    >>> sequential_sign_p_values(np.array([1.0, 2.0, 3.0, 4.0])).round(3).tolist()
    [0.667, 0.429, 0.267, 0.161]
    """
    above = np.cumsum(differences > null).astype(float)
    below = np.cumsum(differences < null).astype(float)
    p_values: FloatArray = np.exp(-np.maximum.accumulate(np.maximum(_log_evidence(above, below), 0.0)))
    return p_values


def sign_seeds_needed(differences: FloatArray, level: float, *, sequential: bool, maximum: int) -> int | None:
    """Differences in all, more than there are, after which the test would come down to `level` for "above 0".

    If as many of them lie above and below as so far; None where they do not point that way, or beyond the `maximum`.
    """
    n = len(differences)
    above, below = int(np.sum(differences > 0)), int(np.sum(differences < 0))
    if above <= below or maximum <= n:
        return None
    counts = np.arange(n + 1, maximum + 1)
    grown = counts * above / n, counts * below / n
    if sequential:
        enough = -_log_evidence(*grown) <= np.log(level)
    else:
        most, fewest = np.floor(grown[0]), np.ceil(grown[1])
        enough = stats.binom.sf(most - 1, most + fewest, 0.5) <= level
    return int(counts[np.argmax(enough)]) if enough.any() else None


def _log_evidence(above: FloatArray, below: FloatArray) -> FloatArray:
    """The logarithm of the mixture: 2ⁿ⁺¹ times the beta integral over (1/2, 1)."""
    log_integral = special.betaln(above + 1, below + 1) + np.log(special.betaincc(above + 1, below + 1, 0.5))
    evidence: FloatArray = log_integral + (above + below + 1) * np.log(2)
    return evidence
