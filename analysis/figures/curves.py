"""Learning curves: the mean over seeds, in a band from the lowest to the highest seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from soundproof.analysis.figures import style
from soundproof.analysis.notation.quantities import Quantity, curve_metric, quantity
from soundproof.analysis.records.trials import StudyRecords
from soundproof.analysis.summaries.study import StudySummary, VariantSummary
from soundproof.search_spaces.documented.numbers import Points

DOCUMENTED = "documented (1 run)"
"""What the legend calls the curve of a document."""
MOST_TICKS = 6
_SHOWN_DIGITS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """One variant's mean over seeds at each epoch that all its seeds reached, with the lowest and highest seed.

    `documented` holds the (epoch, value) of one run of a document.
    """

    label: str
    is_baseline: bool
    epochs: tuple[int, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
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


def curves(summary: StudySummary, records: StudyRecords) -> Curves:
    """By epoch, over the comparable trials of each variant: the validation metric that goes with the study's own."""
    drawn, measured = [], quantity(curve_metric(summary.measured.metric))
    for variant in summary.measured_variants:
        histories = [dict(trial.history.get(measured.metric, ())) for trial in records.comparable(variant.id)]
        histories = [history for history in histories if history]
        epochs = sorted(set.intersection(*(set(history) for history in histories))) if histories else []
        if not epochs:
            continue
        values = np.array([[measured.shown(history[epoch]) for epoch in epochs] for history in histories])
        drawn.append(
            Curve(
                label=variant.label,
                is_baseline=variant.is_baseline,
                epochs=tuple(epochs),
                mean=tuple(values.mean(axis=0).tolist()),
                low=tuple(values.min(axis=0).tolist()),
                high=tuple(values.max(axis=0).tolist()),
                documented=_documented(variant, measured),
            )
        )
    floor, ceiling = _limits(drawn, rising=measured.higher_is_better)
    return Curves(measured=measured, floor=floor, ceiling=ceiling, curves=tuple(drawn))


def _documented(variant: VariantSummary, measured: Quantity) -> Points:
    points = variant.documented.curves.get(measured.metric, ()) if variant.documented else ()
    return tuple((epoch, measured.shown(value)) for epoch, value in points)


def _limits(drawn: Sequence[Curve], *, rising: bool) -> tuple[float, float]:
    """Limits of the axis: all that lies behind the first quarter of the epochs, and all that is better; some air."""
    if not drawn:
        return 0.0, 1.0
    documented = [[value for _, value in curve.documented] for curve in drawn if curve.documented]
    lows = [*(curve.low for curve in drawn), *documented]
    highs = [*(curve.high for curve in drawn), *documented]
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
            figure.add_scatter(**_line(baseline, style.QUIET), **place)
        if curve.documented:
            figure.add_scatter(**_documented_line(curve), **place)
        _add_curve(figure, curve, place)
    last = max((math.ceil(epoch) for curve in data.curves for epoch in _last_epochs(curve)), default=1)
    figure.update_xaxes(gridcolor=style.GRID, zeroline=False, range=[0.5, last + 0.5], dtick=_whole_step(last))
    figure.update_yaxes(gridcolor=style.GRID, zeroline=False, range=[data.floor, data.ceiling])
    for place in places[-style.PANELS_ACROSS :]:  # the panels with none below
        figure.update_xaxes(title_text="epoch", showticklabels=True, **place)
    figure.update_yaxes(title_text=data.measured.axis, col=1)
    figure.update_layout(margin={"l": 58, "r": 8, "t": above + 10, "b": 48})
    return figure


def _whole_step(last: int) -> int:
    """Between the labels of epochs, of which there are about five: 1, 2, 5, 10, 20, ..."""
    least = math.ceil(last / MOST_TICKS)
    power = int(f"1{'0' * (len(str(least)) - 1)}")
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least)


def _add_curve(figure: style.Figure, curve: Curve, place: dict[str, int]) -> None:
    figure.add_scatter(
        x=[*curve.epochs, *reversed(curve.epochs)],
        y=[*_rounded(curve.high), *reversed(_rounded(curve.low))],
        mode="lines",
        fill="toself",
        fillcolor=style.QUIET_BAND if curve.is_baseline else style.ACCENT_BAND,
        line={"width": 0},
        hoverinfo="skip",
        **place,
    )
    figure.add_scatter(**_line(curve, style.QUIET if curve.is_baseline else style.ACCENT), **place)


def _line(curve: Curve, colour: str) -> dict[str, Any]:
    return {
        "x": list(curve.epochs),
        "y": _rounded(curve.mean),
        "mode": "lines" if len(curve.epochs) > 1 else "markers",
        "line": {"color": colour, "width": 2 if colour == style.ACCENT else 1.5},
        "text": style.plain(style.shortened(curve.label)),
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
