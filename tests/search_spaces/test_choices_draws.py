"""How numbers are drawn: the distributions that the ranges announce, and grids hit exactly."""

import math
from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from spaces_strategies import assignments, draw, integer_ranges, replay, stepped_ranges

from soundproof.search_spaces.choices import integers, locate, one_of, ordering, reals
from soundproof.search_spaces.choices.nodes import IntegerRange, RealRange
from soundproof.search_spaces.specs import SpecError

SAMPLES = 4000
LEAST_P = 0.01


def _draws(node: IntegerRange | RealRange, seed: int = 7) -> list[float]:
    random = Random(seed)
    return [float(draw(node, random, "x")["x"]) for _ in range(SAMPLES)]  # type: ignore[arg-type]


def test_logarithmic_numbers_are_uniform_in_the_logarithm() -> None:
    """Kolmogorov and Smirnov see no difference from a log-uniform distribution, and see that it is not uniform."""
    drawn = _draws(reals(1e-4, 1e-1, log=True))
    assert stats.kstest(drawn, stats.loguniform(1e-4, 1e-1).cdf).pvalue > LEAST_P
    assert stats.kstest(drawn, stats.uniform(1e-4, 1e-1).cdf).pvalue < 1e-9


def test_numbers_are_uniform() -> None:
    """Without log, all of the range is equally likely."""
    assert stats.kstest(_draws(reals(-2.0, 3.0)), stats.uniform(-2.0, 5.0).cdf).pvalue > LEAST_P


def test_logarithmic_whole_numbers() -> None:
    """Each is as likely as the stretch of the logarithm that is rounded to it; both ends occur."""
    low, high = 1, 32
    counts = Counter(_draws(integers(low, high, log=True)))
    whole = math.log((high + 0.5) / (low - 0.5))
    expected = [SAMPLES * math.log((k + 0.5) / (k - 0.5)) / whole for k in range(low, high + 1)]
    assert stats.chisquare([counts[k] for k in range(low, high + 1)], expected).pvalue > LEAST_P


@pytest.mark.parametrize("node", [integers(2, 20, step=3), reals(0.1, 0.7, step=0.1)])
def test_steps_are_equally_likely(node: IntegerRange | RealRange) -> None:
    """Every value of a range with steps is drawn as often as any other."""
    counts = Counter(_draws(node))
    assert len(counts) == 7
    assert stats.chisquare(list(counts.values())).pvalue > LEAST_P


def test_options_are_equally_likely() -> None:
    """So is every option, and every ordering."""
    random = Random(7)
    for node, options in ((one_of("a", "b", "c"), 3), (ordering("a", "b", "c"), 6)):
        counts = Counter(draw(node, random, "x")["x"] for _ in range(SAMPLES))
        assert len(counts) == options
        assert stats.chisquare(list(counts.values())).pvalue > LEAST_P


@given(stepped_ranges())
def test_steps_hit_the_decimal_grid(node: RealRange) -> None:
    """The values are those of decimal arithmetic, as one would write them: 0.1, 0.2, 0.3."""
    low, high, step = (Decimal(str(value)) for value in (node.low, node.high, node.step))
    expected = [float(low + index * step) for index in range(int((high - low) / step) + 1)]
    assert [found["x"] for found in assignments(node, "x")] == expected


@given(stepped_ranges(), st.randoms(use_true_random=False))
def test_rounding_of_others_is_undone(node: RealRange, random: Random) -> None:
    """A value that another library calculated as low + index * step stands for the one that is meant."""
    assert node.step is not None
    values = [found["x"] for found in assignments(node, "x")]
    index = random.randrange(len(values))
    assert replay(node, {"x": node.low + index * node.step}, "x") == values[index]
    with pytest.raises(SpecError, match="in steps of"):
        replay(node, {"x": node.low + (index + 0.5) * node.step}, "x")


@given(integer_ranges())
def test_whole_numbers_are_those_of_range(node: IntegerRange) -> None:
    """The values are those of Python's own range."""
    assert [found["x"] for found in assignments(node, "x")] == list(range(node.low, node.high + 1, node.step))


@pytest.mark.parametrize("value", [True, 0, 12, 1.5, "3", None, math.nan, math.inf, -math.inf])
def test_values_outside_are_refused_and_not_found(value: object) -> None:
    """Neither a truth value nor what lies outside or between is a value of a range."""
    for node in (integers(1, 11, step=2), reals(1.0, 11.0, step=1.0)):
        with pytest.raises(SpecError, match=r"x must be 1 to 11"):
            replay(node, {"x": value}, "x")  # type: ignore[dict-item]
        assert locate(node, value, "x") is None
