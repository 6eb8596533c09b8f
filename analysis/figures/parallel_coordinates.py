"""Parallel coordinates: a line for each trial through its choices to what it reached.

Drawn as ordinary lines: Plotly's own kind of trace compiles code in the browser, which the page's policy forbids, and
has no place for a choice that a trial does not have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from soundproof.analysis.figures import style
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.summaries.choices import Choice, choice_words, short_names
from soundproof.analysis.summaries.search import SearchSummary, SearchTrial

MOST_AXES = 8
"""More leave no room between them for what is written along each."""
MOST_LINES = 300
"""Trials that are drawn: of more, the best, since lines upon lines show nothing."""

ABSENT = -0.14
"""The height of a choice that a trial does not have, below the least value."""

HEIGHT_PIXELS = 480
WIDTH_PIXELS = 720
"""At least so wide are all axes together."""
_CHARACTER_PIXELS = 6.2
_SCALE = ((0.0, "#c9763b"), (0.5, "#a8adb5"), (1.0, style.ACCENT))
"""From the worst to the best, told apart by all eyes on light and dark."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParallelAxis:
    """One choice, or the metric: its name, and what is written at which height (0 to 1; `ABSENT` where absent)."""

    name: str
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParallelLine:
    """One trial: its height on each axis it reaches, and `goodness` from 0, the worst, to 1, by rank.

    A stopped trial has no goodness, and its line ends before the axis of the metric.
    """

    label: str
    heights: tuple[float, ...]
    texts: tuple[str, ...]
    goodness: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ParallelCoordinates:
    """The axes, the metric's last with the better values on top, and the lines, worst first, stopped ones before."""

    axes: tuple[ParallelAxis, ...]
    lines: tuple[ParallelLine, ...]
    left_out: int


def parallel_coordinates(summary: SearchSummary, choices: Sequence[Choice]) -> ParallelCoordinates | None:
    """None where there are fewer than two trials to compare, or no choice differs."""
    measured = summary.measured
    sign = 1.0 if measured.higher_is_better else -1.0
    ranked = sorted(summary.compared, key=lambda trial: sign * (trial.value or 0.0))
    shown, stopped = ranked[-MOST_LINES:], summary.stopped[:MOST_LINES]
    if len(shown) < 2 or not choices:
        return None
    kept = choices[:MOST_AXES]
    names = short_names(summary.choice_names)
    values = [measured.shown(trial.value or 0.0) for trial in shown]
    worst, best = (values[0], values[-1]) if values[0] != values[-1] else (values[0] - 1, values[0] + 1)
    lines = [_line(trial, kept, names) for trial in stopped]
    for trial, value in zip(shown, values, strict=True):
        beaten = sum(sign * other < sign * value for other in values)
        line = _line(trial, kept, names)
        lines.append(
            replace(
                line,
                label=f"trial {trial.record.number}, {measured.level(trial.value or 0.0)}",
                heights=(*line.heights, (value - worst) / (best - worst)),
                texts=(*line.texts, measured.name),
                goodness=beaten / (len(shown) - 1),
            )
        )
    choice_axes = (_axis(choice, names[choice.name], (*shown, *stopped)) for choice in kept)
    axes = (*choice_axes, _metric_axis(measured, worst, best))
    return ParallelCoordinates(axes=axes, lines=tuple(lines), left_out=len(ranked) - len(shown))


def _axis(choice: Choice, name: str, trials: Sequence[SearchTrial]) -> ParallelAxis:
    ticks = tuple((choice.place(value), choice_words(value)) for value in choice.ticks)
    missing = any(choice.name not in trial.record.choices for trial in trials)
    return ParallelAxis(name=name, ticks=((ABSENT, "not there"), *ticks) if missing else ticks)


def _metric_axis(measured: Quantity, worst: float, best: float) -> ParallelAxis:
    """Five values as they are shown, which `Quantity.number` takes as they are recorded."""
    steps = [index / 4 for index in range(5)]
    ticks = tuple((step, measured.number((worst + step * (best - worst)) / measured.shown(1.0))) for step in steps)
    return ParallelAxis(name=measured.axis, ticks=ticks)


def _line(trial: SearchTrial, choices: Sequence[Choice], names: Mapping[str, str]) -> ParallelLine:
    """The way of a trial through its choices, as far as one goes that was stopped."""
    heights, texts = [], []
    for choice in choices:
        chosen = trial.record.choices
        here = choice.name in chosen
        heights.append(choice.place(chosen[choice.name]) if here else ABSENT)
        texts.append(f"{names[choice.name]}: {choice_words(chosen[choice.name]) if here else 'not there'}")
    return ParallelLine(
        label=f"trial {trial.record.number}, stopped at epoch {trial.record.trained_epochs}",
        heights=tuple(heights),
        texts=tuple(texts),
        goodness=None,
    )


def draw_parallel_coordinates(data: ParallelCoordinates) -> style.Figure:
    """The lines in the colour of their rank, with buttons for the best quarter alone, and for stopped ones in grey."""
    figure = go.Figure()
    for line in data.lines:
        _add_line(figure, line)
    style.quiet(figure, HEIGHT_PIXELS)
    figure.update_layout(margin={"l": 40, "r": 120, "t": 132, "b": 12}, hovermode="closest")
    figure.update_xaxes(
        tickvals=list(range(len(data.axes))),
        ticktext=[style.plain(style.shortened(axis.name, 28)) for axis in data.axes],
        tickangle=-32,
        ticklabeloverflow="allow",
        side="top",
        range=[-0.35, len(data.axes) - 0.6],
        showgrid=True,
        gridcolor=style.QUIET,
        zeroline=False,
        fixedrange=True,
    )
    figure.update_yaxes(visible=False, range=[ABSENT - 0.06, 1.06], fixedrange=True)
    room = int(WIDTH_PIXELS / len(data.axes) / _CHARACTER_PIXELS) - 1
    for place, axis in enumerate(data.axes):
        for height, text in axis.ticks:
            figure.add_annotation(
                x=place,
                y=height,
                text=style.plain(style.shortened(text, room)),
                showarrow=False,
                xanchor="left",
                xshift=5,
                font={"size": 11},
            )
    figure.update_layout(updatemenus=[_buttons(data)])
    return figure


def _add_line(figure: style.Figure, line: ParallelLine) -> None:
    stopped = line.goodness is None
    colour = style.QUIET if stopped else sample_colorscale([list(stop) for stop in _SCALE], [line.goodness])[0]
    figure.add_scatter(
        x=list(range(len(line.heights))),
        y=[round(height, 4) for height in line.heights],
        mode="lines+markers",
        line={"color": colour, "width": 1 if stopped else 1.6, "dash": "dot" if stopped else "solid"},
        marker={"size": 5, "color": colour},
        opacity=0.45 if stopped else 0.8,
        visible=not stopped,
        text=[style.plain(text) for text in line.texts],
        name=line.label,
        hovertemplate=f"{style.plain(line.label)}<br>%{{text}}<extra></extra>",
    )


def _buttons(data: ParallelCoordinates) -> dict[str, object]:
    compared = [line.goodness is not None for line in data.lines]
    best = [line.goodness is not None and line.goodness >= 0.75 for line in data.lines]
    views = [("compared", compared), ("best quarter", best)]
    if not all(compared):
        views.append(("with those stopped", [True] * len(compared)))
    return {
        "type": "buttons",
        "direction": "right",
        "x": 0,
        "xanchor": "left",
        "y": 1.34,
        "yanchor": "bottom",
        "font": {"color": style.QUIET_UNDER_TEXT, "size": 12},
        "bordercolor": style.QUIET,
        "pad": {"t": 0, "b": 0},
        "buttons": [{"label": label, "method": "restyle", "args": [{"visible": visible}]} for label, visible in views],
    }
