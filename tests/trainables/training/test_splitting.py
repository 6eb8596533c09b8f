"""Splits: whole groups, seeded, nothing lost, nothing leaked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_spaces.specs import GroupSplit
from trainables.corpora.corpus import CorpusError, Utterance
from trainables.training.splitting import split_utterances


def _utterances(speakers: list[int], fixed_test: int = 0) -> list[Utterance]:
    free = [
        Utterance(key=f"u{index}", text="a", recording=f"r{index}", speaker=f"s{speaker}")
        for index, speaker in enumerate(speakers)
    ]
    fixed = [
        Utterance(key=f"t{index}", text="a", recording=f"t{index}", speaker="s0", partition="test")
        for index in range(fixed_test)
    ]
    return free + fixed


@given(st.lists(st.integers(0, 9), min_size=30, max_size=80), st.integers(0, 2**40))
def test_no_speaker_on_two_sides(speakers: list[int], seed: int) -> None:
    """Every utterance is in one partition, and every speaker on one side."""
    utterances = _utterances([*range(10), *speakers])
    parts = split_utterances(utterances, GroupSplit(), seed)
    sides = [{utterances[index].speaker for index in part} for part in (parts.train, parts.validation, parts.test)]
    assert sorted([*parts.train, *parts.validation, *parts.test]) == list(range(len(utterances)))
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]


def test_the_seed_decides() -> None:
    """The same seed gives the same split; others give others."""
    utterances = _utterances(list(range(20)))
    splits = {split_utterances(utterances, GroupSplit(), seed).validation for seed in range(10)}
    assert len(splits) > 5
    assert split_utterances(utterances, GroupSplit(), 3) == split_utterances(utterances, GroupSplit(), 3)


def test_a_corpus_with_a_test_set_keeps_it() -> None:
    """Official test utterances stay, and none is added; validation still comes from whole speakers."""
    utterances = _utterances([speaker for speaker in range(6) for _ in range(10)], fixed_test=7)
    parts = split_utterances(utterances, GroupSplit(), 0)
    assert parts.test == tuple(range(60, 67))
    assert len(parts.validation) == 10
    assert len(parts.train) == 50


def test_recordings_are_groups_where_no_speaker_is_named() -> None:
    """Pieces of one recording stay together."""
    utterances = [Utterance(key=f"u{n}", text="a", recording=f"r{n % 7}") for n in range(70)]
    parts = split_utterances(utterances, GroupSplit(), 0)
    sides = [{utterances[index].recording for index in part} for part in (parts.train, parts.validation, parts.test)]
    assert sum(len(side) for side in sides) == 7


def test_too_few_groups_are_refused() -> None:
    """One speaker cannot be on three sides, and the error says what is missing."""
    with pytest.raises(CorpusError, match="no utterance is left for train.*Add recordings or speakers"):
        split_utterances(_utterances([0, 0, 1, 1]), GroupSplit(), 0)
