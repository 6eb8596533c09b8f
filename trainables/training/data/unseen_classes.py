"""Whole classes to one side each, so that validation and test are of classes that training never saw."""

from collections.abc import Iterable, Mapping, Sequence

from soundproof.common.counting import counted
from soundproof.search_spaces.specs import ClassSplit, Partition
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.training.data.amounts import sides_by_amount
from soundproof.trainables.training.data.random_streams import numpy_generator

LEAST_CLASSES = 2
"""Of every side: with one, nothing is to be told apart, in training or in a pair."""

_SAME_FOR_ALL_SEEDS = 0


def deal_classes(
    members: Mapping[Partition, list[int]],
    free: Iterable[int],
    examples: Sequence[Example],
    split: ClassSplit,
    seed: int,
) -> None:
    """The `free` examples to `members`; which classes come first is the same for all seeds, which take turns.

    Raises `CorpusError` where there are too few classes.
    """
    bundles: dict[str, list[int]] = {}
    of_class = _bundled(examples)
    for index in free:
        bundles.setdefault(of_class[examples[index].target], []).append(index)
    names = sorted(name for name, indices in bundles.items() if _recordings(examples, indices) > 1)
    own_test = bool(members["test"])
    sides = 1 if own_test else 2
    if len(names) < LEAST_CLASSES * sides or len(bundles) < LEAST_CLASSES * (sides + 1 - bool(members["train"])):
        raise CorpusError(
            f"a split of whole classes needs {LEAST_CLASSES} classes each to train, to validate and to test, those "
            f"that are held out with {LEAST_CLASSES} recordings each, and no recording in two of them; got "
            f"{counted(len(names), 'class')} with so many recordings of {counted(len(bundles), 'class')} "
            "(classes that share a recording are one here): add classes or recordings, or choose another split"
        )
    order = [names[place] for place in numpy_generator(_SAME_FOR_ALL_SEEDS, "split").permutation(len(names))]
    validating, testing = sides_by_amount(
        order,
        {name: len(bundles[name]) for name in names},
        validation=split.validation_fraction,
        test=0 if own_test else split.test_fraction,
        seed=seed,
        least=LEAST_CLASSES,
    )
    for name, indices in bundles.items():
        side: Partition = "validation" if name in validating else "test" if name in testing else "train"
        members[side] += indices


def check_unseen(members: Mapping[Partition, Sequence[int]], examples: Sequence[Example]) -> None:
    """Raise `CorpusError` where a class is on two sides, or a side has nothing to compare."""
    side_of: dict[str, str] = {}
    for side, indices in members.items():
        for target in sorted({examples[index].target for index in indices}):
            if target in side_of:
                raise CorpusError(
                    f"the corpus itself puts examples of {target} on two sides, {side_of[target]} and {side} (the "
                    'field "partition" of a manifest, or a published list): a split of whole classes needs each class '
                    "on one, so leave the partitions out, or choose another split"
                )
            side_of[target] = side
    for side in ("validation", "test"):
        indices = members[side]
        classes: dict[str, set[str]] = {}
        for index in indices:
            classes.setdefault(examples[index].target, set()).add(examples[index].recording)
        several = sum(len(recordings) > 1 for recordings in classes.values())
        if len(classes) < LEAST_CLASSES or several < LEAST_CLASSES:
            raise CorpusError(
                f"pairs of clips of one class, from two recordings, and of two classes need {LEAST_CLASSES} classes "
                f"with two recordings each for {side}, got {several} of {counted(len(classes), 'class')}: add "
                "recordings or classes, or choose another split"
            )
    if not members["train"]:
        raise CorpusError("no example is left to train on: add classes")


def _recordings(examples: Sequence[Example], indices: Iterable[int]) -> int:
    return len({examples[index].recording for index in indices})


def _bundled(examples: Sequence[Example]) -> dict[str, str]:
    """For each class the first, by name, of all those that it is tied to by recordings that both have clips of."""
    parents = {example.target: example.target for example in examples}

    def root(name: str) -> str:
        while parents[name] != name:
            name = parents[name]
        return name

    first_of: dict[str, str] = {}
    for example in examples:
        one, other = sorted((root(first_of.setdefault(example.recording, example.target)), root(example.target)))
        parents[other] = one
    return {name: root(name) for name in parents}
