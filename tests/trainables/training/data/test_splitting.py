"""Splits: whole groups, seeded, nothing lost, nothing leaked."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.corpus_names import SPLITS
from soundproof.search_spaces.specs import FoldSplit, GroupFoldSplit, GroupSplit, Partition, RandomSplit
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.training.data.splitting import Partitions, draw_partitions


def _utterances(speakers: list[int], fixed_test: int = 0) -> list[Example]:
    free = [
        Example(key=f"u{index}", target="a", recording=f"r{index}", speaker=f"s{speaker}")
        for index, speaker in enumerate(speakers)
    ]
    fixed = [
        Example(key=f"t{index}", target="a", recording=f"t{index}", speaker="s0", partition="test")
        for index in range(fixed_test)
    ]
    return free + fixed


def _split(examples: list[Example], seed: int) -> Partitions:
    return draw_partitions(examples, GroupSplit(), seed, by_class=False)


@given(st.lists(st.integers(0, 9), min_size=30, max_size=80), st.integers(0, 2**40))
def test_no_speaker_on_two_sides(speakers: list[int], seed: int) -> None:
    """Every utterance is in one partition, and every speaker on one side."""
    utterances = _utterances([*range(10), *speakers])
    parts = _split(utterances, seed)
    sides = [{utterances[index].speaker for index in part} for part in (parts.train, parts.validation, parts.test)]
    assert sorted([*parts.train, *parts.validation, *parts.test]) == list(range(len(utterances)))
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]


def test_the_seed_decides() -> None:
    """The same seed gives the same split; others give others."""
    utterances = _utterances(list(range(20)))
    splits = {_split(utterances, seed).validation for seed in range(10)}
    assert len(splits) > 5
    assert _split(utterances, 3) == _split(utterances, 3)


def test_a_corpus_with_a_test_set_keeps_it() -> None:
    """Official test utterances stay, and none is added; validation still comes from whole speakers."""
    utterances = _utterances([speaker for speaker in range(6) for _ in range(10)], fixed_test=7)
    parts = _split(utterances, 0)
    assert parts.test == tuple(range(60, 67))
    assert len(parts.validation) == 10
    assert len(parts.train) == 50


def test_recordings_are_groups_where_no_speaker_is_named() -> None:
    """Pieces of one recording stay together."""
    utterances = [Example(key=f"u{n}", target="a", recording=f"r{n % 7}") for n in range(70)]
    parts = _split(utterances, 0)
    sides = [{utterances[index].recording for index in part} for part in (parts.train, parts.validation, parts.test)]
    assert sum(len(side) for side in sides) == 7


def test_too_few_groups_are_refused() -> None:
    """One speaker cannot be on three sides, and the error says what is missing."""
    with pytest.raises(CorpusError, match="no example is left for train.*With fewer than 3 speakers, leave out"):
        _split(_utterances([0, 0, 1, 1]), 0)


def _clips(classes: int, recordings: int, pieces: int, folds: int | None = None) -> list[Example]:
    """Pieces of recordings of each class; recording r is in fold r mod folds, counted from 1."""
    return [
        Example(
            key=f"{label}/{recording}/{piece}",
            target=f"class {label}",
            recording=f"{label}/{recording}",
            fold=None if folds is None else 1 + recording % folds,
        )
        for label in range(classes)
        for recording in range(recordings)
        for piece in range(pieces)
    ]


def _classes(clips: list[Example], part: Sequence[int]) -> Counter[str]:
    return Counter(clips[index].target for index in part)


@given(st.integers(2, 5), st.integers(3, 30), st.integers(1, 4), st.integers(0, 2**40))
def test_every_side_has_its_share_of_every_class(classes: int, recordings: int, pieces: int, seed: int) -> None:
    """With three recordings or more of each class, no side lacks a class, and no recording is on two sides."""
    clips = _clips(classes, recordings, pieces)
    parts = draw_partitions(clips, GroupSplit(), seed, by_class=True)
    held_out = max(1, round(0.15 * recordings)) * pieces
    for part, count in ((parts.validation, held_out), (parts.test, held_out)):
        assert _classes(clips, part) == {f"class {label}": count for label in range(classes)}
    assert len(_classes(clips, parts.train)) == classes
    sides = [{clips[index].recording for index in parts.of(side)} for side in ("train", "validation", "test")]
    assert sum(map(len, sides)) == len(set.union(*sides)) == classes * recordings


def test_folds_are_tested_in_turn() -> None:
    """Five seeds test each of five folds once, validate on the next, and train on the other three."""
    clips = _clips(3, 10, 2, folds=5)
    seen = []
    for seed in range(7):
        parts = draw_partitions(clips, FoldSplit(), seed, by_class=True)
        folds = [{clips[index].fold for index in parts.of(side)} for side in ("train", "validation", "test")]
        assert folds[1] == {1 + (seed + 1) % 5}
        assert len(folds[0]) == 3
        assert not folds[0] & (folds[1] | folds[2])
        seen += folds[2]
    assert seen == [1, 2, 3, 4, 5, 1, 2]


def test_groups_are_cross_validated_where_a_corpus_has_no_folds() -> None:
    """Five seeds test every recording once, on the same folds, no recording on two sides, every class on each."""
    clips = _clips(3, 11, 4)
    tested: list[int] = []
    for seed in range(5):
        parts = draw_partitions(clips, GroupFoldSplit(folds=5), seed, by_class=True)
        sides = [{clips[index].recording for index in parts.of(side)} for side in ("train", "validation", "test")]
        assert sum(map(len, sides)) == len(set.union(*sides)) == 33
        assert all(len(_classes(clips, parts.of(side))) == 3 for side in ("train", "validation", "test"))
        assert 4 * 6 <= len(parts.test) <= 4 * 9
        tested += parts.test
    assert sorted(tested) == list(range(len(clips)))
    speakers = _utterances([speaker for speaker in range(6) for _ in range(10)])
    parts = draw_partitions(speakers, GroupFoldSplit(folds=6), 2, by_class=False)
    assert [len(parts.of(side)) for side in ("train", "validation", "test")] == [40, 10, 10]


def test_more_folds_than_recordings_are_refused() -> None:
    """The class that has too few is named."""
    with pytest.raises(CorpusError, match=r"5 folds need 5 recordings \(or speakers\) of class 0, got 4"):
        draw_partitions(_clips(2, 4, 3), GroupFoldSplit(), 0, by_class=True)


def test_folds_must_be_there() -> None:
    """A corpus without folds cannot be split by them."""
    with pytest.raises(CorpusError, match=r"needs every clip in one of three or more folds, got 0 folds.*by groups"):
        draw_partitions(_clips(3, 10, 2), FoldSplit(), 0, by_class=True)


def test_a_random_split_leaks_and_keeps_the_shares() -> None:
    """Clips are dealt one by one: recordings fall on both sides, and each class keeps its share on every side."""
    clips = _clips(4, 10, 10)
    split = RandomSplit(validation_fraction=0.14, test_fraction=0.3)
    parts = draw_partitions(clips, split, 5, by_class=True)
    assert (len(parts.test), len(parts.validation), len(parts.train)) == (120, 56, 224)
    assert set(_classes(clips, parts.test).values()) == {30}
    both = {clips[index].recording for index in parts.train} & {clips[index].recording for index in parts.test}
    assert len(both) > 30
    assert parts == draw_partitions(clips, split, 5, by_class=True)
    assert parts != draw_partitions(clips, split, 6, by_class=True)


def test_a_split_of_the_documents_is_the_same_for_all_seeds() -> None:
    """70, 20 and 10 of 100 in each class, drawn once; the split of 70, 15 and 15 goes on to follow the trial."""
    clips = _clips(10, 40, 1)
    split = SPLITS["random-70-20-10"]
    parts = draw_partitions(clips, split, 0, by_class=True)
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (280, 80, 40)
    assert [set(_classes(clips, parts.of(side)).values()) for side in get_args(Partition)] == [{28}, {8}, {4}]
    assert parts == draw_partitions(clips, split, 1, by_class=True)
    assert split.digest() != RandomSplit(validation_fraction=0.2, test_fraction=0.1).digest()


def test_a_corpus_that_fixes_its_utterances_needs_no_test() -> None:
    """Who trains and who validates is enough, where no classes are counted."""
    fixed = [replace(example, partition="train") for example in _utterances([1, 2, 3])]
    fixed[0] = replace(fixed[0], partition="validation")
    parts = draw_partitions(fixed, GroupSplit(), 0, by_class=False)
    assert (parts.train, parts.validation, parts.test) == ((1, 2), (0,), ())


@pytest.mark.parametrize("split", [GroupSplit(), RandomSplit(validation_fraction=0.25, test_fraction=0.25)])
@pytest.mark.parametrize("marked", ["test", "validation"])
def test_a_side_that_nobody_is_marked_for_is_drawn_from_training(
    split: GroupSplit | RandomSplit, marked: Partition
) -> None:
    """As corpora are published with a test and no validation, or the other way round; what is marked stays."""
    sides: list[Partition] = ["train", "train", "train", marked]
    clips = [replace(clip, partition=sides[place % 4]) for place, clip in enumerate(_clips(4, 20, 1))]
    fixed = tuple(place for place, clip in enumerate(clips) if clip.partition == marked)
    drawn: Partition = "validation" if marked == "test" else "test"
    found = {seed: draw_partitions(clips, split, seed, by_class=True) for seed in range(4)}
    for parts in found.values():
        assert parts.of(marked) == fixed
        assert sorted([*parts.train, *parts.validation, *parts.test]) == list(range(len(clips)))
        assert 1 <= len(parts.of(drawn)) / 4 <= 5
    assert len({parts.of(drawn) for parts in found.values()}) == 4


def test_a_side_cannot_be_drawn_from_folds_that_are_not_there() -> None:
    """Other splits have no share for a single side: they are refused as before."""
    fixed = [replace(example, partition="train") for example in _utterances([1, 2, 3])]
    with pytest.raises(CorpusError, match="no example is left for validation"):
        draw_partitions(fixed, FoldSplit(), 0, by_class=False)


def test_a_class_with_one_example_is_named() -> None:
    """It cannot be trained, validated and tested; the error says which class, and what to do, for every split."""
    clips = [*_clips(2, 10, 1), Example(key="lone", target="lone class", recording="lone")]
    with pytest.raises(CorpusError, match=r"has no example of lone class.*Add recordings, or remove the class"):
        draw_partitions(clips, GroupSplit(), 0, by_class=True)
    with pytest.raises(CorpusError, match="share of each class.*add clips to the smallest classes"):
        draw_partitions(clips, RandomSplit(validation_fraction=0.2, test_fraction=0.2), 0, by_class=True)


def test_speakers_of_all_classes_are_dealt_as_a_whole() -> None:
    """Where every speaker says every word, classes do not get in the way: one speaker validates, another tests."""
    clips = [
        Example(key=f"{speaker}/{word}", target=f"word {word}", recording=f"{speaker}/{word}", speaker=f"s{speaker}")
        for speaker in range(6)
        for word in range(10)
    ]
    parts = draw_partitions(clips, GroupSplit(), 3, by_class=True)
    assert [len(parts.of(side)) for side in ("train", "validation", "test")] == [40, 10, 10]
