"""The blockwise bootstrap: against every draw there is, and against its own known weakness with few blocks."""

import itertools

import numpy as np
import pytest

from soundproof.analysis.statistics.block_bootstrap import DRAWS, block_bootstrap
from soundproof.analysis.statistics.clustered_ratios import clustered_ratio

STUDIES = 400


def test_the_interval_is_that_of_all_draws():
    """Four blocks have 256 draws: their quantiles and share above zero are met within Monte Carlo error."""
    errors, words = np.array([3.0, -1.0, 2.0, -2.0]), np.array([10.0, 20.0, 10.0, 5.0])
    every = [errors[list(draw)].sum() / words[list(draw)].sum() for draw in itertools.product(range(4), repeat=4)]
    found = block_bootstrap(errors, words, np.arange(4), np.random.default_rng(1), confidence=0.8)
    above = np.mean((np.sign(every) + 1) / 2)
    assert found.share_above == pytest.approx(above, abs=4 * np.sqrt(0.25 / DRAWS))
    assert found.interval.low == pytest.approx(np.quantile(every, 0.1), abs=0.02)
    assert found.interval.high == pytest.approx(np.quantile(every, 0.9), abs=0.02)


def test_blocks_are_drawn_whole():
    """Two utterances of a speaker are one block: with one speaker there is nothing to draw, with two three ratios."""
    errors, words = np.array([5.0, 0.0, 1.0, 2.0]), np.full(4, 10.0)
    assert block_bootstrap(errors, words, np.zeros(4, dtype=int), np.random.default_rng(0)) is None
    found = block_bootstrap(errors, words, np.array([0, 0, 1, 1]), np.random.default_rng(0), confidence=0.99)
    assert (found.interval.low, found.interval.high, found.blocks) == pytest.approx((0.15, 0.25, 2))


def test_the_same_generator_gives_the_same_interval():
    """Nothing is drawn but from the generator that is given."""
    arguments = np.arange(9.0) - 3, np.full(9, 7.0), np.arange(9)
    one, other = (block_bootstrap(*arguments, np.random.default_rng(5)) for _ in range(2))
    assert one == other


def test_many_blocks_fit_into_memory():
    """A split of 20,000 utterances is drawn in parts, with the same result as its normal approximation."""
    generator = np.random.default_rng(2)
    errors, words = generator.normal(0.1, 1.0, 20_000), np.full(20_000, 10.0)
    found = block_bootstrap(errors, words, np.arange(20_000), generator)
    expected = clustered_ratio(errors, words, np.arange(20_000)).interval()
    assert found.interval.low == pytest.approx(expected.low, abs=3e-4)
    assert found.interval.high == pytest.approx(expected.high, abs=3e-4)


def test_few_speakers_make_it_too_narrow():
    """Why it decides nothing: with 6 speakers 95% become less than 90%, where the t interval keeps them."""
    generator = np.random.default_rng(3)
    bootstrapped = by_t = 0
    for _ in range(STUDIES):
        errors = 2.0 + generator.normal(0, 3.0, 6)
        found = block_bootstrap(errors, np.full(6, 100.0), np.arange(6), generator).interval
        known = clustered_ratio(errors, np.full(6, 100.0), np.arange(6)).interval()
        bootstrapped += found.low <= 0.02 <= found.high
        by_t += known.low <= 0.02 <= known.high
    assert bootstrapped / STUDIES < 0.91
    assert by_t / STUDIES > 0.95 - 3 * np.sqrt(0.95 * 0.05 / STUDIES)
