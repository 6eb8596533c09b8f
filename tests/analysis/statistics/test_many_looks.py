"""What is fast for thousands of seeds gives the numbers of the plain way, to the last bit."""

import math

import numpy as np
import pytest
from scipy import special

from soundproof.analysis.statistics import paired_tests, sequential, untrained
from soundproof.analysis.statistics.looks import paired_looks
from soundproof.analysis.statistics.sequential_boundary import (
    FIRST_LOOK,
    LEVELS,
    boundary_tails,
    log_boundary,
    log_boundary_at,
)

EFFECTS = (0.0, 0.05, 0.3, 3.0, -0.3)


def _series(effect, n, rounded=False, seed=0):
    values = np.random.default_rng(seed).normal(effect, 1, n)
    return np.round(values) if rounded else values


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize(("n", "rounded"), [(3, False), (60, False), (700, True), (1500, False)])
def test_the_least_level_is_that_of_all_looks(monkeypatch, effect, n, rounded):
    """Of few looks and of many, near the null and far from it."""
    monkeypatch.setattr(sequential, "_FEW", 0)
    looks = paired_looks(_series(effect, n, rounded), 0.01)
    places = np.arange(FIRST_LOOK - 1, n)
    numbers = looks.numbers[places]
    for null in (0.0, 0.02, -0.1, 2.9):
        plain = float(sequential.sequential_levels(numbers, looks.tails(null)[places]).min())
        fast = sequential.least_level(
            numbers, looks.floors(null)[places], lambda some, null=null: looks.at(places[some]).tails(null)
        )
        assert fast == plain


def test_few_looks_are_computed_in_full():
    """Of 1,500 looks at nothing none, of those at something some: p values are what takes the time."""
    asked = []
    for effect in (0.0, 0.1):
        looks = paired_looks(_series(effect, 1500, seed=3))
        places = np.arange(FIRST_LOOK - 1, 1500)

        def tails(some, looks=looks, places=places):
            asked.append(len(some))
            return looks.at(places[some]).tails(0.0)

        sequential.least_level(looks.numbers[places], looks.floors(0.0)[places], tails)
    assert sum(asked) < 300


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("confidence", [0.95, 0.999, 1 - 2e-6, 1 - 2e-8])
def test_the_interval_is_that_of_all_looks(monkeypatch, effect, confidence):
    """Both ends, where they are what all looks have in common and where that is nothing."""
    monkeypatch.setattr(sequential, "_FEW", 0)
    looks = paired_looks(_series(effect, 800))
    found = sequential.sequential_interval(looks, confidence).interval
    usable = np.arange(FIRST_LOOK - 1, 800)
    tails = [sequential.nominal_tail(n, (1 - confidence) / 2) for n in looks.numbers[usable].tolist()]
    halves = -special.stdtrit(looks.freedom[usable], tails) * looks.errors[usable]
    lows, highs = looks.means[usable] - halves, looks.means[usable] + halves
    expected = (lows.max(), highs.min()) if lows.max() <= highs.min() else (lows[-1], highs[-1])
    assert (found.low, found.high) == expected


def test_tables_of_the_boundary_are_those_of_each_look():
    """Whole, by rows and by columns, early looks and late ones."""
    expected = np.log(np.stack([boundary_tails(n) for n in range(3, 701)]))
    for looks in (np.arange(3, 701), np.array([3, 99, 100, 101, 650]), np.array([650, 700]), np.array([7, 7, 90])):
        assert np.array_equal(log_boundary(looks), expected[looks - 3])
    for level in (0, 17, len(LEVELS) - 1):
        assert np.array_equal(log_boundary_at(level, 700), expected[:, level])
    for level in (0.025, 0.1 / 7, float(LEVELS[5]), 0.5, 1e-7):
        tails = [sequential.nominal_tail(n, level) for n in (3, 50, 400)]
        assert sequential.nominal_tails(np.array([3, 50, 400]), level).tolist() == tails


def _welford(values):
    mean = squares = 0.0
    found, same = [], True
    for n, value in enumerate(values, start=1):
        same = same and value == values[0]
        change = value - mean
        mean = value if same else mean + change / n
        squares += 0.0 if same else change * (value - mean)
        found.append((mean, math.sqrt(squares / (n - 1)) if n > 1 else math.nan))
    return [list(column) for column in zip(*found, strict=True)]


@pytest.mark.parametrize("values", [[1e9 + 0.1] * 5 + [1e9, 1.0], [0.3], [0.1, 0.2, 0.1], [0.7] * 4])
def test_prefix_moments_are_those_of_the_plain_recurrence(values):
    """With a start of equal values, and without any other."""
    means, deviations = paired_tests.prefix_moments(np.array(values))
    expected = _welford(values)
    assert means.tolist() == expected[0]
    assert deviations.tolist()[1:] == expected[1][1:]
    assert math.isnan(deviations[0])


@pytest.mark.parametrize("n", [17, 40, 64, 5000])
def test_flips_that_are_looked_up_are_those_that_are_drawn(n):
    """The p value of flips as bits, multiplied one by one."""
    differences = _series(0.1, n)
    generator, as_far = np.random.default_rng(4), 0
    total, slack = differences.sum(), 1e-12 * np.abs(differences).sum()
    for _ in range(20):
        drawn = generator.integers(0, 256, size=(1000, -(-n // 8)), dtype=np.uint8)
        sums = total - 2 * (np.unpackbits(drawn, axis=1, count=n).astype(float) @ differences)
        as_far += int(np.sum(np.abs(sums) >= abs(total) - slack))
    assert paired_tests.permutation_p_value(differences, np.random.default_rng(4)) == (1 + as_far) / 20_001


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2])
def test_untrained_runs_are_those_of_the_plain_recurrence(monkeypatch, share):
    """With none, few and many of them, and with missing values."""
    generator = np.random.default_rng(5)
    values = generator.normal(size=(6, 200))
    values[generator.random(values.shape) < share] += 40
    values[:, 3:][generator.random((6, 197)) < 0.05] = np.nan
    found = untrained.untrained(values, 0.1, higher_is_better=False)
    monkeypatch.setattr(untrained, "_own_limits", lambda later, trained: np.full(len(later) // 8, -np.inf))
    assert np.array_equal(found, untrained.untrained(values, 0.1, higher_is_better=False))
    assert found.any() == (share > 0)
