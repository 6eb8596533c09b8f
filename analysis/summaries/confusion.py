"""Which classes a variant takes for which: its test predictions, pooled over its seeds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from soundproof.analysis.records.artifacts import load_all_predictions
from soundproof.analysis.records.predictions import Classified
from soundproof.analysis.records.trials import Results
from soundproof.analysis.statistics.intervals import finite
from soundproof.analysis.summaries.study import StudySummary
from soundproof.search_spaces.documented.numbers import DocumentedNumbers

Pair = tuple[str, str]
"""(the class that a clip has, the class that it was given)."""

DOCUMENTED = "documented network"
TAKEN_FOR = 3
"""The most confused pairs of classes that are named in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassScores:
    """One class: scores from 0 to 1, None where there is nothing to divide by, and the predictions of its clips.

    `taken_for` is the other class that its clips were given most often, with their share; None where none was.
    """

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    taken_for: tuple[str, float] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Confusion:
    """One variant. `counts` (class, class given) are predictions over all `seeds`, in the order of `scores`."""

    variant: str
    label: str
    seeds: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]
    scores: tuple[ClassScores, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in alphabetical order."""
        return tuple(score.name for score in self.scores)

    @property
    def total(self) -> int:
        """How many predictions there are."""
        return sum(score.support for score in self.scores)

    @property
    def right(self) -> int:
        """How many of them are right."""
        return sum(row[index] for index, row in enumerate(self.counts))

    @property
    def worst_first(self) -> list[ClassScores]:
        """The scores by F1; last those that have none."""
        return sorted(self.scores, key=lambda scores: 2.0 if scores.f1 is None else scores.f1)

    @property
    def most_confused(self) -> tuple[tuple[Pair, int], ...]:
        """The pairs of different classes with the most predictions, the most first; fewer where few are confused."""
        wrong = [
            ((true, given), count)
            for true, row in zip(self.classes, self.counts, strict=True)
            for given, count in zip(self.classes, row, strict=True)
            if true != given and count
        ]
        return tuple(sorted(wrong, key=lambda confused: -confused[1])[:TAKEN_FOR])


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentedClasses:
    """What a document says of the classes of one variant in one part of its data, perhaps with the whole matrix."""

    partition: str
    scores: tuple[ClassScores, ...]
    confusion: Confusion | None = None


def documented_classes(numbers: DocumentedNumbers | None) -> tuple[DocumentedClasses, ...]:
    """The matrix and the scores that a document has of a variant; of a matrix the scores follow."""
    if numbers is None:
        return ()
    found = [
        DocumentedClasses(partition=partition, scores=tuple(ClassScores(**asdict(row), taken_for=None) for row in rows))
        for partition, rows in numbers.scores.items()
    ]
    if numbers.confusion is not None:
        classes = numbers.confusion.classes
        pairs = [
            (true, given)
            for true, row in zip(classes, numbers.confusion.counts, strict=True)
            for given, count in zip(classes, row, strict=True)
            for _ in range(count)
        ]
        confusion = _confusion("", DOCUMENTED, (), pairs, classes)
        found.append(DocumentedClasses(partition="test", scores=confusion.scores, confusion=confusion))
    return tuple(found)


def confusions(summary: StudySummary, records: Results) -> tuple[Confusion, ...]:
    """Of every variant with recorded test predictions of classes, best first; the same classes for all."""
    if summary.study.task == "transcription":
        return ()
    shown = {variant.id: variant.label for variant in summary.measured_variants}
    trials = [trial for variant in shown for trial in records.comparable(variant)]
    pairs: dict[str, list[Pair]] = {}
    seeds: dict[str, list[int]] = {}
    for trial, predictions in load_all_predictions(records, trials):
        found = [(clip.reference, clip.hypothesis) for clip in predictions.test if isinstance(clip, Classified)]
        if found:
            assert trial.seed is not None
            pairs.setdefault(trial.variant, []).extend(found)
            seeds.setdefault(trial.variant, []).append(trial.seed)
    classes = sorted({name for of_variant in pairs.values() for pair in set(of_variant) for name in pair})
    return tuple(
        _confusion(variant, label, tuple(seeds[variant]), pairs[variant], classes)
        for variant, label in shown.items()
        if variant in pairs
    )


def _confusion(
    variant: str, label: str, seeds: tuple[int, ...], pairs: Sequence[Pair], classes: Sequence[str]
) -> Confusion:
    from sklearn.metrics import confusion_matrix, precision_recall_fscore_support  # noqa: PLC0415  # takes a second

    numbers = {name: number for number, name in enumerate(classes)}
    true, given = np.array([[numbers[name] for name in pair] for pair in pairs]).T
    everything = np.arange(len(classes))
    counts = confusion_matrix(true, given, labels=everything)
    columns = precision_recall_fscore_support(true, given, labels=everything, zero_division=np.nan)
    scores = tuple(
        ClassScores(
            name=name,
            precision=finite(float(precision)),
            recall=finite(float(recall)),
            f1=finite(float(f1)),
            support=int(support),
            taken_for=_taken_for(counts[number], number, classes),
        )
        for number, (name, precision, recall, f1, support) in enumerate(zip(classes, *columns, strict=True))
    )
    return Confusion(
        variant=variant, label=label, seeds=seeds, counts=tuple(map(tuple, counts.tolist())), scores=scores
    )


def _taken_for(row: NDArray[np.int64], number: int, classes: Sequence[str]) -> tuple[str, float] | None:
    others = row.copy()
    others[number] = 0
    if not others.any():
        return None
    most = int(others.argmax())
    return classes[most], float(others[most] / row.sum())
