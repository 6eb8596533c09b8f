"""What each trial cost, and how it ended: every trial of a study, the failed ones included."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from soundproof.analysis.records.trials import StudyRecords, TrialRecord
from soundproof.analysis.statistics.intervals import finite
from soundproof.common import record
from soundproof.common.counting import counted
from soundproof.common.record import Status


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialCost:
    """One trial and its run in MLflow. `trial_id` is empty on the record of an infeasible variant.

    `value` is the study's metric; a diverged trial's numbers are shown nowhere, so it has none. `reused` says that the
    trial was trained for another study: its seconds were spent there. `epochs`: those it trained, as recorded.
    """

    variant: str
    label: str
    seed: int | None
    trial_id: str
    run_id: str
    status: Status
    value: float | None
    best_epoch: int | None
    epochs: int | None
    train_seconds: float | None
    device: str | None
    reused: bool
    reason: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialCosts:
    """All trials of a study, variant by variant, in the order of seeds."""

    trials: tuple[TrialCost, ...]

    @property
    def trained(self) -> tuple[TrialCost, ...]:
        """The trials that were trained at all, here or elsewhere: all but the infeasible ones."""
        return tuple(trial for trial in self.trials if trial.status != "infeasible")

    @property
    def reused(self) -> tuple[TrialCost, ...]:
        """The trials that another study had trained."""
        return tuple(trial for trial in self.trained if trial.reused)

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
        if self.reused:
            spent = math.fsum(trial.train_seconds or 0.0 for trial in self.reused)
            text += f", {duration(spent)} of it for {counted(len(self.reused), 'trial')} reused from other studies"
        untimed = sum(trial.train_seconds is None for trial in self.trained)
        if untimed:
            text += f"; {counted(untimed, 'trial')} without a recorded time"
        return text


def trial_costs(records: StudyRecords, labels: Mapping[str, str], metric: str) -> TrialCosts:
    """Every trial of the variants that `labels` names, in their order there; `metric` is the study's."""
    return TrialCosts(
        trials=tuple(_cost(trial, label, metric) for variant, label in labels.items() for trial in records.of(variant))
    )


def _cost(trial: TrialRecord, label: str, metric: str) -> TrialCost:
    epoch = trial.value(record.BEST_EPOCH)
    return TrialCost(
        variant=trial.variant,
        label=label,
        seed=trial.seed,
        trial_id=trial.trial_id,
        run_id=trial.run_id,
        status=trial.status,
        value=trial.value(metric),
        best_epoch=None if epoch is None else round(epoch),
        epochs=max((history[-1][0] for history in trial.history.values() if history), default=None),
        train_seconds=finite(trial.metrics.get(record.TRAIN_SECONDS)),
        device=trial.device,
        reused=trial.reused_from is not None,
        reason=trial.reason,
    )


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
