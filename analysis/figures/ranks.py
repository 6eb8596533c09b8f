"""A critical-difference diagram: mean ranks over seeds, bars over what cannot be told apart (Demšar 2006, JMLR 7:1).

Unlike Demšar's, pairs are told apart by paired tests of their values rather than by ranks, as all else in the report.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.statistics.multiple_comparisons import best_set, indistinguishable_groups
from soundproof.analysis.verdicts.decisions import FAMILY_ERROR
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.verdicts import one_sided_test

LEAST_VARIANTS = 4
"""With fewer, the paired differences say it all."""

MOST_VARIANTS = 60
"""With more, nobody reads the diagram, and its pairs are thousands."""

_BAR_STEP = 0.42
_BAR_END = 0.06


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedVariant:
    """One variant's mean rank over seeds, 1 for the best; `marked` when it cannot be excluded from being the best."""

    label: str
    rank: float
    marked: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranks:
    """Variants by mean rank, best first; `joined` are indices of two and more, of which no two can be told apart."""

    variants: tuple[RankedVariant, ...]
    joined: tuple[tuple[int, ...], ...]
    seeds: int


def ranks(
    variants: Sequence[str],
    outcomes: Outcomes,
    measured: Quantity,
    labels: Mapping[str, str],
    marked: Collection[str] | None = None,
) -> Ranks | None:
    """Ranks of the variants that can be judged; None for fewer than four of them or too many, or under two seeds.

    `marked` are the variants to mark; None for those that cannot be excluded as the best at 95%.
    """
    judged = outcomes.judged(variants, measured.metric)
    values = outcomes.matrix(judged, measured.metric)
    if not LEAST_VARIANTS <= len(judged) <= MOST_VARIANTS or values.shape[1] < 2:
        return None
    higher, test = measured.higher_is_better, one_sided_test(outcomes, measured, judged)
    best = best_set(values, level=FAMILY_ERROR, higher_is_better=higher, p_value=test)
    members = {judged[index] for index in best.members} if marked is None else set(marked)
    order = sorted(range(len(judged)), key=lambda index: best.ranks[index])
    place = {index: position for position, index in enumerate(order)}
    groups = indistinguishable_groups(values, FAMILY_ERROR, higher_is_better=higher, p_value=test)
    return Ranks(
        variants=tuple(
            RankedVariant(label=labels[judged[index]], rank=best.ranks[index], marked=judged[index] in members)
            for index in order
        ),
        joined=tuple(tuple(place[index] for index in group) for group in groups if len(group) > 1),
        seeds=values.shape[1],
    )


def draw_ranks(data: Ranks) -> style.Figure:
    """Ranks along the top, a stem from each variant's row to its rank, and the bars across the stems."""
    figure = go.Figure()
    count, bars = len(data.variants), len(data.joined)
    top = count - 0.4 + _BAR_STEP * (bars + 1)
    height_of = {index: count - 1 - index for index in range(count)}
    _add_stems(figure, data, height_of, top)
    for number, group in enumerate(data.joined):
        members = [data.variants[index].rank for index in group]
        figure.add_scatter(
            x=[min(members) - _BAR_END, max(members) + _BAR_END],
            y=[count - 0.4 + _BAR_STEP * (bars - number - 0.5)] * 2,
            mode="lines",
            line={"color": style.QUIET, "width": 5},
            hoverinfo="skip",
        )
    _add_points(figure, data, height_of)
    labels = [style.wrapped(variant.label) for variant in reversed(data.variants)]
    style.rows(figure, labels, "mean rank over seeds")
    figure.update_layout(
        height=round(style.row_pixels(labels) * (top + 0.6)) + 60, margin={"l": 8, "r": 16, "t": 52, "b": 8}
    )
    figure.update_xaxes(side="top", range=[0.8, count + 0.2], dtick=1 if count <= 15 else 2, tick0=1)
    figure.update_yaxes(range=[-0.6, top])
    return figure


def _add_stems(figure: style.Figure, data: Ranks, height_of: Mapping[int, int], top: float) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    for index, variant in enumerate(data.variants):
        x += [0.8, variant.rank, variant.rank, None]
        y += [height_of[index], height_of[index], top, None]
    figure.add_scatter(x=x, y=y, mode="lines", line={"color": style.GRID, "width": 1}, hoverinfo="skip")


def _add_points(figure: style.Figure, data: Ranks, height_of: Mapping[int, int]) -> None:
    colours = [style.ACCENT if variant.marked else style.QUIET for variant in data.variants]
    symbols = ["circle" if variant.marked else "circle-open" for variant in data.variants]
    dots = [
        (variant.rank, height_of[index], style.shortened(variant.label)) for index, variant in enumerate(data.variants)
    ]
    marker = {"size": 11, "color": colours, "symbol": symbols, "line": {"width": 2, "color": colours}}
    style.add_dots(figure, dots, marker, hovertemplate="%{text}: mean rank %{x:.2f}<extra></extra>")
