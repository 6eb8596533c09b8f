"""Every run of a study: the metric seed by seed."""

from dataclasses import dataclass

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.notation.labels import BASELINE
from soundproof.analysis.summaries.study import StudySummary

_AIR = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class RunsRow:
    """One variant's value for each seed, and their mean, as the axis shows them."""

    label: str
    is_baseline: bool
    values: tuple[tuple[int, float], ...]
    mean: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """The study's metric seed by seed, best variant first."""

    axis: str
    rows: tuple[RunsRow, ...]

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the axis: all values, with a little air."""
        values = [value for row in self.rows for _, value in row.values]
        return style.aired(min(values), max(values), _AIR)


def runs(summary: StudySummary) -> Runs:
    """The value of every comparable trial."""
    rows, measured = [], summary.measured
    for variant in summary.measured_variants:
        assert variant.estimate.value is not None
        rows.append(
            RunsRow(
                label=variant.label,
                is_baseline=variant.is_baseline,
                values=tuple((seed, measured.shown(value)) for seed, value in sorted(variant.values.items())),
                mean=measured.shown(variant.estimate.value),
            )
        )
    return Runs(axis=measured.axis, rows=tuple(rows))


def draw_runs(data: Runs) -> style.Figure:
    """A row for each variant: every seed as a dot, the mean as a stroke; the baseline in grey."""
    figure = go.Figure()
    rows = list(reversed(data.rows))
    colours = [style.QUIET if row.is_baseline else style.ACCENT for row in rows]
    figure.add_scatter(
        x=[row.mean for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"symbol": "line-ns", "size": 18, "line": {"width": 2, "color": colours}},
        hovertemplate="mean: %{x:.4g}<extra></extra>",
    )
    dots = [(value, tick, f"seed {seed}") for tick, row in enumerate(rows) for seed, value in row.values]
    each = [colour for colour, row in zip(colours, rows, strict=True) for _ in row.values]
    marker = {"size": 8, "opacity": 0.6, "color": each}
    style.add_dots(figure, dots, marker, hovertemplate="%{text}: %{x:.4g}<extra></extra>")
    labels = [style.wrapped(_label(row)) for row in rows]
    style.rows(figure, labels, style.plain(data.axis))
    figure.update_xaxes(range=list(data.limits))
    return figure


def _label(row: RunsRow) -> str:
    """The baseline is called so, where its label does not say it already."""
    named = not row.is_baseline or row.label.startswith(BASELINE)
    return row.label if named else f"{row.label} ({BASELINE})"
