"""Cost against quality: what each variant's training takes, and what it gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from analysis.figures import style
from analysis.metrics import Quantity, number
from analysis.statistics import Interval
from analysis.summary import StudySummary, VariantSummary

LOGARITHMIC_FROM = 10.0
"""The ratio of the greatest to the least cost beyond which the axis is logarithmic."""

HEIGHT_PIXELS = 380
_LEAST_MARKER, _MOST_MARKER = 18.0, 30.0
_AIR = 0.08


@dataclass(frozen=True, kw_only=True, slots=True)
class CostPoint:
    """One variant: mean training seconds of a trial, and the mean metric with its 95% interval.

    `number` is its place among the variants, best first. It is `efficient` when no other is both as cheap and as good.
    """

    number: int
    label: str
    seconds: float
    value: float
    interval: Interval | None
    parameters: int | None
    efficient: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """The variants that have both a cost and a number, best first."""

    axis: str
    unit: str
    logarithmic: bool
    points: tuple[CostPoint, ...]

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the cost axis in seconds, with air for the points' own size."""
        least, most = min(point.seconds for point in self.points), max(point.seconds for point in self.points)
        if self.logarithmic:
            return least * (least / most) ** _AIR, most * (most / least) ** _AIR
        air = _AIR * ((most - least) or most)
        return least - air, most + air

    @property
    def key(self) -> tuple[tuple[int, str], ...]:
        """What the numbers in the figure stand for: (number, label with cost and size)."""
        return tuple((point.number, f"{point.label}: {_size_and_time(point)}") for point in self.points)


def costs(summary: StudySummary) -> Costs:
    """Mean cost and mean quality of each variant."""
    variants = [
        (place, variant)
        for place, variant in enumerate(summary.variants, start=1)
        if variant.estimate.value is not None and variant.train_seconds is not None and variant.train_seconds > 0
    ]
    efficient = _efficient([variant for _, variant in variants], summary.measured.higher_is_better)
    points = tuple(_point(place, variant, summary.measured, variant.id in efficient) for place, variant in variants)
    seconds = [point.seconds for point in points]
    return Costs(
        axis=summary.measured.axis,
        unit=summary.measured.unit,
        logarithmic=bool(seconds) and max(seconds) > LOGARITHMIC_FROM * min(seconds),
        points=points,
    )


def _point(place: int, variant: VariantSummary, measured: Quantity, efficient: bool) -> CostPoint:
    estimate = variant.estimate
    assert estimate.value is not None
    assert variant.train_seconds is not None
    return CostPoint(
        number=place,
        label=variant.label,
        seconds=variant.train_seconds,
        value=measured.shown(estimate.value),
        interval=measured.shown_interval(estimate.interval),
        parameters=variant.parameters,
        efficient=efficient,
    )


def _efficient(variants: Sequence[VariantSummary], higher_is_better: bool) -> frozenset[str]:
    """Ids of the variants that no other dominates: cheaper and as good, or better and as cheap."""
    sign = -1.0 if higher_is_better else 1.0
    best, chosen = math.inf, set()
    costs_and_losses = [
        (variant.train_seconds or 0.0, sign * (variant.estimate.value or 0.0), variant.id) for variant in variants
    ]
    for _, loss, variant_id in sorted(costs_and_losses):
        if loss < best:
            best = loss
            chosen.add(variant_id)
    return frozenset(chosen)


def draw_costs(data: Costs) -> style.Figure:
    """A numbered point for each variant; the efficient ones in colour, and joined."""
    figure = go.Figure()
    front = sorted((point for point in data.points if point.efficient), key=lambda point: point.seconds)
    figure.add_scatter(
        x=[point.seconds for point in front],
        y=[point.value for point in front],
        mode="lines",
        line={"color": style.ACCENT, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    for colour, efficient in ((style.QUIET_UNDER_TEXT, False), (style.ACCENT, True)):
        _add_points(figure, [point for point in data.points if point.efficient is efficient], data, colour)
    style.quiet(figure, HEIGHT_PIXELS)
    figure.update_layout(margin={"l": 66, "r": 16, "t": 8, "b": 48})
    figure.update_xaxes(
        title_text="training seconds of a trial",
        **(_logarithmic(*data.limits) if data.logarithmic else {"range": list(data.limits)}),
        gridcolor=style.GRID,
        zeroline=False,
    )
    figure.update_yaxes(title_text=style.plain(data.axis), gridcolor=style.GRID, zeroline=False)
    return figure


def _logarithmic(least: float, most: float) -> dict[str, Any]:
    """Plotly's settings for a logarithmic axis in steps of 1, 2, 5, 10."""
    first, last = math.floor(math.log10(least)), math.ceil(math.log10(most))
    steps = [digit * 10.0**power for power in range(first, last + 1) for digit in (1, 2, 5)]
    shown = [step for step in steps if least <= step <= most]
    return {
        "type": "log",
        "range": [math.log10(least), math.log10(most)],
        "tickvals": shown,
        "ticktext": [f"{step:,g}" for step in shown],
    }


def _add_points(figure: style.Figure, points: list[CostPoint], data: Costs, colour: str) -> None:
    sizes = [point.parameters or 0 for point in data.points]
    values = [point.value for point in points]
    figure.add_scatter(
        x=[point.seconds for point in points],
        y=values,
        mode="markers+text",
        marker={
            "color": colour,
            "opacity": 1,
            "line": {"width": 0},
            "size": [_marker(point, min(sizes), max(sizes)) for point in points],
        },
        text=[str(point.number) for point in points],
        textfont={"color": "#fff", "size": 12},
        error_y=style.error_bars(values, [point.interval for point in points], colour),
        customdata=[style.plain(f"{point.label}: {_size_and_time(point)}") for point in points],
        hovertemplate="%{customdata}<br>%{y:.4g}<extra></extra>",
    )


def _marker(point: CostPoint, least: int, most: int) -> float:
    """The diameter in pixels, from the smallest variant to the largest."""
    share = math.sqrt(((point.parameters or 0) - least) / (most - least)) if most > 1.1 * least else 0.0
    return _LEAST_MARKER + (_MOST_MARKER - _LEAST_MARKER) * share


def _size_and_time(point: CostPoint) -> str:
    size = "" if point.parameters is None else f", {point.parameters:,} parameters"
    return f"{number(point.seconds)} s{size}"
