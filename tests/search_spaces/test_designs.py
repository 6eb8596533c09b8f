"""Factorial designs: balance, aliases, and that every fraction is the best that there is."""

import itertools
import math

import numpy as np
import pytest

from soundproof.search_spaces.designs import (
    MOST_FACTORS,
    Design,
    fractions,
    fractions_of,
    full_design,
    usual_runs,
)

ALL = [(factors, runs) for factors in range(2, MOST_FACTORS + 1) for runs in fractions_of(factors)]

PUBLISHED = {
    (3, 4): {3: 1},
    (4, 8): {4: 1},
    (5, 8): {3: 2, 4: 1},
    (6, 8): {3: 4, 4: 3},
    (7, 8): {3: 7, 4: 7, 7: 1},
    (5, 16): {5: 1},
    (6, 16): {4: 3},
    (7, 16): {4: 7},
    (8, 16): {4: 14, 8: 1},
    (6, 32): {6: 1},
    (7, 32): {4: 1, 5: 2},
    (8, 32): {4: 3, 5: 4},
    (9, 32): {4: 6, 5: 8, 8: 1},
    (10, 32): {4: 10, 5: 16, 8: 5},
}
"""Word lengths by factors and combinations (as tabulated in Wu and Hamada 2000, chapter 4)."""


def test_there_is_a_fraction_of_every_size() -> None:
    """From a quarter of 16 combinations to 32, for three to ten factors."""
    assert sorted(ALL) == sorted([*PUBLISHED, (9, 16), (10, 16)])
    assert [usual_runs(factors) for factors in range(2, 11)] == [4, 8, 16, 16, 16, 16, 16, 32, 32]


@pytest.mark.parametrize(("factors", "runs"), PUBLISHED)
def test_word_lengths_are_the_published_ones(factors: int, runs: int) -> None:
    """Computed from the generators, and so is the resolution."""
    design = fractions(factors, runs)[0]
    assert design.word_lengths == PUBLISHED[factors, runs]
    assert design.resolution == min(PUBLISHED[factors, runs])


@pytest.mark.parametrize(("factors", "runs"), ALL)
def test_no_other_fraction_has_less_aberration(factors: int, runs: int) -> None:
    """Of all ways to choose generators none has fewer words of the shortest length in which the two differ."""
    basic = round(math.log2(runs))
    products = [mask for mask in range(2**basic) if mask.bit_count() >= 2]
    chosen = np.array(list(itertools.combinations(products, factors - basic)))
    chosen |= 1 << (basic + np.arange(chosen.shape[1]))
    lengths = np.zeros((len(chosen), factors + 1), dtype=int)
    for some in range(1, 2 ** chosen.shape[1]):
        word = np.zeros(len(chosen), dtype=int)
        for place in range(chosen.shape[1]):
            if some >> place & 1:
                word ^= chosen[:, place]
        counts = np.bitwise_count(word)
        lengths[np.arange(len(chosen)), counts] += 1
    least = min(map(tuple, np.unique(lengths[:, 1:], axis=0).tolist()))
    found = fractions(factors, runs)[0].word_lengths
    assert tuple(found.get(length, 0) for length in range(1, factors + 1)) == least


@pytest.mark.parametrize(("factors", "runs"), ALL)
def test_main_effects_are_orthogonal_and_aliases_are_the_same_contrast(factors: int, runs: int) -> None:
    """In every fraction: half of the combinations at each level, balanced over all others; aliases equal up to sign."""
    for design in fractions(factors, runs)[:4]:
        assert len(set(design.combinations)) == runs
        columns = np.array([design.contrast(frozenset({factor})) for factor in range(factors)])
        assert (columns @ columns.T == runs * np.eye(factors, dtype=int)).all()
        for effect in (frozenset({0}), frozenset({0, factors - 1})):
            column = np.array(design.contrast(effect))
            for alias in design.aliases(effect):
                assert abs(column @ np.array(design.contrast(alias))) == runs
    assert fractions(factors, runs)[0].combinations[0] == (1,) * factors


def test_all_combinations_confound_nothing() -> None:
    """Every effect has a contrast of its own."""
    design = full_design(3)
    assert (design.words, design.resolution, design.aliases(frozenset({0}))) == ((), None, ())
    effects = [frozenset(some) for n in (1, 2, 3) for some in itertools.combinations(range(3), n)]
    columns = np.array([design.contrast(effect) for effect in effects])
    assert (columns @ columns.T == 8 * np.eye(7, dtype=int)).all()


def test_aliases_of_a_half() -> None:
    """D = ABC: a main effect with the other three together, and two with the other two."""
    design = Design(factors=4, generators=(frozenset({0, 1, 2}),), signs=(1,))
    assert design.aliases(frozenset({3})) == (frozenset({0, 1, 2}),)
    assert design.aliases(frozenset({0, 1})) == (frozenset({2, 3}),)
