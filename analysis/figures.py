"""Plotly figures from the records in `figure_data`. The page's style sheet recolours text and grids for the dark."""

from __future__ import annotations

import html
import math
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.figure_data import Curve, Curves, Differences, Seeds

ACCENT = "#2f7fc1"
BAND = "rgba(47, 127, 193, 0.22)"
QUIET = "#8a8f98"
MARGIN_BAND = "rgba(138, 143, 152, 0.18)"
GRID = "rgba(138, 143, 152, 0.25)"
ROW_PIXELS = 34
PANEL_PIXELS = 190
PANELS_ACROSS = 3
LABEL_CHARACTERS = 30

Figure = Any


def draw_differences(data: Differences) -> Figure:
    """A row for each variant: every seed as a dot, the mean with its 95% interval, the margin as a grey band."""
    figure = go.Figure()
    rows = list(reversed(data.rows))
    ticks = list(range(len(rows)))
    figure.add_vrect(x0=-data.margin, x1=data.margin, fillcolor=MARGIN_BAND, line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": QUIET, "width": 1})
    figure.add_scatter(
        x=[value for row in rows for value in row.seeds],
        y=[tick - 0.22 for tick, row in enumerate(rows) for _ in row.seeds],
        mode="markers",
        marker={"color": QUIET, "size": 5, "opacity": 0.7},
        hovertemplate="one seed: %{x:.3g}<extra></extra>",
    )
    figure.add_scatter(
        x=[row.mean for row in rows],
        y=ticks,
        mode="markers",
        marker={"color": ACCENT, "size": 10},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [0 if row.high is None else row.high - row.mean for row in rows],
            "arrayminus": [0 if row.low is None else row.mean - row.low for row in rows],
            "color": ACCENT,
            "thickness": 2,
            "width": 0,
        },
        hovertemplate="mean: %{x:.3g}<extra></extra>",
    )
    _rows(figure, [row.label for row in rows], data.axis)
    return figure


def draw_seeds(data: Seeds) -> Figure:
    """A row for each variant: every seed as a dot, the mean as a stroke; the baseline in grey."""
    figure = go.Figure()
    rows = list(reversed(data.rows))
    colours = [QUIET if row.is_baseline else ACCENT for row in rows]
    figure.add_scatter(
        x=[row.mean for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        marker={"symbol": "line-ns", "size": 18, "line": {"width": 2, "color": colours}},
        hovertemplate="mean: %{x:.4g}<extra></extra>",
    )
    figure.add_scatter(
        x=[value for row in rows for _, value in row.values],
        y=[tick for tick, row in enumerate(rows) for _ in row.values],
        mode="markers",
        marker={
            "size": 8,
            "opacity": 0.6,
            "color": [colour for colour, row in zip(colours, rows, strict=True) for _ in row.values],
        },
        text=[f"seed {seed}" for row in rows for seed, _ in row.values],
        hovertemplate="%{text}: %{x:.4g}<extra></extra>",
    )
    _rows(figure, [row.label + (" (baseline)" if row.is_baseline else "") for row in rows], data.axis)
    return figure


def draw_curves(data: Curves) -> Figure:
    """A small panel for each variant, on common axes, with the baseline's mean in grey behind it."""
    across = min(PANELS_ACROSS, max(1, len(data.curves)))
    down = max(1, math.ceil(len(data.curves) / across))
    height = PANEL_PIXELS * down + 60
    figure = make_subplots(
        rows=down,
        cols=across,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.025,
        vertical_spacing=54 / height if down > 1 else 0.0,
        subplot_titles=[_wrapped(curve.label) for curve in data.curves],
    )
    baseline = next((curve for curve in data.curves if curve.is_baseline), None)
    for index, curve in enumerate(data.curves):
        place = {"row": index // across + 1, "col": index % across + 1}
        if baseline is not None and not curve.is_baseline:
            figure.add_scatter(**_line(baseline, QUIET), **place)
        _add_curve(figure, curve, QUIET if curve.is_baseline else ACCENT, place)
    _quiet(figure, height)
    figure.update_layout(margin={"l": 58, "r": 8, "t": 44, "b": 48})
    figure.update_annotations(font_size=12)
    last = max((curve.epochs[-1] for curve in data.curves), default=1)
    figure.update_xaxes(gridcolor=GRID, zeroline=False, range=[0.5, last + 0.5], nticks=5)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, range=[data.floor, data.ceiling])
    for index in range(max(0, len(data.curves) - across), len(data.curves)):  # the panels with none below
        figure.update_xaxes(title_text="epoch", showticklabels=True, row=index // across + 1, col=index % across + 1)
    figure.update_yaxes(title_text=data.axis, col=1)
    return figure


def _add_curve(figure: Figure, curve: Curve, colour: str, place: dict[str, int]) -> None:
    figure.add_scatter(
        x=[*curve.epochs, *reversed(curve.epochs)],
        y=[*curve.high, *reversed(curve.low)],
        fill="toself",
        fillcolor=MARGIN_BAND if curve.is_baseline else BAND,
        line={"width": 0},
        hoverinfo="skip",
        **place,
    )
    figure.add_scatter(**_line(curve, colour), **place)


def _line(curve: Curve, colour: str) -> dict[str, Any]:
    return {
        "x": list(curve.epochs),
        "y": list(curve.mean),
        "mode": "lines" if len(curve.epochs) > 1 else "markers",
        "line": {"color": colour, "width": 2 if colour == ACCENT else 1.5},
        "hovertemplate": f"{_text(curve.label)}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
    }


def _rows(figure: Figure, labels: list[str], axis: str) -> None:
    """Horizontal rows with their labels on the left."""
    _quiet(figure, ROW_PIXELS * len(labels) + 70)
    figure.update_layout(margin={"l": 8, "r": 16, "t": 8, "b": 48})
    figure.update_xaxes(title_text=axis, gridcolor=GRID, zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=[_wrapped(label) for label in labels],
        range=[-0.6, len(labels) - 0.4],
        automargin=True,
        ticks="outside",
        ticklen=8,
        tickcolor="rgba(0,0,0,0)",
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )


def _quiet(figure: Figure, height: int) -> None:
    figure.update_layout(
        template="none",
        height=height,
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, -apple-system, 'Segoe UI', sans-serif", "size": 13, "color": QUIET},
        dragmode=False,
    )
    figure.update_xaxes(title_font_size=13)
    figure.update_yaxes(title_font_size=13)


def _wrapped(label: str) -> str:
    """A label on at most two lines, as plain text: Plotly would read markup in it."""
    if len(label) <= LABEL_CHARACTERS:
        return _text(label)
    cut = label.rfind(" ", 0, max(LABEL_CHARACTERS, len(label) // 2 + 4))
    first, second = (label[:cut], label[cut + 1 :]) if cut > 0 else (label[:LABEL_CHARACTERS], label[LABEL_CHARACTERS:])
    return f"{_text(first)}<br>{_text(_shortened(second))}"


def _shortened(line: str) -> str:
    limit = LABEL_CHARACTERS + 8
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _text(label: str) -> str:
    return html.escape(label, quote=False)
