"""Curves of any studies, variants and corpora on one pair of axes: validation solid, training dashed."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.figures.curves import TRAINING, Curve, band, epoch_axis, limits, line, mean_curve
from soundproof.analysis.notation.labels import variant_labels
from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.analysis.records.trials import RecordsError, Results
from soundproof.common import record
from soundproof.common.counting import counted
from soundproof.common.errors import UserError
from soundproof.search_spaces.catalogue import unknown_name
from soundproof.search_spaces.studies import Study

VALIDATION = "validation"
_PARTITIONS = (record.VALIDATION_PREFIX, record.TRAIN_PREFIX)
_PER_EPOCH = (*_PARTITIONS, record.WEIGHT_NORM_PREFIX, record.GRADIENT_NORM_PREFIX, record.EPOCH_SECONDS)
_COLOURS = "#2f7fc1 #d9822b #3a9b5c #c0504d #8a6bbf #8c6d46 #cf6fb0 #6b7079 #9a9a2b #2ba6a6".split()
_SYMBOLS = (None, "circle", "circle-open", "x-thin-open")
"""What tells lines apart that have the same colour."""
_PLOT_PIXELS = 410
_ABOVE_PIXELS = 8
_ENTRY_PIXELS = 20
_BELOW_PIXELS = 62
_LONGEST_ENTRY = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """The ends of both axes; None where the curves decide. Raises `UserError` where they cross or are no numbers.

    The values are those that the axis shows: percentages of an accuracy.
    """

    lowest: float | None = None
    highest: float | None = None
    epochs: int | None = None

    def __post_init__(self) -> None:
        for name, value in (("lowest", self.lowest), ("highest", self.highest)):
            if value is not None and not math.isfinite(value):
                raise UserError(f"{name} expects a number at which the axis ends, got {value}: give a finite one")
        if self.lowest is not None and self.highest is not None and self.lowest >= self.highest:
            raise UserError(
                f"lowest must be below highest, got {self.lowest:g} and {self.highest:g}: exchange them, "
                "or leave one out"
            )
        if self.epochs is not None and self.epochs < 1:
            raise UserError(f"epochs expects the last epoch of the axis, 1 or more, got {self.epochs}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedCurve:
    """One variant of one study on one corpus, in the values that were recorded; either partition may be missing."""

    study: str
    variant: str
    preset: str
    corpus: str
    name: str
    validation: Curve | None
    training: Curve | None

    @property
    def drawn(self) -> tuple[tuple[str, Curve], ...]:
        """What there is, by the name of its partition."""
        both = ((VALIDATION, self.validation), (TRAINING, self.training))
        return tuple((partition, curve) for partition, curve in both if curve is not None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ComparedCurves:
    """The curves in the order asked for; `measured` is the metric of the solid ones, `floor` to `ceiling` the axis."""

    measured: Quantity
    axis: str
    floor: float
    ceiling: float
    last_epoch: int
    curves: tuple[ComparedCurve, ...]


def compared_curves(
    of: Sequence[tuple[Study, Results]], variants: Sequence[str], metric: str, ends: Limits
) -> ComparedCurves:
    """The curves of the chosen variants, whole studies where none of theirs is chosen.

    Raises `UnknownNameError` where no study has a variant or a metric of that name, and `RecordsError` where nothing is
    recorded of a study, or of a variant that is named.
    """
    _check_variants([study for study, _ in of], variants)
    found: list[ComparedCurve] = []
    for study, records in of:
        _check_metric(records, metric)
        named = [variant.id for variant in study.variants if variant.id in variants]
        curves = [curve for curve in _curves_of(study, records, metric, ends) if not named or curve.variant in named]
        lacking = named or [study.id]
        for lacks in lacking if not curves else set(named) - {curve.variant for curve in curves}:
            raise RecordsError(
                f"expected a curve of {metric} of {lacks!r} on {records.corpus}"
                f"{f' by epoch {ends.epochs}' if ends.epochs else ''}, found none: leave it out, or run the study"
            )
        found += curves
    validation, _ = partitions(metric)
    measured = quantity(validation or metric)
    shown = [_shown(curve, measured) for compared in found for _, curve in compared.drawn]
    floor, ceiling = limits(shown, rising=measured.higher_is_better)
    floor = floor if ends.lowest is None else ends.lowest
    ceiling = ceiling if ends.highest is None else ends.highest
    if floor >= ceiling:
        raise UserError(
            f"the axis would end at {ceiling:g}, below its start at {floor:g}: give both lowest and highest"
        )
    return ComparedCurves(
        measured=measured,
        axis=_axis(measured, found, metric),
        floor=floor,
        ceiling=ceiling,
        last_epoch=ends.epochs or max(curve.epochs[-1] for curve in shown),
        curves=tuple(_told_apart(found)),
    )


def _curves_of(study: Study, records: Results, metric: str, ends: Limits) -> Iterable[ComparedCurve]:
    """Those of all its variants that have any."""
    labels, last = variant_labels(study), ends.epochs or math.inf
    for variant, label in labels.items():
        validation, training = (
            None if name is None else mean_curve(records.comparable(variant), name, variant, last_epoch=last)
            for name in partitions(metric)
        )
        identified = label == variant or label.endswith(f"({variant})")
        if validation or training:
            yield ComparedCurve(
                study=study.id,
                variant=variant,
                preset=records.preset,
                corpus=records.corpus,
                name=f"{study.id}: {label}" + ("" if identified else f" ({variant})"),
                validation=validation,
                training=training,
            )


def partitions(metric: str) -> tuple[str | None, str | None]:
    """What is recorded of validation and of training examples; a metric with a whole name stands alone."""
    if metric.startswith(record.TRAIN_PREFIX):
        return None, metric
    if "/" in metric:
        return metric, None
    return record.VALIDATION_PREFIX + metric, record.TRAIN_PREFIX + metric


def _check_variants(studies: Sequence[Study], variants: Sequence[str]) -> None:
    known = list(dict.fromkeys(variant.id for study in studies for variant in study.variants))
    for variant in variants:
        if variant not in known:
            raise unknown_name("variant of these studies", variant, known)


def _check_metric(records: Results, metric: str) -> None:
    """Raise where no trial of a study has a curve of the metric."""
    trials = [trial for trial in records.trials if trial.comparable]
    if not trials:
        raise RecordsError(
            f"expected trials of {records.study!r} on {records.corpus} that have ended with numbers, found none yet: "
            "wait for them, or run the study"
        )
    if not any(any(trial.history.values()) for trial in trials):
        names = {name for trial in trials for name in trial.metrics if name.startswith(_PER_EPOCH)}
        short = {name.rpartition("/")[2] for name in names if name.startswith(_PARTITIONS)}
        raise unknown_name(f"metric that {records.study!r} recorded by epoch", metric, sorted(names | short))


def _axis(measured: Quantity, found: Iterable[ComparedCurve], metric: str) -> str:
    if "/" in metric:
        return measured.axis
    drawn = {partition for curve in found for partition, _ in curve.drawn}
    style_of = {VALIDATION: f"{VALIDATION} solid", TRAINING: f"{TRAINING} dashed"}
    how = ", ".join(words for partition, words in style_of.items() if partition in drawn)
    return f"{measured.axis.removeprefix(f'{VALIDATION} ')}: {how}"


def _told_apart(found: Sequence[ComparedCurve]) -> Iterable[ComparedCurve]:
    """With corpus and preset in the name where there are several."""
    corpora, presets = ({getattr(curve, field) for curve in found} for field in ("corpus", "preset"))
    for curve in found:
        on = f" on {curve.corpus}" if len(corpora) > 1 else ""
        at = f" at {curve.preset}" if len(presets) > 1 else ""
        seeds = counted(max(drawn.seeds for _, drawn in curve.drawn), "seed")
        yield replace(curve, name=f"{curve.name}{on}{at}, {seeds}")


def draw_compared_curves(data: ComparedCurves) -> style.Figure:
    """All on one pair of axes, each with its colour, the band of its seeds, and its line in the legend below."""
    figure = go.Figure()
    legend_pixels = _ENTRY_PIXELS * len(data.curves)
    style.chart(figure, _ABOVE_PIXELS + _PLOT_PIXELS + _BELOW_PIXELS + legend_pixels, "epoch", data.axis)
    for index, compared in enumerate(data.curves):
        colour = _COLOURS[index % len(_COLOURS)]
        symbol = _SYMBOLS[index // len(_COLOURS) % len(_SYMBOLS)]
        name = style.plain(style.shortened(compared.name, _LONGEST_ENTRY))
        for place, (partition, curve) in enumerate(compared.drawn):
            shown = _shown(curve, data.measured)
            if not place:
                figure.add_scatter(**band(shown, _thinned(colour)), legendgroup=str(index), showlegend=False)
            training = partition == TRAINING
            drawn = line(shown, colour, TRAINING if training else "")
            drawn["text"] = f"{name}, {TRAINING}" if training else name
            if symbol:
                drawn |= {"mode": f"{drawn['mode']}+markers", "marker": {"color": colour, "symbol": symbol, "size": 7}}
            figure.add_scatter(**drawn, name=name, legendgroup=str(index), showlegend=not place)
    epoch_axis(figure, data.last_epoch)
    figure.update_yaxes(range=[data.floor, data.ceiling])
    figure.update_layout(
        showlegend=True,
        margin={"t": _ABOVE_PIXELS, "b": _BELOW_PIXELS + legend_pixels},
        legend={"x": 0, "xanchor": "left", "y": -_BELOW_PIXELS / _PLOT_PIXELS, "yanchor": "top"}
        | {"maxheight": 1, "tracegroupgap": 0},
    )
    return figure


def _shown(curve: Curve, measured: Quantity) -> Curve:
    """In the numbers that stand on the axis."""
    mean, low, high = (tuple(map(measured.shown, values)) for values in (curve.mean, curve.low, curve.high))
    return replace(curve, mean=mean, low=low, high=high)


def _thinned(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.15)"


def compared_plain(data: ComparedCurves) -> dict[str, Any]:
    """The value that `curves --json` prints: every value as it was recorded, shares of one for an accuracy."""
    return {
        "metric": data.measured.metric,
        "unit": data.measured.recorded_unit,
        "curves": [
            {
                "name": compared.name,
                "study": compared.study,
                "variant": compared.variant,
                "preset": compared.preset,
                "corpus": compared.corpus,
            }
            | {
                partition: {
                    "seeds": curve.seeds,
                    "points": [
                        {"epoch": epoch, "mean": mean, "lowest": low, "highest": high}
                        for epoch, mean, low, high in zip(curve.epochs, curve.mean, curve.low, curve.high, strict=True)
                    ],
                }
                for partition, curve in compared.drawn
            }
            for compared in data.curves
        ],
    }
