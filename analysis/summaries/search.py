"""Everything a search's report says, as one value: computed once, then shown as JSON, tables, figures, or a page."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soundproof.analysis.importance.importance import FactorImportances, factor_importances
from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.analysis.records.spec_parameters import Scalar
from soundproof.analysis.records.trials import SearchRecords, TrialRecord, count_statuses
from soundproof.analysis.statistics.pareto import pareto_front
from soundproof.analysis.summaries.confirmation import Confirmation, confirm
from soundproof.analysis.summaries.savings import Savings, epochs_trained, savings
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

    number: int | None
    trial_id: str
    variant: str
    choices: Mapping[str, Scalar]
    status: Status
    epochs: int
    best_epoch: int | None
    full_epochs: int | None
    values: tuple[float | None, ...]
    reason: str | None
    reused: bool
    repeats: bool
    on_front: bool

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

    space: str
    question: str
    search: str
    preset: str
    corpus: str
    sampler: str
    scheduler: str
    objectives: tuple[Quantity, ...]
    margin: float
    asked: int | None
    rejected: Mapping[str, int]
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
        return tuple(trial for trial in self.trials if trial.status == "pruned")

    @property
    def choice_names(self) -> tuple[str, ...]:
        """The parameters that any trial has, in alphabetical order."""
        return tuple(sorted({name for trial in self.trials for name in trial.choices}))

    @property
    def front(self) -> tuple[SearchTrial, ...]:
        """The Pareto front, best first by the first objective; empty where there is only one."""
        front = [trial for trial in self.trials if trial.on_front]
        sign = -1.0 if self.measured.higher_is_better else 1.0
        return tuple(sorted(front, key=lambda trial: sign * (trial.value or 0.0)))

    @property
    def statuses(self) -> Mapping[Status, int]:
        """How many trials of the search ended in each status, in the vocabulary's order."""
        return count_statuses(trial.status for trial in self.trials)


def summarise_search(question: str, records: SearchRecords) -> SearchSummary:
    """The summary of a search's records. Confirmation trials enter the confirmation, and nothing else."""
    first, *further = records.objectives
    objectives = (_objective(first, records.margin), *(_objective(metric, None) for metric in further))
    return SearchSummary(
        space=records.space,
        question=question,
        search=records.search,
        preset=records.preset,
        corpus=records.corpus,
        sampler=records.sampler,
        scheduler=records.scheduler,
        objectives=objectives,
        margin=records.margin,
        asked=records.asked,
        rejected=records.rejected,
        trials=_trials(records.searched, objectives),
        confirmation=confirm(records, objectives[0]),
        savings=savings(records.searched),
        importance=_importance(records.searched, objectives[0].metric),
    )


def _objective(metric: str, margin: float | None) -> Quantity:
    found = quantity(metric, margin)
    return replace(found, name="number of parameters", decimals=0) if metric == record.PARAMETERS else found


def _trials(searched: Sequence[TrialRecord], objectives: Sequence[Quantity]) -> tuple[SearchTrial, ...]:
    first = _first_of_each_variant(searched)
    made = [
        SearchTrial(
            number=trial.number,
            trial_id=trial.trial_id,
            variant=trial.variant,
            choices=trial.choices,
            status=trial.status,
            epochs=epochs_trained(trial),
            best_epoch=None if (epoch := trial.value(record.BEST_EPOCH)) is None else round(epoch),
            full_epochs=trial.epochs,
            values=tuple(trial.value(measured.metric) for measured in objectives),
            reason=trial.reason,
            reused=trial.reused_from is not None,
            repeats=first[trial.variant] is not trial,
            on_front=False,
        )
        for trial in searched
    ]
    return tuple(made) if len(objectives) < 2 else _with_front(made, objectives)


def _with_front(trials: Sequence[SearchTrial], objectives: Sequence[Quantity]) -> tuple[SearchTrial, ...]:
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


def _importance(searched: Sequence[TrialRecord], metric: str) -> FactorImportances:
    first = _first_of_each_variant(searched)
    once = [trial for trial in searched if not trial.comparable or first[trial.variant] is trial]
    found = factor_importances(once, metric, generator=np.random.default_rng(IMPORTANCE_SEED), by="choices")
    repeated = len(searched) - len(once)
    return replace(found, left_out={**found.left_out, REPEATED: repeated}) if repeated else found
