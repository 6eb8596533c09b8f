"""Who trains, who validates, who tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search_spaces.specs import GroupSplit, Partition
from trainables.corpora.corpus import CorpusError, Utterance
from trainables.training.chance import numpy_generator


@dataclass(frozen=True, kw_only=True, slots=True)
class Partitions:
    """Indices of the utterances in each partition, ascending."""

    train: Sequence[int]
    validation: Sequence[int]
    test: Sequence[int]


def split_utterances(utterances: Sequence[Utterance], split: GroupSplit, seed: int) -> Partitions:
    """Partitions that the corpus fixes stay; the groups that it leaves open are dealt out by `seed`.

    The first groups of a seeded shuffle go to validation and test: their fraction of the groups, rounded, and at
    least one where the fraction is not zero. Raises `CorpusError` when a partition stays empty.
    """
    members: dict[Partition, list[int]] = {"train": [], "validation": [], "test": []}
    groups: dict[str, list[int]] = {}
    for index, utterance in enumerate(utterances):
        if utterance.partition is not None:
            members[utterance.partition].append(index)
        else:
            groups.setdefault(utterance.speaker or utterance.recording, []).append(index)
    _deal(members, groups, split, numpy_generator(seed, "split"))
    _check_complete(members, utterances, groups)
    return Partitions(**{partition: tuple(sorted(indices)) for partition, indices in members.items()})


def _deal(
    members: dict[Partition, list[int]], groups: dict[str, list[int]], split: GroupSplit, chance: np.random.Generator
) -> None:
    names = sorted(groups)
    queue = [names[position] for position in chance.permutation(len(names))]
    wanted: dict[Partition, float] = {"validation": split.validation_fraction, "test": split.test_fraction}
    for partition, fraction in wanted.items():
        if partition == "test" and members["test"]:
            continue  # the corpus has its own test set
        if fraction > 0:
            for _ in range(min(len(queue), max(1, round(fraction * len(groups))))):
                members[partition] += groups[queue.pop()]
    for name in queue:
        members["train"] += groups[name]


def _check_complete(
    members: dict[Partition, list[int]], utterances: Sequence[Utterance], groups: dict[str, list[int]]
) -> None:
    empty = [partition for partition, indices in members.items() if not indices]
    if empty:
        raise CorpusError(
            f"no utterance is left for {' and '.join(empty)}: {len(utterances)} utterances in {len(groups)} groups "
            "(speakers, or recordings where no speaker is named) cannot be split. Add recordings or speakers"
        )
