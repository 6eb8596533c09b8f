"""Who trains, who validates, who tests.

scikit-learn's group splitters draw sides of about the right size; with few groups a class may miss a side. Groups are
therefore dealt class by class, at least one of each class to each side.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from soundproof.common.counting import counted
from soundproof.search_spaces.specs import (
    ClassSplit,
    FoldSplit,
    GroupFoldSplit,
    GroupSplit,
    Partition,
    RandomSplit,
    Split,
    Trial,
)
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.corpora.sides import group_name
from soundproof.trainables.training.data.amounts import sides_by_amount
from soundproof.trainables.training.data.random_streams import numpy_generator, stream_seed
from soundproof.trainables.training.data.unseen_classes import check_unseen, deal_classes

_Members = dict[Partition, list[int]]

_HELD_OUT: tuple[Partition, ...] = ("validation", "test")
_SIDES: tuple[Partition, ...] = ("train", *_HELD_OUT)

_SAME_FOR_ALL_SEEDS = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Partitions:
    """Indices of the examples in each partition, ascending."""

    train: Sequence[int]
    validation: Sequence[int]
    test: Sequence[int]

    def of(self, partition: Partition) -> Sequence[int]:
        """The indices in `partition`."""
        indices: Sequence[int] = getattr(self, partition)
        return indices


def split_examples(examples: Sequence[Example], trial: Trial) -> Partitions:
    """The partitions of the trial's corpus, by class where every clip has one. See `draw_partitions`.

    Where the recipe validates on the test split, that is the validation split, too. Raises `CorpusError` where there is
    none.
    """
    found = draw_partitions(examples, trial.split, trial.seed, by_class=trial.has_one_class)
    if trial.recipe.validate_on == "validation":
        return found
    if not found.test:
        raise CorpusError(
            'the recipe has validate_on="test", and the corpus has no test split: give it one, or leave validate_on out'
        )
    return replace(found, validation=found.test)


def draw_partitions(examples: Sequence[Example], split: Split, seed: int, *, by_class: bool) -> Partitions:
    """Partitions that the corpus fixes stay; `seed` draws the others.

    Where it fixes them for all examples and one is missing, that is drawn from those that would train, as is usual of
    corpora that have a test and no validation. Of utterances, those of a corpus that fixes who trains and who validates
    need no test. Raises `CorpusError` when another partition stays empty or, with `by_class`, lacks a class.
    """
    members: _Members = {"train": [], "validation": [], "test": []}
    free = []
    for index, example in enumerate(examples):
        if example.partition is None:
            free.append(index)
        else:
            members[example.partition].append(index)
    needs_test = by_class or bool(free)
    if not free and isinstance(split, GroupSplit | RandomSplit):
        free, split = _opened_again(members, split, needs_test=needs_test)
    if free:
        match split:
            case GroupSplit():
                _deal_groups(members, free, examples, split, seed, by_class=by_class)
            case FoldSplit():
                _deal_folds(members, _own_folds(free, examples), seed)
            case GroupFoldSplit(folds=folds):
                _deal_folds(members, _group_folds(free, examples, folds, by_class=by_class), seed)
            case RandomSplit():
                _deal_clips(members, free, examples, split, seed, by_class=by_class)
            case ClassSplit():
                deal_classes(members, free, examples, split, seed)
    if isinstance(split, ClassSplit):
        check_unseen(members, examples)
    _check_complete(members, examples, by_class=by_class, needs_test=needs_test)
    return Partitions(**{partition: tuple(sorted(indices)) for partition, indices in members.items()})


def _opened_again(
    members: _Members, split: GroupSplit | RandomSplit, *, needs_test: bool
) -> tuple[list[int], GroupSplit | RandomSplit]:
    """Those that train, where a side has nobody, and the split that draws that side alone; nobody where all have."""
    missing = {side for side in _HELD_OUT if not members[side]} - (set() if needs_test else {"test"})
    if not missing:
        return [], split
    free, members["train"] = members["train"], []
    return free, replace(
        split,
        validation_fraction=split.validation_fraction if "validation" in missing else 0.0,
        test_fraction=split.test_fraction if "test" in missing else 0.0,
    )


def _deal_groups(
    members: _Members, free: Iterable[int], examples: Sequence[Example], split: GroupSplit, seed: int, *, by_class: bool
) -> None:
    """Groups stand in an order that is the same for all seeds, and seeds take turns with them.

    Each seed begins where the one before it stopped validating. So seeds validate on different groups until every group
    has validated once, and over as many seeds as there are groups, each validates equally often. The groups after those
    that validate test. A side has its fraction of the groups, rounded: where the fraction is not zero at least one
    group, and at least one of each class where groups have one.
    """
    groups: dict[str, list[int]] = {}
    for index in free:
        groups.setdefault(group_name(examples[index]), []).append(index)
    chance = numpy_generator(_SAME_FOR_ALL_SEEDS, "split")
    own_test = any(example.partition == "test" for example in examples)
    for names in _strata(groups, examples, by_class=by_class):
        order = [names[position] for position in chance.permutation(len(names))]
        validating = _count(split.validation_fraction, len(names))
        testing = 0 if own_test else _count(split.test_fraction, len(names))
        if split.share_of == "examples":
            _deal_amounts(members, order, groups, split, seed, test_fraction=0 if own_test else split.test_fraction)
            continue
        first = seed * (validating or testing) % len(names)
        queue = deque(order[first:] + order[:first])
        sides: dict[Partition, int] = {"validation": validating, "test": testing}
        for partition, count in sides.items():
            for _ in range(min(len(queue), count)):
                members[partition] += groups[queue.popleft()]
        for name in queue:
            members["train"] += groups[name]


def _deal_amounts(
    members: _Members,
    order: Sequence[str],
    groups: Mapping[str, Sequence[int]],
    split: GroupSplit,
    seed: int,
    *,
    test_fraction: float,
) -> None:
    amounts = {name: len(groups[name]) for name in order}
    validating, testing = sides_by_amount(
        order, amounts, validation=split.validation_fraction, test=test_fraction, seed=seed
    )
    for name in order:
        side: Partition = "validation" if name in validating else "test" if name in testing else "train"
        members[side] += groups[name]


def _count(fraction: float, groups: int) -> int:
    return max(1, round(fraction * groups)) if fraction > 0 else 0


def _strata(groups: Mapping[str, Sequence[int]], examples: Sequence[Example], *, by_class: bool) -> list[list[str]]:
    """Names of groups, sorted, those of one class together; groups of several classes are one stratum."""
    strata: dict[str, list[str]] = {}
    for name in sorted(groups):
        targets = {examples[index].target for index in groups[name]}
        strata.setdefault(targets.pop() if by_class and len(targets) == 1 else "", []).append(name)
    return [names for _, names in sorted(strata.items())]


def _deal_folds(members: _Members, fold_of: Mapping[int, int], seed: int) -> None:
    """`fold_of` gives the fold of each example by its index; the seed says whose turn it is."""
    folds = sorted(set(fold_of.values()))
    sides: dict[int, Partition] = {folds[(seed + 1) % len(folds)]: "validation", folds[seed % len(folds)]: "test"}
    for index, fold in fold_of.items():
        members[sides.get(fold, "train")].append(index)


def _own_folds(free: Sequence[int], examples: Sequence[Example]) -> dict[int, int]:
    """The folds that the corpus has."""
    fold_of = {index: fold for index in free if (fold := examples[index].fold) is not None}
    folds, without = len(set(fold_of.values())), len(free) - len(fold_of)
    if folds < 3 or without:
        raise CorpusError(
            f"a split by folds needs every clip in one of three or more folds, got {folds} folds and "
            f"{without} clips without one: split by groups instead"
        )
    return fold_of


def _group_folds(free: Sequence[int], examples: Sequence[Example], folds: int, *, by_class: bool) -> dict[int, int]:
    """Whole groups in `folds` folds, each with about its share of each class, whatever the seed."""
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415  # other splits do without scikit-learn

    groups = [group_name(examples[index]) for index in free]
    targets = [examples[index].target if by_class else "" for index in free]
    of_class: dict[str, set[str]] = {}
    for target, group in zip(targets, groups, strict=True):
        of_class.setdefault(target, set()).add(group)
    fewest = min(of_class, key=lambda target: len(of_class[target]))
    if len(of_class[fewest]) < folds:
        raise CorpusError(
            f"{folds} folds need {folds} recordings (or speakers){f' of {fewest}' if by_class else ''}, got "
            f"{len(of_class[fewest])}: add recordings, or split by groups"
        )
    dealt = StratifiedGroupKFold(folds, shuffle=True, random_state=0).split(targets, targets, groups)
    return {free[position]: number for number, (_, held_out) in enumerate(dealt) for position in held_out.tolist()}


def _deal_clips(
    members: _Members,
    free: Sequence[int],
    examples: Sequence[Example],
    split: RandomSplit,
    seed: int,
    *,
    by_class: bool,
) -> None:
    from sklearn.model_selection import train_test_split  # noqa: PLC0415  # other splits do without scikit-learn

    remaining, total = list(free), len(free)
    fractions: dict[Partition, float] = {"test": split.test_fraction, "validation": split.validation_fraction}
    for partition, fraction in fractions.items():
        if fraction > 0:
            try:
                remaining, drawn = train_test_split(
                    remaining,
                    test_size=round(fraction * total),
                    stratify=[examples[index].target for index in remaining] if by_class else None,
                    random_state=stream_seed(seed, "split") % 2**32 if split.seed is None else split.seed,
                )
            except ValueError as error:
                raise CorpusError(
                    f"{total} clips cannot be split at random with a share of each class on every side ({error}): "
                    "add clips to the smallest classes"
                ) from error
            members[partition] += drawn
    members["train"] += remaining


def _remedy(examples: Sequence[Example], groups: Collection[str]) -> str:
    """What helps where whole groups do not go round."""
    recordings = {example.recording for example in examples}
    if len(recordings) < len(_SIDES):
        return "Add recordings"
    if len(groups) < len(_SIDES) and any(example.speaker for example in examples):
        return (
            f"With fewer than {len(_SIDES)} speakers, leave out who speaks (each recording is then a group), say which "
            'recordings are for what (the field "partition" of a manifest), or draw recordings with --split random; '
            "networks are then tested on voices that they know"
        )
    return 'Add recordings or speakers, or say which are for what (the field "partition" of a manifest)'


def _check_complete(members: _Members, examples: Sequence[Example], *, by_class: bool, needs_test: bool) -> None:
    groups = {group_name(example) for example in examples}
    empty = [part for part, indices in members.items() if not indices and (part != "test" or needs_test)]
    if empty:
        raise CorpusError(
            f"no example is left for {' and '.join(empty)}: {counted(len(examples), 'example')} in "
            f"{counted(len(groups), 'group')} (speakers, or recordings where no speaker is named) cannot be split. "
            f"{_remedy(examples, groups)}"
        )
    if not by_class:
        return
    classes = {example.target for example in examples}
    for partition, indices in members.items():
        missing = sorted(classes - {examples[index].target for index in indices})
        if missing:
            raise CorpusError(
                f"{partition} has no example of {', '.join(missing)}: every class needs recordings (or speakers) for "
                "training, validation and test, three at least. Add recordings, or remove the class"
            )
