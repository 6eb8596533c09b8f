"""Learning curves: the mean over seeds, in a band from the lowest to the highest seed."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from soundproof.analysis.figures import style
from soundproof.analysis.notation.quantities import Quantity, curve_metric, quantity, training_metric
from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.analysis.summaries.study import StudySummary, VariantSummary
from soundproof.search_spaces.documented.numbers import Points

DOCUMENTED = "documented (1 run)"
"""What the legend calls the curve of a document."""
TRAINING = "training"
"""What the dashed lines are called."""
MOST_TICKS = 6
_SHOWN_DIGITS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One variant's mean over seeds at each epoch that all its seeds reached, with the lowest and highest seed.

    `training` is the same of the training examples; None where that is not recorded. `documented` holds the (epoch,
    value) of one run of a document.
    """

    label: str
    is_baseline: bool
    seeds: int
    epochs: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    training: "Curve | None" = None
    documented: Points = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Curves:
    """Learning curves, best variant first, as the axis shows them.

    `floor` and `ceiling` leave out the fall or rise of the first epochs, which hides the rest.
    """

    measured: Quantity
    ceiling: float
    floor: float
    curves: tuple[Curve, ...]


def curves(summary: StudySummary, records: Results) -> Curves:
    """By epoch, over the comparable trials of each variant: the validation metric that goes with the study's own."""
    drawn, measured = [], quantity(curve_metric(summary.measured.metric))
    for variant in summary.measured_variants:
        trials = records.comparable(variant.id)
        validation, training = (
            mean_curve(trials, metric, variant.label, is_baseline=variant.is_baseline, shown=measured.shown)
            for metric in (measured.metric, training_metric(measured.metric))
        )
        if validation is not None:
            drawn.append(replace(validation, training=training, documented=_documented(variant, measured)))
    floor, ceiling = limits(drawn, rising=measured.higher_is_better)
    return Curves(measured=measured, floor=floor, ceiling=ceiling, curves=tuple(drawn))


def _documented(variant: VariantSummary, measured: Quantity) -> Points:
    points = variant.documented.curves.get(measured.metric, ()) if variant.documented else ()
    return tuple((epoch, measured.shown(value)) for epoch, value in points)


def mean_curve(
    trials: Iterable[TrialRecord],
    metric: str,
    label: str,
    *,
    is_baseline: bool = False,
    shown: Callable[[float], float] = float,
    last_epoch: float = math.inf,
) -> Curve | None:
    """A metric of trials by epoch, up to `last_epoch`; None where no epoch was reached by all that recorded it."""
    histories = [dict(trial.history.get(metric, ())) for trial in trials]
    histories = [history for history in histories if history]
    reached = set.intersection(*(set(history) for history in histories)) if histories else set()
    epochs = sorted(epoch for epoch in reached if epoch <= last_epoch)
    if not epochs:
        return None
    values = np.array([[shown(history[epoch]) for epoch in epochs] for history in histories])
    return Curve(
        label=label,
        is_baseline=is_baseline,
        seeds=len(histories),
        epochs=tuple(epochs),
        mean=tuple(values.mean(axis=0).tolist()),
        low=tuple(values.min(axis=0).tolist()),
        high=tuple(values.max(axis=0).tolist()),
    )


def limits(drawn: Sequence[Curve], *, rising: bool) -> tuple[float, float]:
    """Limits of the axis: all that lies behind the first quarter of the epochs, and all that is better; some air."""
    if not drawn:
        return 0.0, 1.0
    every = [*drawn, *(curve.training for curve in drawn if curve.training is not None)]
    documented = [[value for _, value in curve.documented] for curve in drawn if curve.documented]
    lows = [*(curve.low for curve in every), *documented]
    highs = [*(curve.high for curve in every), *documented]
    low = min(min(values[len(values) // 4 if rising else 0 :]) for values in lows)
    high = max(max(values[0 if rising else len(values) // 4 :]) for values in highs)
    floor, ceiling = style.aired(low, high, 0.06)
    return max(0.0, floor) if low >= 0 else floor, ceiling


def draw_curves(data: Curves) -> style.Figure:
    """A small panel for each variant, on common axes; grey behind it the baseline's mean, and dotted the document's."""
    titles = [style.wrapped(curve.label) for curve in data.curves]
    above = style.LINE_PIXELS * max(2, style.label_lines(titles))
    figure, places = style.panels(
        titles,
        height_of=lambda down: (style.PANEL_PIXELS + above - 34) * down + 60,
        gap_pixels=above + 20,
        horizontal_spacing=0.025,
        shared_xaxes="all",
    )
    baseline = next((curve for curve in data.curves if curve.is_baseline), None)
    for curve, place in zip(data.curves, places, strict=True):
        if baseline is not None and not curve.is_baseline:
            figure.add_scatter(**line(baseline, style.QUIET), **place)
        if curve.documented:
            figure.add_scatter(**_documented_line(curve), **place)
        _add_curve(figure, curve, place)
    figure.update_xaxes(gridcolor=style.GRID, zeroline=False)
    epoch_axis(figure, max((math.ceil(epoch) for curve in data.curves for epoch in _last_epochs(curve)), default=1))
    figure.update_yaxes(gridcolor=style.GRID, zeroline=False, range=[data.floor, data.ceiling])
    for place in places[-style.PANELS_ACROSS :]:  # the panels with none below
        figure.update_xaxes(title_text="epoch", showticklabels=True, **place)
    figure.update_yaxes(title_text=data.measured.axis, col=1)
    figure.update_layout(margin={"l": 58, "r": 8, "t": above + 10, "b": 48})
    return figure


def epoch_axis(figure: style.Figure, last: int) -> None:
    """Epochs up to the last, labelled by whole numbers."""
    figure.update_xaxes(range=[0.5, last + 0.5], dtick=_whole_step(last))


def _whole_step(last: int) -> int:
    """Between the labels of epochs, of which there are about five: 1, 2, 5, 10, 20, ..."""
    least = math.ceil(last / MOST_TICKS)
    power = int(f"1{'0' * (len(str(least)) - 1)}")
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least)


def _add_curve(figure: style.Figure, curve: Curve, place: dict[str, int]) -> None:
    colour = style.QUIET if curve.is_baseline else style.ACCENT
    figure.add_scatter(**band(curve, style.QUIET_BAND if curve.is_baseline else style.ACCENT_BAND), **place)
    if curve.training is not None:
        figure.add_scatter(**line(curve.training, colour, TRAINING), **place)
    figure.add_scatter(**line(curve, colour), **place)


def band(curve: Curve, colour: str) -> dict[str, Any]:
    """From the lowest to the highest seed."""
    return {
        "x": [*curve.epochs, *reversed(curve.epochs)],
        "y": [*_rounded(curve.high), *reversed(_rounded(curve.low))],
        "mode": "lines",
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0},
        "hoverinfo": "skip",
    }


def line(curve: Curve, colour: str, partition: str = "") -> dict[str, Any]:
    """The mean over seeds; dashed where `partition` is that of training."""
    text = style.plain(style.shortened(curve.label)) + (f", {partition}" if partition else "")
    return {
        "x": list(curve.epochs),
        "y": _rounded(curve.mean),
        "mode": "lines" if len(curve.epochs) > 1 else "markers",
        "line": {"color": colour, "width": 1.5 if colour == style.QUIET else 2}
        | ({"dash": "dash"} if partition == TRAINING else {}),
        "text": text,
        "hovertemplate": "%{text}<br>epoch %{x}: %{y:.4g}<extra></extra>",
    }


def _documented_line(curve: Curve) -> dict[str, Any]:
    epochs, values = zip(*curve.documented, strict=True)
    return {
        "x": list(epochs),
        "y": _rounded(values),
        "mode": "lines",
        "line": {"color": style.QUIET, "width": 1.5, "dash": "dot"},
        "name": DOCUMENTED,
        "hovertemplate": f"{DOCUMENTED}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
    }


def _last_epochs(curve: Curve) -> list[float]:
    return [curve.epochs[-1], *([curve.documented[-1][0]] if curve.documented else [])]


def _rounded(values: Sequence[float]) -> list[float]:
    """Values to the digits that a reader can see: the page holds thousands of them."""
    return [float(f"{value:.{_SHOWN_DIGITS}g}") for value in values]
