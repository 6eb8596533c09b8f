"""How the trials of a study divided the corpus: what the spread between seeds does not show."""

from collections import Counter
from dataclasses import dataclass
from typing import Literal, get_args

from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.common import record

SplitKind = Literal["FoldSplit", "GroupFoldSplit", "RandomSplit", "ClassSplit"]
"""Splits that a reader has to know of, by the names of their specs."""

_PARTITIONS = ("train", "validation", "test")


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitUse:
    """A kind of split with the ids of the variants that used it, in alphabetical order.

    `every` says that no variant used another one. `folds` is the number of folds, where trials show it. `drawn_once`
    says that all seeds had the same draw. `pairs` are the fewest and the most that a trial compared on validation, of
    clips of classes that it had not seen.
    """

    kind: SplitKind
    variants: tuple[str, ...]
    every: bool
    folds: int | None
    drawn_once: bool
    pairs: tuple[int, int] | None = None


def splits_used(records: Results) -> tuple[SplitUse, ...]:
    """The splits of the trials whose numbers count."""
    trials = [trial for trial in records.trials if trial.comparable]
    by_kind = {kind: [trial for trial in trials if trial.split == kind] for kind in get_args(SplitKind)}
    return tuple(
        SplitUse(
            kind=kind,
            variants=tuple(sorted({trial.variant for trial in used})),
            every=len(used) == len(trials),
            folds=_folds(used) if kind in ("FoldSplit", "GroupFoldSplit") else None,
            pairs=_pairs(used) if kind == "ClassSplit" else None,
            drawn_once=all(_drawn_once(trial) for trial in used),
        )
        for kind, used in by_kind.items()
        if used
    )


def _drawn_once(trial: TrialRecord) -> bool:
    split = trial.spec.get("split")
    return isinstance(split, dict) and split.get("seed") is not None


def _pairs(trials: list[TrialRecord]) -> tuple[int, int] | None:
    name = f"{record.DATA_PREFIX}validation_{record.PAIRS}"
    counts = [round(trial.metrics[name]) for trial in trials if name in trial.metrics]
    return (min(counts), max(counts)) if counts else None


def _folds(trials: list[TrialRecord]) -> int | None:
    """How many times a trial's test part fits into the whole, as most trials have it: each tests on one fold."""
    counts: Counter[int] = Counter()
    for trial in trials:
        sizes = [trial.metrics.get(record.DATA_PREFIX + partition, 0.0) for partition in _PARTITIONS]
        if min(sizes) > 0:
            counts[round(sum(sizes) / sizes[-1])] += 1
    return counts.most_common(1)[0][0] if counts else None
