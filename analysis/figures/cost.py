"""Cost against quality: what each variant takes, and what it gives."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.notation.quantities import number
from soundproof.analysis.statistics.intervals import Interval
from soundproof.analysis.summaries.study import StudySummary, VariantSummary

LOGARITHMIC_FROM = 10.0
"""The ratio of the greatest to the least cost beyond which the axis is logarithmic."""

LEAST_RATIO = 1.1
"""The ratio of the greatest to the least number of parameters from which they tell variants apart."""

HEIGHT_PIXELS = 380
_LEAST_MARKER, _MOST_MARKER = 18.0, 30.0
_AIR = 0.08


@dataclass(frozen=True, kw_only=True, slots=True)
class CostPoint:
    """One variant: what it costs, and the mean metric with its 95% interval.

    `number` is its place among the variants, best first. Of seconds, `cost` is the median of its trials and `spread`
    goes from the least to the greatest. It is `efficient` when no other is both as cheap and as good; by a clock
    nothing is: the same network takes other seconds on another day.
    """

    number: int
    label: str
    cost: float
    spread: tuple[float, float] | None
    value: float
    interval: Interval | None
    parameters: int | None
    seconds: float | None
    efficient: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """The variants that have both a cost and a number, best first. `clock`: the cost is in seconds of training."""

    axis: str
    clock: bool
    logarithmic: bool
    points: tuple[CostPoint, ...]

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the cost axis, with air for the points' own size."""
        ends = [end for point in self.points for end in (point.cost, *(point.spread or ()))]
        least, most = min(ends), max(ends)
        if self.logarithmic:
            return least * (least / most) ** _AIR, most * (most / least) ** _AIR
        air = _AIR * ((most - least) or most)
        return least - air, most + air

    @property
    def key(self) -> tuple[tuple[int, str], ...]:
        """What the numbers in the figure stand for: (number, label with size and time)."""
        return tuple((point.number, f"{point.label}: {_size_and_time(point)}") for point in self.points)


def costs(summary: StudySummary) -> Costs:
    """Cost and mean quality of each variant: by parameters where they tell variants apart, else by the clock."""
    measured = [
        (place, variant) for place, variant in enumerate(summary.variants, 1) if variant.estimate.value is not None
    ]
    sizes = [variant.parameters or 0 for _, variant in measured]
    clock = not sizes or min(sizes) <= 0 or max(sizes) < LEAST_RATIO * min(sizes)
    found = [_point(place, variant, summary, clock=clock) for place, variant in measured]
    points = [point for point in found if point is not None]
    efficient = frozenset() if clock else _efficient(points, summary.measured.higher_is_better)
    levels = [point.cost for point in points]
    return Costs(
        axis=summary.measured.axis,
        clock=clock,
        logarithmic=bool(levels) and max(levels) > LOGARITHMIC_FROM * min(levels),
        points=tuple(replace(point, efficient=point.number in efficient) for point in points),
    )


def _point(place: int, variant: VariantSummary, summary: StudySummary, *, clock: bool) -> CostPoint | None:
    """None for a variant without the cost."""
    measured, estimate = summary.measured, variant.estimate
    assert estimate.value is not None
    trials = [trial for trial in summary.costs.trials if trial.variant == variant.id]
    seconds = [
        trial.train_seconds for trial in trials if trial.value(measured.metric) is not None and trial.train_seconds
    ]
    middle = median(seconds) if seconds else None
    cost = middle if clock else variant.parameters
    if cost is None:
        return None
    return CostPoint(
        number=place,
        label=variant.label,
        cost=cost,
        spread=(min(seconds), max(seconds)) if clock else None,
        value=measured.shown(estimate.value),
        interval=measured.shown_interval(estimate.interval),
        parameters=variant.parameters,
        seconds=middle,
        efficient=False,
    )


def _efficient(points: Sequence[CostPoint], higher_is_better: bool) -> frozenset[int]:
    """Numbers of the points that no other dominates: cheaper and as good, or better and as cheap."""
    sign = -1.0 if higher_is_better else 1.0
    best, chosen = math.inf, set()
    for _, loss, place in sorted((point.cost, sign * point.value, point.number) for point in points):
        if loss < best:
            best = loss
            chosen.add(place)
    return frozenset(chosen)


def draw_costs(data: Costs) -> style.Figure:
    """A numbered point for each variant; the efficient ones in colour, and joined; by a clock all alike."""
    figure = go.Figure()
    front = sorted((point for point in data.points if point.efficient), key=lambda point: point.cost)
    figure.add_scatter(
        x=[point.cost for point in front],
        y=[point.value for point in front],
        mode="lines",
        line={"color": style.ACCENT, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    for colour, coloured in ((style.QUIET_UNDER_TEXT, False), (style.ACCENT, True)):
        chosen = [point for point in data.points if (point.efficient or data.clock) is coloured]
        _add_points(figure, chosen, data, colour)
    along = "median training seconds of a trial" if data.clock else "parameters"
    style.chart(figure, HEIGHT_PIXELS, along, data.axis)
    figure.update_xaxes(**(_logarithmic(*data.limits) if data.logarithmic else {"range": list(data.limits)}))
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
    values, levels = [point.value for point in points], [point.cost for point in points]
    spreads = [
        Interval(low=point.spread[0], high=point.spread[1], confidence=1.0) if point.spread else None
        for point in points
    ]
    figure.add_scatter(
        x=levels,
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
        error_x=style.error_bars(levels, spreads, style.QUIET) | {"thickness": 1},
        error_y=style.error_bars(values, [point.interval for point in points], colour),
        customdata=[style.plain(f"{point.label}: {_size_and_time(point)}") for point in points],
        hovertemplate="%{customdata}<br>%{y:.4g}<extra></extra>",
    )


def _marker(point: CostPoint, least: int, most: int) -> float:
    """The diameter in pixels, from the smallest variant to the largest."""
    share = math.sqrt(((point.parameters or 0) - least) / (most - least)) if most > 1.1 * least else 0.0
    return _LEAST_MARKER + (_MOST_MARKER - _LEAST_MARKER) * share


def _size_and_time(point: CostPoint) -> str:
    size = [] if point.parameters is None else [f"{point.parameters:,} parameters"]
    return ", ".join([*size, *([] if point.seconds is None else [f"{number(point.seconds)} s"])])
