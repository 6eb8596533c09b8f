"""What trials cost: each one of a study, the failed ones included; and what stopping them early saved a search."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.common import record
from soundproof.common.counting import counted


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialCosts:
    """All trials of a study, variant by variant, in the order of seeds."""

    trials: tuple[TrialRecord, ...]

    @property
    def trained(self) -> tuple[TrialRecord, ...]:
        """The trials that were trained at all, here or elsewhere: all but the infeasible ones."""
        return tuple(trial for trial in self.trials if trial.status != "infeasible")

    @property
    def devices(self) -> tuple[str, ...]:
        """Where trials were trained, in alphabetical order."""
        return tuple(sorted({trial.device for trial in self.trials if trial.device}))

    @property
    def train_seconds(self) -> float | None:
        """Seconds of training in all, those of reused trials included; None where no trial has a recorded time."""
        timed = [trial.train_seconds for trial in self.trained if trial.train_seconds is not None]
        return math.fsum(timed) if timed else None

    @property
    def in_short(self) -> str:
        """The totals: `27 trials, 5 min 12 s`."""
        seconds = self.train_seconds
        return counted(len(self.trained), "trial") + ("" if seconds is None else f", {duration(seconds)}")

    @property
    def in_words(self) -> str:
        """The totals, and what is missing from them: `27 trials, 5 min 12 s of training in all`."""
        if not self.trained:
            return "No trial was trained"
        text = self.in_short + ("" if self.train_seconds is None else " of training in all")
        reused = [trial.train_seconds or 0.0 for trial in self.trained if trial.reused]
        if reused:
            spent = duration(math.fsum(reused))
            text += f", {spent} of it for {counted(len(reused), 'trial')} reused from other studies"
        untimed = sum(trial.train_seconds is None for trial in self.trained)
        if untimed:
            text += f"; {counted(untimed, 'trial')} without a recorded time"
        return text


def trial_costs(records: Results, variants: Iterable[str]) -> TrialCosts:
    """Every trial of these variants, in their order."""
    return TrialCosts(trials=tuple(trial for variant in variants for trial in records.of(variant)))


def duration(seconds: float) -> str:
    """A length of time in its two largest units: `4.5 s`, `5 min 12 s`, `2 h 3 min`, `1 d 4 h`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, size, smaller, part in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


@dataclass(frozen=True, kw_only=True, slots=True)
class Savings:
    """Over the `trials` that were trained for this search, and whose budget is recorded.

    `epochs_trained` against `epochs_in_full`, what all of them would have taken had none ended before its budget;
    `epochs_pruned` is the part of the difference that `pruned` trials, which the scheduler stopped, account for.
    Its seconds are each pruned trial's remaining epochs, as long as its own were on average. None where no pruned trial
    has a time; `pruned_without_time` of them have none and are left out of it.
    """

    trials: int
    pruned: int
    epochs_trained: int
    epochs_in_full: int
    epochs_pruned: int
    seconds_pruned_estimated: float | None
    pruned_without_time: int

    @property
    def share_pruned(self) -> float | None:
        """The epochs that pruning saved, as a share of all that there would have been."""
        return self.epochs_pruned / self.epochs_in_full if self.epochs_in_full else None


def savings(trials: Sequence[TrialRecord]) -> Savings:
    """Of the trials of a search. Those taken over from elsewhere, or never trained, neither cost nor save anything."""
    own = [trial for trial in trials if not trial.reused and trial.status != "infeasible"]
    # a trial may go on from where another one ended: the epochs before are none of its own
    budgets = [(trial, trial.epochs, trial.inherited_epochs) for trial in own if trial.epochs is not None]
    pruned = [
        (trial, max(0, epochs - trial.trained_epochs)) for trial, epochs, _ in budgets if trial.status == "pruned"
    ]
    timed = [(remaining, seconds) for trial, remaining in pruned if (seconds := _seconds(trial))]
    return Savings(
        trials=len(budgets),
        pruned=len(pruned),
        epochs_trained=sum(len(_seconds(trial)) for trial, _, _ in budgets),
        epochs_in_full=sum(epochs - inherited for _, epochs, inherited in budgets),
        epochs_pruned=sum(remaining for _, remaining in pruned),
        seconds_pruned_estimated=math.fsum(remaining * fmean(seconds) for remaining, seconds in timed)
        if timed
        else None,
        pruned_without_time=len(pruned) - len(timed),
    )


def _seconds(trial: TrialRecord) -> list[float]:
    return [value for _, value in trial.history.get(record.EPOCH_SECONDS, ())]
