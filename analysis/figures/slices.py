"""Slices: what trials reached, against one choice at a time."""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from soundproof.analysis.figures import style
from soundproof.analysis.importance.columns import is_number
from soundproof.analysis.records.spec_parameters import Scalar
from soundproof.analysis.summaries.choices import Choice, choice_words, short_names
from soundproof.analysis.summaries.search import SearchSummary, SearchTrial

MOST_PANELS = 18
PANEL_CHARACTERS = 48
"""So many fit below a panel side by side."""
MOST_LINES = 4
_GOLDEN = 0.618034
"""Multiples of it spread evenly, whatever their number: dots of one category do not hide each other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SlicePoint:
    """One trial that has the choice: where it lies along the axis, and its words. A stopped trial has no value."""

    place: float
    value: float | None
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """One choice, its trials, and what is written along its axis; a `logarithmic` axis takes places as they are."""

    name: str
    logarithmic: bool
    ticks: tuple[tuple[float, str], ...]
    limits: tuple[float, float]
    points: tuple[SlicePoint, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Slices:
    """The choices on one axis of the metric; `edge` is where trials without a value are marked, beyond the worst."""

    axis: str
    edge: float
    limits: tuple[float, float]
    slices: tuple[Slice, ...]
    left_out: int


def slices(summary: SearchSummary, choices: Sequence[Choice]) -> Slices | None:
    """None where no trial can be compared, or no choice differs."""
    trials = (*summary.compared, *summary.stopped)
    shown = [summary.measured.shown(trial.value) for trial in trials if trial.value is not None]
    if not shown or not choices:
        return None
    low, high = min(shown), max(shown)
    air = 0.08 * ((high - low) or 1.0)
    rising = summary.measured.higher_is_better
    edge = low - 2 * air if rising else high + 2 * air
    names = short_names(summary.choice_names)
    return Slices(
        axis=summary.measured.axis,
        edge=edge,
        limits=(min(low, edge) - air, max(high, edge) + air),
        slices=tuple(_slice(choice, names[choice.name], trials, summary) for choice in choices[:MOST_PANELS]),
        left_out=max(0, len(choices) - MOST_PANELS),
    )


def _slice(choice: Choice, name: str, trials: Sequence[SearchTrial], summary: SearchSummary) -> Slice:
    points = tuple(_point(choice, trial, summary) for trial in trials if choice.name in trial.record.choices)
    ticks = tuple((_along(choice, value), choice_words(value)) for value in choice.ticks)
    first, last = (_along(choice, value) for value in (choice.values[0], choice.values[-1]))
    if choice.logarithmic:
        limits = first * (first / last) ** 0.06, last * (last / first) ** 0.06
    else:
        air = 0.06 * (last - first) if choice.numeric else 0.5
        limits = first - air, last + air
    return Slice(name=name, logarithmic=choice.logarithmic, ticks=ticks, limits=limits, points=points)


def _point(choice: Choice, trial: SearchTrial, summary: SearchSummary) -> SlicePoint:
    measured, number, chosen = summary.measured, trial.record.number, trial.record.choices[choice.name]
    aside = 0.0 if choice.numeric else 0.3 * ((number or 0) * _GOLDEN % 1 - 0.5)
    words = f"trial {number}, {choice_words(chosen)}: "
    words += f"stopped at epoch {trial.record.trained_epochs}" if trial.value is None else measured.level(trial.value)
    value = None if trial.value is None else measured.shown(trial.value)
    return SlicePoint(place=_along(choice, chosen) + aside, value=value, label=words)


def _along(choice: Choice, value: Scalar) -> float:
    if not choice.numeric:
        return float(choice.values.index(value))
    assert is_number(value)
    return float(value)


def draw_slices(data: Slices) -> style.Figure:
    """A panel for each choice; trials that were stopped as grey crosses beyond a dotted line."""
    below = style.LINE_PIXELS * (max(style.label_lines(_tick_texts(drawn)) for drawn in data.slices) - 1)
    figure, places = style.panels(
        [style.plain(style.shortened(drawn.name)) for drawn in data.slices],
        height_of=lambda down: (style.PANEL_PIXELS + 30 + below) * down + 40,
        gap_pixels=78 + below,
        horizontal_spacing=0.03,
    )
    for drawn, place in zip(data.slices, places, strict=True):
        _add_points(figure, drawn, data.edge, place)
        figure.update_xaxes(**_axis(drawn), **place)
    figure.update_layout(margin={"l": 58, "r": 8, "t": 40, "b": 40 + below})
    figure.update_xaxes(gridcolor=style.GRID, zeroline=False)
    figure.update_yaxes(gridcolor=style.GRID, zeroline=False, range=list(data.limits))
    figure.update_yaxes(title_text=style.plain(data.axis), col=1)
    return figure


def _add_points(figure: style.Figure, drawn: Slice, edge: float, place: dict[str, int]) -> None:
    for stopped in (True, False):
        points = [point for point in drawn.points if (point.value is None) is stopped]
        if not points:
            continue
        colour = style.QUIET if stopped else style.ACCENT
        dots = [(point.place, edge if point.value is None else point.value, point.label) for point in points]
        marker = {"size": 7, "color": colour, "opacity": 0.7, "symbol": "x-thin-open" if stopped else "circle"}
        style.add_dots(figure, dots, marker, **place)


def _axis(drawn: Slice) -> dict[str, Any]:
    low, high = drawn.limits
    return {
        "type": "log" if drawn.logarithmic else "linear",
        "range": [math.log10(low), math.log10(high)] if drawn.logarithmic else [low, high],
        "tickvals": [place for place, _ in drawn.ticks],
        "ticktext": _tick_texts(drawn),
        "tickangle": 0,
    }


def _tick_texts(drawn: Slice) -> list[str]:
    """Upright, on a few lines: turned ones would lie on the panel below."""
    room = max(6, int(PANEL_CHARACTERS / max(1, len(drawn.ticks))) - 1)
    lines = (textwrap.wrap(text, room, max_lines=MOST_LINES, placeholder="…") for _, text in drawn.ticks)
    return ["<br>".join(style.plain(line) for line in found) for found in lines]
