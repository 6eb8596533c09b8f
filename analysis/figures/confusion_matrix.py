"""A confusion matrix: for each class, how many of its clips were given which class."""

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.summaries.confusion import Confusion

MOST_NUMBERED = 20
"""With more classes than this the cells have no room for numbers; pointing at one shows them."""

LABEL_CHARACTERS = 22
_LARGEST_CELL, _SMALLEST_CELL = 34, 14
_RIGHT = ((0.0, "rgba(47, 127, 193, 0)"), (1.0, "rgba(47, 127, 193, 0.62)"))
_WRONG = ((0.0, "rgba(205, 92, 60, 0)"), (0.02, "rgba(205, 92, 60, 0.12)"), (1.0, "rgba(205, 92, 60, 0.85)"))
"""See-through where nothing is, so that the page's own colour, light or dark, is behind the numbers."""


def is_numbered(confusion: Confusion) -> bool:
    """Whether cells have room for their numbers."""
    return len(confusion.classes) <= MOST_NUMBERED


def draw_matrix(confusion: Confusion) -> style.Figure:
    """Right answers in blue along the diagonal, wrong ones in red; the stronger, the larger the share of the row."""
    figure, count = go.Figure(), len(confusion.classes)
    for scale, right in ((_RIGHT, True), (_WRONG, False)):
        _add_cells(figure, confusion, scale, right=right)
    cell = max(_SMALLEST_CELL, min(_LARGEST_CELL, 640 // count))
    style.quiet(figure, cell * count + 130)
    figure.update_layout(margin={"l": 8, "r": 16, "t": 8, "b": 8})
    labels = [style.plain(style.shortened(name, LABEL_CHARACTERS)) for name in confusion.classes]
    axis = {
        "tickvals": list(range(count)),
        "ticktext": labels,
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"size": 12 if is_numbered(confusion) else 10},
        "fixedrange": True,
    }
    side_by_side = max((len(label) for label in labels), default=0) * count <= 110
    ends = [-0.5, count - 0.5]
    figure.update_xaxes(**axis, title_text="given class", range=ends, tickangle=0 if side_by_side else -90)
    figure.update_yaxes(**axis, title_text="true class", range=ends[::-1])
    return figure


def _add_cells(
    figure: style.Figure, confusion: Confusion, scale: tuple[tuple[float, str], ...], *, right: bool
) -> None:
    """One trace, with nothing where no cell is."""
    shown = [
        [count if (true == given) is right else 0 for given, count in enumerate(row)]
        for true, row in enumerate(confusion.counts)
    ]
    sizes = [sum(row) for row in confusion.counts]
    figure.add_heatmap(
        z=[
            [round(count / size, 3) if count else None for count in row] for row, size in zip(shown, sizes, strict=True)
        ],
        text=[[str(count or "") for count in row] for row in shown],
        texttemplate="%{text}" if is_numbered(confusion) else None,
        zmin=0,
        zmax=1,
        colorscale=[list(stop) for stop in scale],
        showscale=False,
        hoverongaps=False,
        xgap=1,
        ygap=1,
        hovertemplate="true: %{y}<br>given: %{x}<br>%{text} predictions, %{z:.1%} of the class<extra></extra>",
    )
