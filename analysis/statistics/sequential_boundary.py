"""The boundary of a paired t test that is looked at after every seed: exact for normal differences.

After each of n = 3, 4, 5, ... pairs the t statistic T(n) is held against a boundary. Crossings by n have, for a mean at
the null, the probability α·f(n) in all: alpha spending (Lan and DeMets 1983, Biometrika 70:659) with f running to 1
without any planned end, so the level holds whenever one looks and whyever one stops.

The boundary follows from T(n) being a Markov chain, by recursive integration in one dimension (Armitage, McPherson and
Rowe 1969, JRSS A 132:235). Here the chain runs backwards, where it is simplest: given the sum and the sum of squares of
n values, the values are uniform on a sphere, whatever σ. So, with s = T(n) / √(n - 1) and s' = T(n - 1) / √(n - 2),

    s' = (√((n - 1)/n)·s - √(1/n)·sin τ) / cos τ,    τ in (-π/2, π/2) with density ∝ cosⁿ⁻³ τ, independent of s,

and clear(s), the probability that no earlier look crossed given s, is the mean of the last look's clear(s') over the τ
that keep s' below the last boundary. The new boundary b solves: ∫ clear(s) p(s) ds over s > b = α·(f(n) - f(n - 1)).

All levels of a grid are integrated together, about 20 ms a look: two seconds for all, so the boundary is shipped as a
table (`benchmarks/boundary_table.py` writes it anew, and a test integrates some of its looks). Measured against a finer
integration: the nominal p values up to n = 60 agree within a relative 1e-4, and levels read between those of the grid
within 1.5e-3.
"""

import json
import math
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from scipy import special, stats

from soundproof.analysis.statistics.intervals import FloatArray, IntegerArray

FIRST_LOOK = 3
LAST_EXACT = 100
TABLE = "sequential_boundary.json"
LEVELS = np.concatenate([np.geomspace(1e-6, 1e-3, 16)[:-1], np.geomspace(1e-3, 0.5, 33)])

# Chosen among 44 spending functions by simulation: at an effect of one standard deviation, one-sided levels of 0.025
# and 0.00625 decide by 30 pairs in 99% and 95.4% of the cases, after 11.9 and 16.1 pairs on average. Spending faster at
# the start, as a power of 2/n, decides effects of 4 standard deviations half a pair sooner, but 0.00625 in at most 93%.
_SCALE = 20
_GRID = np.linspace(0, 1, 64)
_ROWS = np.arange(len(LEVELS))[:, None] * len(_GRID)
_KEPT = 512
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


def spent(n: int) -> float:
    """f(n) = 1 - (20 / (n + 18))²: the share of α spent by n pairs. 0.09 at 3, 0.36 at 7, 0.49 at 10, 0.83 at 30."""
    return 1 - (_SCALE / (n + _SCALE - 2)) ** 2 if n >= FIRST_LOOK else 0.0


def boundary_tails(n: int) -> FloatArray:
    """Nominal one-sided p value of T(n), for each of `LEVELS`, at which the look at n >= 3 pairs rejects.

    Exact up to 100 pairs, conservative beyond.
    """
    if n > LAST_EXACT:
        return _late_tails(n)
    tails: FloatArray = _shipped()[n - FIRST_LOOK]
    return tails


def log_boundary(looks: IntegerArray) -> FloatArray:
    """Logarithms of `boundary_tails` of looks (looks,), in rising order: (looks, levels).

    Of many looks, and of early ones, a table is kept.
    """
    if looks[-1] <= _KEPT or len(looks) > _KEPT:
        return _table(table_end(int(looks[-1])))[looks - FIRST_LOOK]
    return _logs(looks, np.arange(len(LEVELS)))


def log_boundary_at(level: int, last: int) -> FloatArray:
    """The same of one of `LEVELS`, for every look from the third to the last, (looks,)."""
    return _at_level(level, table_end(last))[: last + 1 - FIRST_LOOK]


def table_end(last: int) -> int:
    """Where a table ends that serves looks to the last: at powers of two, so that few are made."""
    return max(_KEPT, 1 << (last - 1).bit_length())


@lru_cache(maxsize=4)
def _table(last: int) -> FloatArray:
    return _logs(np.arange(FIRST_LOOK, last + 1), np.arange(len(LEVELS)))


@lru_cache(maxsize=4 * len(LEVELS))
def _at_level(level: int, last: int) -> FloatArray:
    return _logs(np.arange(FIRST_LOOK, last + 1), np.array([level]))[:, 0]


def _logs(looks: IntegerArray, levels: IntegerArray) -> FloatArray:
    exact = looks[looks <= LAST_EXACT] - FIRST_LOOK
    late = _tails_of_many(looks[len(exact) :, None], LEVELS[levels])
    found: FloatArray = np.log(np.concatenate([_shipped()[np.ix_(exact, levels)], late]))
    return found


def integrated_tails(n: int) -> FloatArray:
    """The same, integrated here and now; n at most `LAST_EXACT`."""
    return _look(n).tails


@cache
def _shipped() -> FloatArray:
    """Nominal p values (looks, levels) from the third look on."""
    text = files("soundproof.analysis.statistics").joinpath(TABLE).read_text(encoding="utf-8")
    return np.array(json.loads(text)["tails"])


@cache
def _late_tails(n: int) -> FloatArray:
    """`boundary_tails` of many pairs."""
    return _tails_of_many(np.array(n), LEVELS)


def _tails_of_many(n: IntegerArray, levels: FloatArray) -> FloatArray:
    """As if a Brownian motion were looked at all the time: at one-sided levels (levels,), for n (looks, 1) for each.

    It crosses c·√t between t and t + dt with probability c·φ(c)/2·dt/t, to first order and for a constant c (Jennen and
    Lerche 1981, Z. Wahrscheinlichkeitstheorie 55:133). Set equal to α·f'(n)·dn this gives c by Lambert's W. Looks at
    whole n only, and a rising c, cross more rarely: at n = 100 the exact nominal p values are 1.4 to 8 times as high.
    """
    rate = levels * 2 * n * _SCALE**2 / (n + _SCALE - 2) ** 3
    tails: FloatArray = stats.norm.sf(np.sqrt(-special.lambertw(-8 * np.pi * rate**2, -1).real))
    return tails


@dataclass(frozen=True, kw_only=True, slots=True)
class _Grid:
    """Where functions of s are kept: asinh s = low + (high - low)·sin(π·g/2) for g in [0, 1], `high` (levels, 1).

    No path that has not crossed before arrives above `high`. A function that ends at `high` as a square root, as
    clear(s) does, is nearly a straight line in g.
    """

    low: float
    high: FloatArray

    def asinh_s(self, g: FloatArray) -> FloatArray:
        return self.low + (self.high - self.low) * np.sin(g * np.pi / 2)

    def g(self, s: FloatArray) -> FloatArray:
        share: FloatArray = np.clip((np.arcsinh(s) - self.low) / (self.high - self.low), 0, 1)
        return np.arcsin(share) * 2 / np.pi


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """One look: nominal p values `tails` (levels,), `boundary` in s (levels, 1), `clear` on the grid (levels, grid)."""

    tails: FloatArray
    boundary: FloatArray
    grid: _Grid
    clear: FloatArray


@cache
def _look(n: int) -> _Look:
    target = LEVELS * (spent(n) - spent(n - 1))
    low = math.asinh(float(stats.t.ppf(1e-4, n - 1)) / math.sqrt(n - 1))
    if n == FIRST_LOOK:  # nothing was looked at before: an ordinary t test at the level that this look may spend
        boundary = stats.t.isf(target, n - 1)[:, None] / math.sqrt(n - 1)
        grid = _Grid(low=low, high=np.arcsinh(boundary) + 1)
        return _Look(tails=target, boundary=boundary, grid=grid, clear=np.ones((len(LEVELS), len(_GRID))))
    before = _look(n - 1)
    # the highest s that a path just below the boundary before can reach in one step
    highest = np.hypot(math.sqrt(1 / n), before.boundary) / math.sqrt((n - 1) / n)
    grid = _Grid(low=low, high=np.arcsinh(highest))
    clear = _clear(n, before, np.sinh(grid.asinh_s(_GRID)))
    boundary = np.sinh(grid.asinh_s(_solve(n, grid, clear, target)))
    tails = stats.t.sf(boundary[:, 0] * math.sqrt(n - 1), n - 1)
    return _Look(tails=tails, boundary=boundary, grid=grid, clear=clear)


def _clear(n: int, before: _Look, s: FloatArray) -> FloatArray:
    """Probability (levels, points), given s (levels, points) at n pairs, that no look before crossed.

    s' stays below the boundary b where √(1/n)·sin τ + b·cos τ > √((n - 1)/n)·s, an interval of τ.
    """
    scaled, step = math.sqrt((n - 1) / n) * s, math.sqrt(1 / n)
    angle = np.arcsin(np.clip(scaled / np.hypot(step, before.boundary), -1, 1))
    shift = np.arctan2(before.boundary, step)
    widest = min(math.pi / 2, 9 / math.sqrt(n))  # beyond nine standard deviations of τ lies nothing
    # sqrt(1/n) sin t + b cos t = hypot * sin(t + shift): it ends where that sine is that of `angle`
    start, stop = (np.clip(end - shift, -widest, widest) for end in (angle, math.pi - angle))
    half = (stop - start)[..., None] / 2
    # Gauss-Legendre on the interval itself: its ends, where the integrand breaks off, are no trouble
    tau = start[..., None] + half * (1 + _NODES)
    earlier = (scaled[..., None] - step * np.sin(tau)) / np.cos(tau)
    flat = before.grid.g(earlier.reshape(len(LEVELS), -1))
    clear = _cubic(before.clear, flat).reshape(tau.shape)
    density = np.cos(tau) ** (n - 3) / (math.sqrt(math.pi) * _gamma_ratio((n - 2) / 2))
    total: FloatArray = np.sum(clear * density * _WEIGHTS * half, axis=-1)
    return total


def _solve(n: int, grid: _Grid, clear: FloatArray, target: FloatArray) -> FloatArray:
    """The g (levels, 1) above which lies the probability `target` (levels,), by bisection."""
    least, most = np.zeros((len(LEVELS), 1)), np.ones((len(LEVELS), 1))
    for _ in range(40):  # to the last digits of a double
        middle = (least + most) / 2
        g = middle + (1 - middle) / 2 * (1 + _NODES)
        density = np.cosh(grid.asinh_s(g)) ** (1 - n) / (math.sqrt(math.pi) * _gamma_ratio((n - 1) / 2))
        # from an integral over s to one over g: ds = cosh(asinh s) * slope dg, and one cosh is in the density already
        slope = (grid.high - grid.low) * np.cos(g * np.pi / 2) * np.pi / 2
        above = np.sum(_cubic(clear, g) * density * slope * _WEIGHTS * (1 - middle) / 2, axis=1, keepdims=True)
        enough = above > target[:, None]
        least, most = np.where(enough, middle, least), np.where(enough, most, middle)
    return (least + most) / 2


def _gamma_ratio(x: float) -> float:
    """Γ(x) / Γ(x + 1/2)."""
    return math.exp(math.lgamma(x) - math.lgamma(x + 0.5))


def _cubic(values: FloatArray, g: FloatArray) -> FloatArray:
    """`values` (levels, grid) at g (levels, points) in [0, 1], through the four nearest grid points (Lagrange)."""
    position = g * (len(_GRID) - 1)
    left: Any = np.clip(position.astype(np.int64) - 1, 0, len(_GRID) - 4)
    a = position - left
    b, c, d = a - 1, a - 2, a - 3
    flat, index = values.ravel(), _ROWS + left
    outer: FloatArray = (a * b * c * flat.take(index + 3) - b * c * d * flat.take(index)) / 6
    inner: FloatArray = (a * c * d * flat.take(index + 1) - a * b * d * flat.take(index + 2)) / 2
    return outer + inner
