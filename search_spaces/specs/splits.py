"""Who trains, who validates, who tests. Partitions that the corpus itself fixes stay as they are."""

from dataclasses import dataclass
from typing import Literal

from soundproof.search_spaces.specs.canonical import Spec, SpecError

Partition = Literal["train", "validation", "test"]


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupSplit(Spec):
    """Whole groups go to one side: a speaker where the corpus names speakers, else a recording.

    Seeds take turns with the groups, so that each seed validates on others until every group has had its turn. Groups
    of one class take turns within it, so that every side has its share of each class. Fractions are of groups; 0 takes
    none. Where groups differ much in size, they are to be the `share_of` the examples: then the largest groups train.
    """

    validation_fraction: float = 0.15
    test_fraction: float = 0.15
    share_of: Literal["groups", "examples"] = "groups"

    def _check(self) -> None:
        _check_fractions(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldSplit(Spec):
    """Cross-validation by the corpus's own folds. Of n folds, the trial with seed s tests on number s mod n.

    It validates on the one after that and trains on the others. Trials with one seed for each fold test every clip
    once.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupFoldSplit(Spec):
    """Cross-validation for corpora without folds of their own: whole groups (see `GroupSplit`) are dealt into `folds`.

    Every fold has about its share of each class, and the folds are the same for all trials, which take turns as with
    `FoldSplit`.
    """

    folds: int = 5

    def _check(self) -> None:
        if self.folds < 3:
            raise SpecError(
                f"GroupFoldSplit.folds must be at least 3 (to train, to validate, to test), got {self.folds}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomSplit(Spec):
    """Clips are drawn one by one, with their share of each class, whatever recording or speaker they come from.

    Pieces of one recording then fall on both sides, which leaks: for studies of the documented protocols alone.
    The seed of the trial draws them, or for all trials the split's own `seed`: then the spread between trials does not
    show what another draw would change.
    """

    validation_fraction: float
    test_fraction: float
    seed: int | None = None

    def _check(self) -> None:
        _check_fractions(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassSplit(Spec):
    """Whole classes go to one side: networks learn to tell the classes of training apart, and are judged by others.

    Validation and test ask of two clips of classes that training never saw whether their class is the same; see
    `Trial.has_unseen_classes`. Fractions are of the clips of all classes that can be held out: those with two
    recordings or more. A side has two classes at least; the largest train, and seeds take turns with the others.
    Classes that share a recording stay together. A speaker that is none of the classes may be on several sides.
    """

    validation_fraction: float = 0.15
    test_fraction: float = 0.15

    def _check(self) -> None:
        _check_fractions(self)


Split = GroupSplit | FoldSplit | GroupFoldSplit | RandomSplit | ClassSplit


def _check_fractions(split: GroupSplit | RandomSplit | ClassSplit) -> None:
    held_out = (split.validation_fraction, split.test_fraction)
    if min(held_out) < 0 or sum(held_out) >= 1:
        raise SpecError(
            f"{type(split).__name__}'s fractions must be 0 or more and leave something to train on, got {held_out}"
        )
