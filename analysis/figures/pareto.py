"""Two objectives against each other: the trials that no other one dominates, and the rest."""

import math
from dataclasses import dataclass

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.summaries.search import SearchSummary

LOGARITHMIC_FROM = 10.0
"""The ratio of the greatest to the least value beyond which the second objective's axis is logarithmic."""

HEIGHT_PIXELS = 380


@dataclass(frozen=True, kw_only=True, slots=True)
class ParetoPoint:
    """One trial: the second objective along the axis, the first one upwards, as the axes show them."""

    label: str
    along: float
    upwards: float
    on_front: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Pareto:
    """The trials that have both objectives; `more_is_better` is said of the one along the axis."""

    along_axis: str
    upwards_axis: str
    logarithmic: bool
    more_is_better: bool
    points: tuple[ParetoPoint, ...]


def pareto(summary: SearchSummary) -> Pareto | None:
    """None where there are not just two objectives, or no trial has both."""
    if len(summary.objectives) != 2:
        return None
    first, second = summary.objectives
    points = []
    for trial in summary.compared:
        upwards, along = trial.values
        if upwards is None or along is None:
            continue
        ended = f"trial {trial.record.number} ({trial.record.trial_id})"
        points.append(
            ParetoPoint(
                label=f"{ended}: {first.level(upwards)}, {second.level(along)}",
                along=second.shown(along),
                upwards=first.shown(upwards),
                on_front=trial.on_front,
            )
        )
    if not points:
        return None
    least, most = min(point.along for point in points), max(point.along for point in points)
    return Pareto(
        along_axis=second.axis,
        upwards_axis=first.axis,
        logarithmic=least > 0 and most > LOGARITHMIC_FROM * least,
        more_is_better=second.higher_is_better,
        points=tuple(points),
    )


def draw_pareto(data: Pareto) -> style.Figure:
    """The front in colour and joined by steps, since nothing between two of its points was tried; the rest in grey."""
    figure = go.Figure()
    for on_front in (False, True):
        points = sorted((point for point in data.points if point.on_front is on_front), key=lambda point: point.along)
        style.add_dots(
            figure,
            [(point.along, point.upwards, point.label) for point in points],
            {"size": 9 if on_front else 7, "color": style.ACCENT if on_front else style.QUIET},
            mode="lines+markers" if on_front else "markers",
            line={"color": style.ACCENT, "width": 1.5, "dash": "dot", "shape": "vh" if data.more_is_better else "hv"},
            opacity=1 if on_front else 0.6,
        )
    style.chart(figure, HEIGHT_PIXELS, data.along_axis, data.upwards_axis)
    if data.logarithmic:
        along = [point.along for point in data.points]
        air = 0.06 * math.log10(max(along) / min(along))
        ends = [math.log10(min(along)) - air, math.log10(max(along)) + air]
        figure.update_xaxes(type="log", range=ends, nticks=8)
    return figure
