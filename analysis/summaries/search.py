"""Everything a search's report says, as one value: computed once, then shown as JSON, tables, figures, or a page."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soundproof.analysis.importance.importance import FactorImportances, factor_importances
from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.analysis.records.trials import SearchRecords, TrialRecord, count_statuses
from soundproof.analysis.statistics.pareto import pareto_front
from soundproof.analysis.summaries.confirmation import Confirmation, confirm
from soundproof.analysis.summaries.costs import Savings, savings
from soundproof.common import record
from soundproof.common.record import Status

IMPORTANCE_SEED = 20_261_121
"""A constant, so that the same records give the same report."""

REPEATED = "repeated"
"""Why a trial is not compared: the sampler proposed the same variant before."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchTrial:
    """One trial of the search itself, as it ended.

    `values` are the objectives, in their order; all of them None where the trial's numbers may not be compared: a
    stopped trial has no value, whatever its last epoch was. `repeats`: the same variant had been proposed before, and
    counts once. `on_front`: no other trial beats it in one objective without losing in another.
    """

    record: TrialRecord
    values: tuple[float | None, ...]
    repeats: bool
    on_front: bool = False

    @property
    def value(self) -> float | None:
        """The first objective."""
        return self.values[0]

    @property
    def compared(self) -> bool:
        """Whether figures and statistics draw on its numbers."""
        return self.value is not None and not self.repeats


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchSummary:
    """A search, what it did, what was confirmed, and what matters in it. `objectives` has the one that ranks first."""

    question: str
    records: SearchRecords
    objectives: tuple[Quantity, ...]
    trials: tuple[SearchTrial, ...]
    confirmation: Confirmation
    savings: Savings
    importance: FactorImportances

    @property
    def measured(self) -> Quantity:
        """The first objective, by which variants are ranked."""
        return self.objectives[0]

    @property
    def compared(self) -> tuple[SearchTrial, ...]:
        """The trials that figures and statistics draw on, in the order of their numbers."""
        return tuple(trial for trial in self.trials if trial.compared)

    @property
    def stopped(self) -> tuple[SearchTrial, ...]:
        """The trials that the scheduler stopped."""
        return tuple(trial for trial in self.trials if trial.record.status == "pruned")

    @property
    def choice_names(self) -> tuple[str, ...]:
        """The parameters that any trial has, in alphabetical order."""
        return tuple(sorted({name for trial in self.trials for name in trial.record.choices}))

    @property
    def front(self) -> tuple[SearchTrial, ...]:
        """The Pareto front, best first by the first objective; empty where there is only one."""
        front = [trial for trial in self.trials if trial.on_front]
        sign = -1.0 if self.measured.higher_is_better else 1.0
        return tuple(sorted(front, key=lambda trial: sign * (trial.value or 0.0)))

    @property
    def statuses(self) -> Mapping[Status, int]:
        """How many trials of the search ended in each status, in the vocabulary's order."""
        return count_statuses(trial.record.status for trial in self.trials)


def summarise_search(question: str, records: SearchRecords) -> SearchSummary:
    """The summary of a search's records. Confirmation trials enter the confirmation, and nothing else."""
    first, *further = records.objectives
    objectives = (_objective(first, records.margin), *(_objective(metric, None) for metric in further))
    counted = _first_of_each_variant(records.searched)
    return SearchSummary(
        question=question,
        records=records,
        objectives=objectives,
        trials=_trials(records.searched, counted, objectives),
        confirmation=confirm(records, objectives[0]),
        savings=savings(records.searched),
        importance=_importance(records.searched, counted, first),
    )


def _objective(metric: str, margin: float | None) -> Quantity:
    found = quantity(metric, margin)
    return replace(found, name="number of parameters", decimals=0) if metric == record.PARAMETERS else found


def _trials(
    searched: Sequence[TrialRecord], counted: Mapping[str, TrialRecord], objectives: Sequence[Quantity]
) -> tuple[SearchTrial, ...]:
    trials = tuple(
        SearchTrial(
            record=trial,
            values=tuple(trial.value(measured.metric) for measured in objectives),
            repeats=counted[trial.variant] is not trial,
        )
        for trial in searched
    )
    if len(objectives) < 2:
        return trials
    signs = np.array([-1.0 if measured.higher_is_better else 1.0 for measured in objectives])
    losses = np.full((len(trials), len(objectives)), np.nan)
    for row, trial in enumerate(trials):
        if trial.compared:
            losses[row] = [math.nan if value is None else value for value in trial.values]
    front = pareto_front(losses * signs)
    return tuple(replace(trial, on_front=bool(on)) for trial, on in zip(trials, front, strict=True))


def _first_of_each_variant(searched: Sequence[TrialRecord]) -> dict[str, TrialRecord]:
    """The trial that counts for each variant: the first comparable one, else the first."""
    first: dict[str, TrialRecord] = {}
    for trial in sorted(searched, key=lambda trial: not trial.comparable):
        first.setdefault(trial.variant, trial)
    return first


def _importance(searched: Sequence[TrialRecord], counted: Mapping[str, TrialRecord], metric: str) -> FactorImportances:
    once = [trial for trial in searched if not trial.comparable or counted[trial.variant] is trial]
    found = factor_importances(once, metric, generator=np.random.default_rng(IMPORTANCE_SEED), by="choices")
    repeated = len(searched) - len(once)
    return replace(found, left_out={**found.left_out, REPEATED: repeated}) if repeated else found
