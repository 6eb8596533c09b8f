"""Every run of a study: the metric seed by seed."""

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.notation.labels import BASELINE
from soundproof.analysis.summaries.study import StudySummary, VariantSummary


def draw_runs(summary: StudySummary) -> style.Figure:
    """A row for each variant, the best on top: every seed as a dot, the mean as a stroke; the baseline in grey."""
    figure, measured = go.Figure(), summary.measured
    rows = list(reversed(summary.measured_variants))
    colours = [style.QUIET if variant.is_baseline else style.ACCENT for variant in rows]
    figure.add_scatter(
        x=[measured.shown(variant.estimate.value or 0.0) for variant in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"symbol": "line-ns", "size": 18, "line": {"width": 2, "color": colours}},
        hovertemplate="mean: %{x:.4g}<extra></extra>",
    )
    dots = [
        (measured.shown(value), tick, f"seed {seed}")
        for tick, variant in enumerate(rows)
        for seed, value in sorted(variant.values.items())
    ]
    each = [colour for colour, variant in zip(colours, rows, strict=True) for _ in variant.values]
    marker = {"size": 8, "opacity": 0.6, "color": each}
    style.add_dots(figure, dots, marker, hovertemplate="%{text}: %{x:.4g}<extra></extra>")
    style.rows(figure, [style.wrapped(_label(variant)) for variant in rows], style.plain(measured.axis))
    values = [value for value, _, _ in dots]
    figure.update_xaxes(range=list(style.aired(min(values), max(values), 0.05)))
    return figure


def _label(variant: VariantSummary) -> str:
    """The baseline is called so, where its label does not say it already."""
    named = not variant.is_baseline or variant.label.startswith(BASELINE)
    return variant.label if named else f"{variant.label} ({BASELINE})"
