"""The spread over seeds, against simulated values whose deviation and correlation are known."""

import math

import numpy as np
import pytest

from soundproof.analysis.statistics.spread import spread_of


def test_deviation_and_correlation_are_those_of_the_truth():
    """Ten variants on 4,000 seeds that have half of their variance in common; means of variants do not matter."""
    generator = np.random.default_rng(0)
    common, own = generator.normal(0, 3, (1, 4_000)), generator.normal(0, 3, (10, 4_000))
    found = spread_of(common + own + np.arange(10)[:, None] * 100)
    assert found.deviation == pytest.approx(math.sqrt(18), rel=0.03)
    assert found.correlation == pytest.approx(0.5, abs=0.03)
    assert found.of_difference == pytest.approx(math.sqrt(18), rel=0.03)
    assert (found.variants, found.values) == (10, 40_000)


def test_variances_count_by_their_degrees_of_freedom():
    """3 values with a variance of 1 and 5 with one of 4: (2·1 + 4·4) / 6. They share no three seeds: no correlation."""
    values = np.full((3, 8), np.nan)
    values[0, :3], values[1, 3:] = [0, 1, 2], np.array([-2, -2, 0, 2, 2])
    values[2, 0] = 50.0  # one value alone shows nothing
    found = spread_of(values)
    assert found.deviation == pytest.approx(math.sqrt(18 / 6))
    assert (found.correlation, found.variants, found.values) == (0.0, 2, 8)


def test_two_variants_have_pearsons_correlation():
    """Where both have the same spread the mean correlation is the usual one."""
    first = np.array([1.0, 2.0, 3.0, 4.0])
    second = np.array([2.0, 1.0, 4.0, 3.0])
    assert spread_of(np.stack([first, second])).correlation == pytest.approx(np.corrcoef(first, second)[0, 1])


@pytest.mark.parametrize("values", [[[1.0, 2.0]], [[np.nan] * 4], [[1.0] * 4]])
def test_nothing_is_known_of_too_little(values):
    """Two seeds, none, or values without any spread."""
    assert spread_of(np.array(values)) is None
