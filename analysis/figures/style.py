"""What all figures share: colours, quiet axes, and labels.

Colours are chosen to be told apart on a white and on a near-black page, and in print; the page's style sheet recolours
text and grids for the dark.
"""

import html
import math
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from plotly.subplots import make_subplots

from soundproof.analysis.notation.labels import LEVELS_APART
from soundproof.analysis.statistics.intervals import Interval

ACCENT = "#2f7fc1"
ACCENT_BAND = "rgba(47, 127, 193, 0.22)"
QUIET = "#8a8f98"
QUIET_UNDER_TEXT = "#6b7079"
QUIET_BAND = "rgba(138, 143, 152, 0.18)"
GRID = "rgba(138, 143, 152, 0.25)"
ROW_PIXELS = 34
WRAPPED_ROW_PIXELS = 42
LINE_PIXELS = 17
LABEL_CHARACTERS = 30
LEVELS_CHARACTERS = 42

PANEL_PIXELS = 190
PANELS_ACROSS = 3

Figure = Any
"""A Plotly figure; Plotly has no type annotations."""


def quiet(figure: Figure, height: int) -> None:
    """No background, no legend, no dragging; the page's own typeface."""
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


def chart(figure: Figure, height: int, along: str, upwards: str) -> None:
    """One pair of axes with their titles, texts as they are."""
    quiet(figure, height)
    figure.update_layout(margin={"l": 66, "r": 16, "t": 8, "b": 48})
    figure.update_xaxes(title_text=plain(along), gridcolor=GRID, zeroline=False)
    figure.update_yaxes(title_text=plain(upwards), gridcolor=GRID, zeroline=False)


def add_dots(figure: Figure, dots: Sequence[tuple[float, float, str]], marker: dict[str, Any], **settings: Any) -> None:
    """Dots at (x, y), each with a text that pointing at it shows."""
    figure.add_scatter(
        x=[x for x, _, _ in dots],
        y=[y for _, y, _ in dots],
        marker=marker,
        text=[plain(text) for _, _, text in dots],
        **{"mode": "markers", "hovertemplate": "%{text}<extra></extra>"} | settings,
    )


def panels(
    titles: Sequence[str], *, height_of: Callable[[int], int], gap_pixels: int, **settings: Any
) -> tuple[Figure, list[dict[str, int]]]:
    """Small panels side by side, `PANELS_ACROSS` in a row, on one upward axis; with the row and the column of each.

    `height_of` rows is in pixels.
    """
    across = max(1, min(PANELS_ACROSS, len(titles)))
    down = max(1, math.ceil(len(titles) / across))
    height = height_of(down)
    figure = make_subplots(
        rows=down,
        cols=across,
        shared_yaxes="all",
        vertical_spacing=gap_pixels / height if down > 1 else 0.0,
        subplot_titles=list(titles),
        **settings,
    )
    quiet(figure, height)
    figure.update_annotations(font_size=12)
    return figure, [{"row": index // across + 1, "col": index % across + 1} for index in range(len(titles))]


def aired(low: float, high: float, share: float) -> tuple[float, float]:
    """The ends of an axis, with a share of their distance as air; of 1 where there is none."""
    air = share * ((high - low) or 1.0)
    return low - air, high + air


def rows(figure: Figure, labels: Sequence[str], axis: str) -> None:
    """Horizontal rows, the first at the bottom, with their labels (see `wrapped`) on the left."""
    quiet(figure, row_pixels(labels) * len(labels) + 70)
    figure.update_layout(margin={"l": 8, "r": 16, "t": 8, "b": 48})
    figure.update_xaxes(title_text=axis, gridcolor=GRID, zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=list(labels),
        range=[-0.6, len(labels) - 0.4],
        automargin=True,
        ticks="outside",
        ticklen=8,
        tickcolor="rgba(0,0,0,0)",
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )


def row_pixels(labels: Sequence[str]) -> int:
    """The height of a row: more where a label takes several lines."""
    further = label_lines(labels) - 1
    return ROW_PIXELS if further <= 0 else WRAPPED_ROW_PIXELS + LINE_PIXELS * (further - 1)


def label_lines(labels: Sequence[str]) -> int:
    """The most lines that any of the labels takes."""
    return max((label.count("<br>") + 1 for label in labels), default=1)


def margin_band(figure: Figure, margin: float) -> None:
    """The differences too small to matter, as a band around a line at zero; the line alone where the margin is 0."""
    if margin:
        figure.add_vrect(x0=-margin, x1=margin, fillcolor=QUIET_BAND, line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": QUIET, "width": 1})


def error_bars(means: Sequence[float], intervals: Sequence[Interval | None], colour: str) -> dict[str, Any]:
    """Plotly's error bars from intervals; of no length where there is none."""
    pairs = list(zip(means, intervals, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if interval is None else interval.high - mean for mean, interval in pairs],
        "arrayminus": [0 if interval is None else mean - interval.low for mean, interval in pairs],
        "color": colour,
        "thickness": 2,
        "width": 0,
    }


def wrapped(label: str) -> str:
    """A label on a few lines, as plain text: Plotly would read markup in it.

    Levels of several factors stay whole, as many on a line as there is room for; else there are at most two lines.
    """
    if len(label) > LABEL_CHARACTERS and LEVELS_APART in label:
        return "<br>".join(plain(line) for line in _level_lines(label))
    if len(label) <= LABEL_CHARACTERS:
        return plain(label)
    cut = label.rfind(" ", 0, max(LABEL_CHARACTERS, len(label) // 2 + 4))
    first, second = (label[:cut], label[cut + 1 :]) if cut > 0 else (label[:LABEL_CHARACTERS], label[LABEL_CHARACTERS:])
    return f"{plain(first)}<br>{plain(shortened(second))}"


def _level_lines(label: str) -> list[str]:
    """Nothing of a level is left out: its end may be all that tells it from another."""
    lines = [""]
    for level in label.split(LEVELS_APART):
        joined = lines[-1] + (LEVELS_APART if lines[-1] else "") + level
        if len(joined) <= LEVELS_CHARACTERS:
            lines[-1] = joined
        else:
            before = [f"{lines[-1]}{LEVELS_APART.rstrip()}"] if lines[-1] else []
            lines[-1:] = [*before, *textwrap.wrap(level, LEVELS_CHARACTERS)]
    return lines


def shortened(line: str, limit: int = LABEL_CHARACTERS + 8) -> str:
    """`line` cut to `limit` characters in its middle: labels of one study differ at either end."""
    if len(line) <= limit:
        return line
    kept = limit - 1
    return line[: kept - kept // 2].rstrip() + "…" + line[len(line) - kept // 2 :].lstrip()


def plain(label: str) -> str:
    """`label` as Plotly shows text, with nothing in it read as markup."""
    return html.escape(label, quote=False)
