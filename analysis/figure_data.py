"""What each figure shows, as small named records: computed here, drawn in `figures`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.records import StudyRecords
from analysis.summary import StudySummary
from search_spaces import record


@dataclass(frozen=True, kw_only=True, slots=True)
class DifferenceRow:
    """One variant's paired improvement over the baseline: each seed, their mean, and its 95% interval."""

    label: str
    seeds: tuple[float, ...]
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Differences:
    """Paired improvements over the baseline, best first, with the margin on either side of zero."""

    baseline: str
    axis: str
    margin: float
    rows: tuple[DifferenceRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedRow:
    """One variant's value for each seed, and their mean."""

    label: str
    is_baseline: bool
    values: tuple[tuple[int, float], ...]
    mean: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeds:
    """The study's metric seed by seed, best variant first."""

    axis: str
    rows: tuple[SeedRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One variant's mean over seeds at each epoch that all its seeds reached, with the lowest and highest seed."""

    label: str
    is_baseline: bool
    epochs: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Curves:
    """Learning curves, best variant first. `ceiling` leaves out the first epochs' fall, which hides the rest."""

    axis: str
    ceiling: float
    floor: float
    curves: tuple[Curve, ...]


def differences(summary: StudySummary) -> Differences:
    """The improvements of every variant that shares a seed with the baseline."""
    rows = []
    for variant in summary.measured_variants:
        estimate = variant.difference
        if estimate is None or estimate.value is None:
            continue
        interval = estimate.interval
        rows.append(
            DifferenceRow(
                label=variant.label,
                seeds=variant.differences,
                mean=estimate.value,
                low=None if interval is None else interval.low,
                high=None if interval is None else interval.high,
            )
        )
    rows.sort(key=lambda row: -row.mean)
    unit = summary.measured.unit
    axis = f"improvement in {summary.measured.name}" + (f" ({unit})" if unit else "")
    return Differences(baseline=summary.baseline.label, axis=axis, margin=summary.margin, rows=tuple(rows))


def seeds(summary: StudySummary) -> Seeds:
    """The value of every comparable trial."""
    rows = []
    for variant in summary.measured_variants:
        assert variant.estimate.value is not None
        values = tuple(sorted(variant.values.items()))
        rows.append(
            SeedRow(label=variant.label, is_baseline=variant.is_baseline, values=values, mean=variant.estimate.value)
        )
    return Seeds(axis=summary.measured.axis, rows=tuple(rows))


def curves(summary: StudySummary, records: StudyRecords) -> Curves:
    """Validation loss by epoch, over the comparable trials of each variant."""
    drawn = []
    for variant in summary.measured_variants:
        histories = [dict(trial.history.get(record.VALIDATION_LOSS, ())) for trial in records.comparable(variant.id)]
        histories = [history for history in histories if history]
        epochs = sorted(set.intersection(*(set(history) for history in histories))) if histories else []
        if not epochs:
            continue
        values = np.array([[history[epoch] for epoch in epochs] for history in histories])
        drawn.append(
            Curve(
                label=variant.label,
                is_baseline=variant.is_baseline,
                epochs=tuple(epochs),
                mean=tuple(values.mean(axis=0).tolist()),
                low=tuple(values.min(axis=0).tolist()),
                high=tuple(values.max(axis=0).tolist()),
            )
        )
    floor, ceiling = _limits(drawn)
    return Curves(axis="validation loss (nats)", floor=floor, ceiling=ceiling, curves=tuple(drawn))


def _limits(drawn: list[Curve]) -> tuple[float, float]:
    """Limits of the loss axis: all that lies behind the first quarter of the epochs, with a little air."""
    if not drawn:
        return 0.0, 1.0
    low = min(min(curve.low) for curve in drawn)
    high = max(max(curve.high[len(curve.high) // 4 :]) for curve in drawn)
    air = 0.06 * ((high - low) or 1.0)
    return max(0.0, low - air) if low >= 0 else low - air, high + air
