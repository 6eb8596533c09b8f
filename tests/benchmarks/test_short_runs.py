"""Double sampling by short runs: formulas against simulation, and correlations of made curves."""

import math

import numpy as np
import pytest

from benchmarks.short_run_curves import Curves
from benchmarks.short_runs import best_design, best_so_far, correlation, limit_ratio, regression_test, variance


def test_the_variance_is_that_of_simulated_estimates() -> None:
    """8 full runs and 24 short ones, correlated at 0.8."""
    generator, rho = np.random.default_rng(1), 0.8
    x = generator.normal(size=(40_000, 24))
    y = rho * x[:, :8] + math.sqrt(1 - rho**2) * generator.normal(size=(40_000, 8))
    estimate, errors = regression_test(x[:, :8], y, x[:, 8:])
    assert estimate.var() == pytest.approx(variance(rho, 8, 24), rel=0.03)
    assert np.mean(errors**2) == pytest.approx(variance(rho, 8, 24), rel=0.1)


@pytest.mark.parametrize(("rho", "cost"), [(0.9, 1 / 6), (0.8, 0.1)])
def test_the_limit_is_reached_by_the_best_of_large_designs(rho: float, cost: float) -> None:
    """Of 2,000 full runs, no number of short ones does better than the formula, and the best one as well."""
    plain = 1 / 2000
    costs = [variance(rho, 2000, short) / plain * (1 + cost * (short / 2000 - 1)) for short in range(2000, 20_000, 50)]
    assert min(costs) == pytest.approx(limit_ratio(rho, cost), rel=0.01)


def test_nothing_is_saved_where_the_square_of_the_correlation_is_the_cost() -> None:
    """As it is where every epoch is a step of its own."""
    assert limit_ratio(math.sqrt(0.3), 0.3) == 1.0
    assert limit_ratio(0.7, 0.3) < 1.0
    assert best_design(0.5, 0.5, 10).ratio == 1.0


def test_correlations_of_made_curves() -> None:
    """Falling curves whose epochs are independent steps: the correlation after half of them is the root of a half."""
    steps = np.random.default_rng(2).exponential(1, size=(5, 400, 8))
    losses = 100 - steps.cumsum(axis=2)
    made = Curves(study="made", preset="quick", losses=tuple(tuple(map(tuple, rows)) for rows in losses.tolist()))
    best = best_so_far(made)
    rho, freedom = correlation(best[:, :, 3], best[:, :, -1])
    assert rho == pytest.approx(math.sqrt(0.5), abs=0.05)
    assert freedom == 4 * 399


def test_a_function_that_is_there_twice_counts_once() -> None:
    """And a run that ended early keeps its best."""
    one, other = ((3.0, 2.0, 2.5), (3.0, 1.0)), ((4.0, 3.0, 2.0), (5.0, 4.0, 3.0))
    best = best_so_far(Curves(study="made", preset="quick", losses=(one, one, other)))
    assert best.shape == (2, 2, 3)
    assert best[0].tolist() == [[3.0, 2.0, 2.0], [3.0, 1.0, 1.0]]
