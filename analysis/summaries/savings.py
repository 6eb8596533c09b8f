"""What stopping trials early saved: epochs, counted; seconds, estimated."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from soundproof.analysis.records.trials import TrialRecord
from soundproof.common import record


@dataclass(frozen=True, kw_only=True, slots=True)
class Savings:
    """Over the `trials` that were trained for this search, and whose budget is recorded.

    `epochs_trained` against `epochs_in_full`, what all of them would have taken had none ended before its budget;
    `epochs_pruned` is the part of the difference that `pruned` trials, which the scheduler stopped, account for.
    `seconds_pruned` is an estimate: each pruned trial's remaining epochs, as long as its own were on average. None
    where no pruned trial has a time; `untimed` of them have none and are left out of it.
    """

    trials: int
    pruned: int
    epochs_trained: int
    epochs_in_full: int
    epochs_pruned: int
    seconds_pruned: float | None
    untimed: int

    @property
    def share_pruned(self) -> float | None:
        """The epochs that pruning saved, as a share of all that there would have been."""
        return self.epochs_pruned / self.epochs_in_full if self.epochs_in_full else None


def savings(trials: Sequence[TrialRecord]) -> Savings:
    """Of the trials of a search. Those taken over from elsewhere, or never trained, neither cost nor save anything."""
    budgets = {trial.run_id: budget for trial in trials if (budget := _own_budget(trial)) is not None}
    trained = [trial for trial in trials if trial.run_id in budgets and _trained_here(trial)]
    pruned = [trial for trial in trained if trial.status == "pruned"]
    remaining = {trial.run_id: max(0, (trial.epochs or 0) - epochs_trained(trial)) for trial in pruned}
    means = {trial.run_id: seconds for trial in pruned if (seconds := _mean_epoch_seconds(trial)) is not None}
    return Savings(
        trials=len(trained),
        pruned=len(pruned),
        epochs_trained=sum(len(trial.history.get(record.EPOCH_SECONDS, ())) for trial in trained),
        epochs_in_full=sum(budgets[trial.run_id] for trial in trained),
        epochs_pruned=sum(remaining.values()),
        seconds_pruned=math.fsum(remaining[run_id] * mean for run_id, mean in means.items()) if means else None,
        untimed=len(pruned) - len(means),
    )


def epochs_trained(trial: TrialRecord) -> int:
    """The last epoch that the trial ended, 0 where it ended none."""
    history = trial.history.get(record.EPOCH_SECONDS, ())
    return history[-1][0] if history else 0


def _own_budget(trial: TrialRecord) -> int | None:
    """The epochs that the trial was to train itself: it may go on from where another one ended."""
    return None if trial.epochs is None else trial.epochs - trial.inherited_epochs


def _trained_here(trial: TrialRecord) -> bool:
    return trial.reused_from is None and trial.status != "infeasible"


def _mean_epoch_seconds(trial: TrialRecord) -> float | None:
    seconds = [value for _, value in trial.history.get(record.EPOCH_SECONDS, ())]
    if seconds:
        return math.fsum(seconds) / len(seconds)
    return None
