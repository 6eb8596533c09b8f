"""The boundary of the sequential test: by simulation, by another integration, and the chain it rests on."""

import json
import math
from importlib.resources import files

import numpy as np
import pytest
from scipy import integrate, stats

from soundproof.analysis.statistics import sequential_boundary
from soundproof.analysis.statistics.sequential_boundary import (
    FIRST_LOOK,
    LAST_EXACT,
    LEVELS,
    boundary_tails,
    integrated_tails,
    spent,
)


def _t_statistics(draws):
    """Statistics (paths, looks) after 2, 3, ... of the draws (paths, n)."""
    n = np.arange(1, draws.shape[1] + 1)
    total, squares = np.cumsum(draws, axis=1), np.cumsum(draws**2, axis=1)
    variance = (squares - total**2 / n)[:, 1:] / (n[1:] - 1)
    return total[:, 1:] / np.sqrt(variance * n[1:])


def _critical_values(index, last):
    return np.array([stats.t.isf(boundary_tails(n)[index], n - 1) for n in range(3, last + 1)])


def test_the_spending_starts_at_three_pairs_and_never_ends():
    """The share is 0 up to two pairs, rises with every further one, and tends to 1."""
    shares = [spent(n) for n in range(200)]
    assert shares[:3] == [0.0, 0.0, 0.0]
    assert np.all(np.diff(shares[2:]) > 0)
    assert shares[3] == pytest.approx(1 - (20 / 21) ** 2)
    assert 1 - 1e-5 < spent(10_000) < 1


def test_under_the_null_the_boundary_is_crossed_as_often_as_was_spent():
    """In 200,000 sequences of 40 pairs, by every look, at three one-sided levels, within 4 standard errors."""
    paths = 200_000
    statistics = _t_statistics(np.random.default_rng(11).standard_normal((paths, 40)))[:, 1:]
    for level in (0.005, 0.05, 0.2):
        index = int(np.argmin(np.abs(LEVELS - level)))
        crossed = np.maximum.accumulate(statistics >= _critical_values(index, 40), axis=1).mean(axis=0)
        expected = LEVELS[index] * np.array([spent(n) for n in range(3, 41)])
        assert np.all(np.abs(crossed - expected) < 4 * np.sqrt(expected / paths))


@pytest.mark.parametrize("index", [0, 10, 15, 30, len(LEVELS) - 1])
def test_the_second_look_agrees_with_an_integration_forwards(index):
    """P(not at 3, but at 4) by adaptive quadrature over u = S/√Q, from 1e-6 to 0.5, equals what was to be spent at 4.

    u is uniform on ±√3 at three pairs; the next is (u + y) / √(1 + y²) with y√3 a t variable with 3 degrees of freedom.
    """
    level = LEVELS[index]
    third, fourth = (
        critical * math.sqrt(n / (n - 1 + critical**2))
        for n, critical in zip((3, 4), _critical_values(index, 4), strict=True)
    )

    def crossing(u):
        roots = np.roots([fourth**2 - 1, -2 * u, fourth**2 - u**2])  # (u + y)² = fourth²·(1 + y²)
        if np.iscomplexobj(roots) or np.any(u + roots < 0):
            return 0.0
        return float(abs(np.diff(stats.t.cdf(roots * math.sqrt(3), 3))[0]))

    least = math.sqrt(max(fourth**2 - 1, 0.0))
    assert third > least > 1
    value = integrate.quad(crossing, least, third, epsabs=0, epsrel=1e-8)[0] / (2 * math.sqrt(3))
    assert value == pytest.approx(level * (spent(4) - spent(3)), rel=2e-4)


def test_the_chain_of_t_statistics_runs_backwards_as_stated():
    """From s = T/√(n - 1) and an angle τ follows the s of one pair less; τ does not depend on s and has its density."""
    n = 5
    draws = np.random.default_rng(13).normal(0.3, 2.0, (20_000, n))
    s = _t_statistics(draws)[:, -1] / math.sqrt(n - 1)
    earlier = _t_statistics(draws)[:, -2] / math.sqrt(n - 2)
    residual = (draws[:, -1] - draws.mean(axis=1)) / np.sqrt(n * draws.var(axis=1))
    tau = np.arcsin(residual * math.sqrt(n / (n - 1)))
    assert (math.sqrt((n - 1) / n) * s - math.sqrt(1 / n) * np.sin(tau)) / np.cos(tau) == pytest.approx(earlier)
    assert stats.kstest(tau, lambda x: 0.5 + x / math.pi + np.sin(2 * x) / (2 * math.pi)).pvalue > 0.01
    assert abs(stats.spearmanr(s, tau).statistic) < 4 / math.sqrt(len(s))
    assert abs(stats.spearmanr(s, np.abs(tau)).statistic) < 4 / math.sqrt(len(s))


def test_beyond_the_exact_looks_no_more_is_spent_than_allowed():
    """From look 101 to look 400 sequences of zero mean cross for the first time at most α·(f(400) - f(100)) often."""
    paths = 20_000
    statistics = _t_statistics(np.random.default_rng(17).standard_normal((paths, 400)))[:, 1:]
    for index in (30, 40, len(LEVELS) - 1):
        critical = _critical_values(index, 400)
        crossed = statistics >= critical
        late = np.mean(crossed[:, LAST_EXACT - 2 :].any(axis=1) & ~crossed[:, : LAST_EXACT - 2].any(axis=1))
        allowed = LEVELS[index] * (spent(400) - spent(LAST_EXACT))
        assert late <= allowed + 2 * math.sqrt(allowed / paths)


@pytest.mark.parametrize("n", [3, 4, 10, 60, LAST_EXACT, LAST_EXACT + 1, 10_000])
def test_the_nominal_levels_rise_with_the_level_and_keep_bonferronis_bound(n):
    """A higher level rejects sooner, and no look is stricter than if earlier looks had taken nothing from it."""
    tails = boundary_tails(n)
    assert np.all(np.diff(tails) > 0)
    assert np.all(tails >= LEVELS * (spent(n) - spent(n - 1)) * (1 - 1e-4))
    assert np.all(tails < LEVELS)


def test_the_shipped_table_is_what_integration_gives():
    """Every level of the grid, at the first ten looks and, through them, at the fiftieth."""
    text = files("soundproof.analysis.statistics").joinpath(sequential_boundary.TABLE).read_text(encoding="utf-8")
    table = json.loads(text)
    assert table["levels"] == LEVELS.tolist()
    assert len(table["tails"]) == LAST_EXACT - FIRST_LOOK + 1
    for n in (*range(3, 13), 50):
        assert boundary_tails(n) == pytest.approx(integrated_tails(n), rel=1e-9)
