"""Pairs of clips: all of them, or as many as are asked about, and never two of one recording."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.training.data.clip_pairs import ClipPairs, clip_pairs

EXAMPLES = [
    Example(key=str(index), target=f"class {index % 4}", recording=f"{index % 4}.{index // 8}") for index in range(64)
]
"""Four classes of eight recordings with two clips each."""


def _set(pairs: ClipPairs) -> set[tuple[int, int, bool]]:
    return set(zip(pairs.first.tolist(), pairs.second.tolist(), pairs.same.tolist(), strict=True))


def _all(indices: list[int]) -> set[tuple[int, int, bool]]:
    chosen = [EXAMPLES[index] for index in indices]
    return {
        (first, second, one.target == other.target)
        for (first, one), (second, other) in itertools.combinations(enumerate(chosen), 2)
        if one.recording != other.recording
    }


@given(st.lists(st.integers(0, 63), min_size=2, unique=True), st.integers(0, 2**40))
def test_all_pairs_are_those_of_different_recordings(indices: list[int], seed: int) -> None:
    """Each once, whatever the seed; those of one class stand first."""
    pairs = clip_pairs(EXAMPLES, indices, seed)
    assert _set(pairs) == _all(indices)
    assert len(pairs.same) == len(_all(indices))
    assert sorted(pairs.same.tolist(), reverse=True) == pairs.same.tolist()


@given(st.integers(2, 2200), st.integers(0, 2**40))
@settings(max_examples=20)
def test_where_there_are_more_the_seed_draws(most: int, seed: int) -> None:
    """Half of one class and half of two, or all of a kind that has fewer; the same for the same seed alone."""
    indices = list(range(64))
    every, pairs = _all(indices), clip_pairs(EXAMPLES, indices, seed, most=most)
    of_one = sum(same for *_, same in every)
    assert (of_one, len(every)) == (448, 1984)
    assert len(_set(pairs)) == len(pairs.same) == min(most, 1984)
    assert _set(pairs) <= every
    assert pairs.same.sum() == min(448, most - most // 2)
    again, another = (clip_pairs(EXAMPLES, indices, other, most=most) for other in (seed, seed + 1))
    assert _set(again) == _set(pairs)
    assert (_set(another) == _set(pairs)) == (most >= 1984) or most < 100


@pytest.mark.parametrize("most", [10, 1000])
def test_few_of_two_classes_leave_room_for_those_of_one(most: int) -> None:
    """Nearly all clips are of one class."""
    many = [Example(key=str(index), target="a" if index else "b", recording=str(index)) for index in range(100)]
    pairs = clip_pairs(many, range(100), 0, most=most)
    assert (len(pairs.same), int((~pairs.same).sum())) == (most, min(99, most // 2))


def test_draws_are_uniform() -> None:
    """Over 400 seeds each pair comes about as often: of each kind 200 are drawn at a time."""
    drawn = np.zeros((64, 64), dtype=np.int64)
    same = np.zeros((64, 64), dtype=np.bool_)
    for seed in range(400):
        pairs = clip_pairs(EXAMPLES, range(64), seed, most=400)
        drawn[pairs.first, pairs.second] += 1
        same[pairs.first, pairs.second] = pairs.same
    for of_one, number in ((True, 448), (False, 1536)):
        share = 200 / number
        counts = drawn[(drawn > 0) & (same == of_one)]
        assert len(counts) == number
        assert np.abs(counts - 400 * share).max() < 5 * np.sqrt(400 * share * (1 - share))
