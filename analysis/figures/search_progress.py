"""The progress of a search: its own best number so far, and what fresh seeds made of it."""

from dataclasses import dataclass

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.statistics.intervals import Interval
from soundproof.analysis.summaries.search import SearchSummary

HEIGHT_PIXELS = 340


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgressPoint:
    """A trial with a comparable number: how many had ended with it, its value, and the best up to it, as shown."""

    ended: int
    label: str
    value: float
    best: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchProgress:
    """The trials in the order in which they were proposed; those without a number count as ended, and have no point.

    `confirmed` is the mean over the fresh seeds of the winner, with its interval; None before there is one.
    """

    axis: str
    ended: int
    points: tuple[ProgressPoint, ...]
    confirmed: float | None
    interval: Interval | None


def search_progress(summary: SearchSummary) -> SearchProgress | None:
    """None where no trial has a comparable number."""
    measured = summary.measured
    choose = max if measured.higher_is_better else min
    points: list[ProgressPoint] = []
    for ended, trial in enumerate(summary.trials, start=1):
        if trial.value is None:
            continue
        value = measured.shown(trial.value)
        best = choose(value, points[-1].best) if points else value
        label = f"trial {trial.record.number}: {measured.level(trial.value)}"
        points.append(ProgressPoint(ended=ended, label=label, value=value, best=best))
    if not points:
        return None
    winner = summary.confirmation.winner
    confirmed = None if winner is None else winner.estimate
    return SearchProgress(
        axis=measured.axis,
        ended=len(summary.trials),
        points=tuple(points),
        confirmed=None if confirmed is None or confirmed.value is None else measured.shown(confirmed.value),
        interval=None if confirmed is None else measured.shown_interval(confirmed.interval),
    )


def draw_search_progress(data: SearchProgress) -> style.Figure:
    """Each trial as a grey dot, the best so far as steps, the confirmed mean as a line in its interval."""
    figure = go.Figure()
    if data.interval is not None:
        figure.add_hrect(
            y0=data.interval.low, y1=data.interval.high, fillcolor=style.ACCENT_BAND, line_width=0, layer="below"
        )
    if data.confirmed is not None:
        figure.add_hline(y=data.confirmed, line={"color": style.ACCENT, "width": 1.5})
    dots = [(point.ended, point.value, point.label) for point in data.points]
    style.add_dots(figure, dots, {"size": 6, "color": style.QUIET, "opacity": 0.7})
    last = [] if data.points[-1].ended == data.ended else [data.ended]
    figure.add_scatter(
        x=[*(point.ended for point in data.points), *last],
        y=[*(point.best for point in data.points), *(data.points[-1].best for _ in last)],
        mode="lines",
        line={"color": style.QUIET_UNDER_TEXT, "width": 2, "shape": "hv", "dash": "dot"},
        hovertemplate="best so far (optimistic): %{y:.4g}<extra></extra>",
    )
    style.chart(figure, HEIGHT_PIXELS, "trials ended", data.axis)
    figure.update_xaxes(rangemode="tozero")
    return figure
