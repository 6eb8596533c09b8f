"""Seeds take turns with the groups that validate and test."""

import math
from collections import Counter

import pytest
from grouped_examples import SPEAKERS, digits, tracks
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.specs import GroupSplit, Partition
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.corpora.sides import group_name
from soundproof.trainables.training.data.splitting import draw_partitions

SIDES: tuple[Partition, ...] = ("train", "validation", "test")


def _groups(examples: list[Example], split: GroupSplit, seed: int) -> dict[Partition, set[str]]:
    """The groups on each side; those that the corpus fixes are left out."""
    parts = draw_partitions(examples, split, seed, by_class=True)
    return {
        side: {group_name(examples[index]) for index in parts.of(side) if examples[index].partition is None}
        for side in SIDES
    }


@pytest.mark.parametrize("test_takes", [0, 1])
def test_six_seeds_see_six_speakers(test_takes: int) -> None:
    """Any six seeds in a row validate on all six, whether or not the corpus has a test set; the next tests."""
    examples = digits(test_takes=test_takes)
    turns = [_groups(examples, GroupSplit(), seed) for seed in range(12)]
    validating = [next(iter(turn["validation"])) for turn in turns]
    assert all(len(turn["validation"]) == 1 for turn in turns)
    assert all(set(validating[first : first + 6]) == set(SPEAKERS) for first in range(7))
    if not test_takes:
        assert [turn["test"] for turn in turns[:-1]] == [turn["validation"] for turn in turns[1:]]


@given(st.integers(3, 40), st.floats(0.01, 0.45), st.floats(0.01, 0.45), st.integers(0, 2**40))
def test_every_group_validates_equally_often(speakers: int, validation: float, test: float, first: int) -> None:
    """Over as many seeds as there are groups, wherever they begin; and never is a group on two sides.

    Where whole turns of several groups go round exactly, the same sets come again, and the first of a set tests more.
    """
    examples = [Example(key=str(n), target="a", recording=str(n), speaker=f"s{n:02}") for n in range(speakers)]
    split = GroupSplit(validation_fraction=validation, test_fraction=test)
    if max(1, round(validation * speakers)) + max(1, round(test * speakers)) >= speakers:
        return
    times: dict[Partition, Counter[str]] = {side: Counter() for side in SIDES}
    for seed in range(first, first + speakers):
        parts = draw_partitions(examples, split, seed, by_class=False)
        sides = {side: [examples[index].speaker or "" for index in parts.of(side)] for side in SIDES}
        assert sum(map(len, sides.values())) == len(set().union(*sides.values())) == speakers
        for side, groups in sides.items():
            times[side].update(groups)
    whole_turns = math.gcd(max(1, round(validation * speakers)), speakers) > 1
    for side in ("validation",) if whole_turns else ("validation", "test"):
        assert len(times[side]) == speakers
        assert len(set(times[side].values())) == 1


@given(st.integers(2, 4), st.integers(3, 25))
def test_tracks_take_turns_within_their_class(classes: int, tracks_per_class: int) -> None:
    """Every class is on every side for every seed, and over as many seeds as it has tracks each validates as often."""
    examples, times = tracks(classes, tracks_per_class), Counter[str]()
    for seed in range(tracks_per_class):
        groups = _groups(examples, GroupSplit(), seed)
        count = max(1, round(0.15 * tracks_per_class))
        for side in ("validation", "test"):
            assert Counter(name.split(".")[0] for name in groups[side]) == {str(n): count for n in range(classes)}
        assert not groups["train"] & (groups["validation"] | groups["test"])
        assert not groups["validation"] & groups["test"]
        times.update(groups["validation"])
    assert len(times) == classes * tracks_per_class
    assert len(set(times.values())) == 1


def test_classes_are_not_dealt_in_step() -> None:
    """The order of each class is its own: track 3 of one class does not always validate with track 3 of another."""
    numbers = [
        {name.split(".")[1] for name in _groups(tracks(2, 10), GroupSplit(), seed)["validation"]} for seed in range(3)
    ]
    assert any(len(found) > 1 for found in numbers)
