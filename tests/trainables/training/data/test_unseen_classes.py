"""Splits of whole classes: nothing of a class on two sides, and pairs of clips to be had on both that are held out."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.specs import ClassSplit
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.training.data.splitting import Partitions, draw_partitions


def _clips(recordings: Sequence[int], pieces: int = 1) -> list[Example]:
    """So many recordings of each class."""
    return [
        Example(key=f"{label}.{number}.{piece}", target=f"class {label:02}", recording=f"{label}.{number}")
        for label, count in enumerate(recordings)
        for number in range(count)
        for piece in range(pieces)
    ]


def _split(clips: Sequence[Example], seed: int) -> Partitions:
    return draw_partitions(clips, ClassSplit(), seed, by_class=False)


def _sides(clips: Sequence[Example], parts: Partitions) -> list[set[str]]:
    return [{clips[index].target for index in side} for side in (parts.train, parts.validation, parts.test)]


@given(st.lists(st.integers(2, 12), min_size=6, max_size=30), st.integers(1, 3), st.integers(0, 2**40))
def test_every_class_is_whole_on_one_side(recordings: list[int], pieces: int, seed: int) -> None:
    """All clips are dealt, each side has two classes or more, and the same seed deals the same."""
    clips = _clips(recordings, pieces)
    parts = _split(clips, seed)
    sides = _sides(clips, parts)
    assert sum(map(len, sides)) == len(set.union(*sides)) == len(recordings)
    assert min(map(len, sides)) >= 2
    assert sorted([*parts.train, *parts.validation, *parts.test]) == list(range(len(clips)))
    assert parts == _split(clips, seed)


def test_seeds_take_turns_and_shares_are_of_clips() -> None:
    """Twenty equal classes: three validate and three test; over twenty seeds each validates three times."""
    clips = _clips([5] * 20)
    validated = [_sides(clips, _split(clips, seed))[1] for seed in range(20)]
    assert {len(side) for side in validated} == {3}
    assert {sum(f"class {label:02}" in side for side in validated) for label in range(20)} == {3}


def test_the_largest_class_and_those_of_one_recording_train() -> None:
    """The first has half of all clips; of the last, no two clips of different recordings could be compared."""
    clips = _clips([60, *[6] * 10, 1])
    for seed in range(12):
        assert {"class 00", "class 11"} <= _sides(clips, _split(clips, seed))[0]


def test_classes_that_share_a_recording_stay_together() -> None:
    """A recording cut for two classes is on one side."""
    clips = _clips([4] * 9)
    clips[0] = replace(clips[0], recording=clips[4].recording)
    clips[5] = replace(clips[5], recording=clips[8].recording)
    for seed in range(9):
        sides = _sides(clips, _split(clips, seed))
        assert sum(bool({"class 00", "class 01", "class 02"} & side) for side in sides) == 1


@pytest.mark.parametrize("recordings", [[4] * 5, [4, 4, 4, 1, 1, 1], [4, 4]])
def test_too_few_classes_are_refused(recordings: list[int]) -> None:
    """With what is needed, what there is, and what helps."""
    with pytest.raises(CorpusError, match="needs 2 classes each to train.* got . class.*choose another split"):
        _split(_clips(recordings), 0)


def test_sides_that_the_corpus_fixes_are_taken_where_they_hold_whole_classes() -> None:
    """Otherwise the class is named; so is a side without pairs."""
    clips = _clips([3] * 9)
    own = [replace(clip, partition="test" if clip.target in {"class 00", "class 01"} else None) for clip in clips]
    for seed in range(3):
        train, validation, test = _sides(own, _split(own, seed))
        assert (len(train), len(validation), test) == (5, 2, {"class 00", "class 01"})
    own[0] = replace(own[0], partition="train")
    with pytest.raises(CorpusError, match="class 00 on two sides, train and test .*leave the partitions out"):
        _split(own, 0)
    alone = [replace(clip, partition="test" if clip.target == "class 00" else None) for clip in clips]
    with pytest.raises(CorpusError, match="2 classes with two recordings each for test, got 1 of 1 class"):
        _split(alone, 0)
    fixed = [replace(clip, partition="test" if index % 3 else "validation") for index, clip in enumerate(clips)]
    with pytest.raises(CorpusError, match="on two sides, validation and test"):
        _split(fixed, 0)
