"""A confusion matrix: for each class, how many of its clips were given which class."""

from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True, slots=True)
class MatrixCell:
    """`count` predictions, which are `share` of those of the true class."""

    true: int
    given: int
    count: int
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfusionMatrix:
    """Classes from the top and from the left, and the cells that are not empty."""

    classes: tuple[str, ...]
    cells: tuple[MatrixCell, ...]

    @property
    def numbered(self) -> bool:
        """Whether cells have room for their numbers."""
        return len(self.classes) <= MOST_NUMBERED


def matrix(confusion: Confusion) -> ConfusionMatrix:
    """The cells of one variant's confusions."""
    cells = [
        MatrixCell(true=true, given=given, count=count, share=count / sum(row))
        for true, row in enumerate(confusion.counts)
        for given, count in enumerate(row)
        if count
    ]
    return ConfusionMatrix(classes=confusion.classes, cells=tuple(cells))


def draw_matrix(data: ConfusionMatrix) -> style.Figure:
    """Right answers in blue along the diagonal, wrong ones in red; the stronger, the larger the share of the row."""
    figure = go.Figure()
    for scale, right in ((_RIGHT, True), (_WRONG, False)):
        _add_cells(figure, data, [cell for cell in data.cells if (cell.true == cell.given) is right], scale)
    count = len(data.classes)
    cell = max(_SMALLEST_CELL, min(_LARGEST_CELL, 640 // count))
    style.quiet(figure, cell * count + 130)
    figure.update_layout(margin={"l": 8, "r": 16, "t": 8, "b": 8})
    labels = [style.plain(style.shortened(name, LABEL_CHARACTERS)) for name in data.classes]
    axis = {
        "tickvals": list(range(count)),
        "ticktext": labels,
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"size": 12 if data.numbered else 10},
        "fixedrange": True,
    }
    ends = [-0.5, count - 0.5]
    figure.update_xaxes(**axis, title_text="given class", range=ends, tickangle=0 if _short(labels) else -90)
    figure.update_yaxes(**axis, title_text="true class", range=ends[::-1])
    return figure


def _add_cells(
    figure: style.Figure, data: ConfusionMatrix, cells: list[MatrixCell], scale: tuple[tuple[float, str], ...]
) -> None:
    """One trace, with nothing where no cell is."""
    size = range(len(data.classes))
    shares: list[list[float | None]] = [[None for _ in size] for _ in size]
    texts = [["" for _ in size] for _ in size]
    for cell in cells:
        shares[cell.true][cell.given] = round(cell.share, 3)
        texts[cell.true][cell.given] = f"{cell.count}"
    figure.add_heatmap(
        z=shares,
        text=texts,
        texttemplate="%{text}" if data.numbered else None,
        zmin=0,
        zmax=1,
        colorscale=[list(stop) for stop in scale],
        showscale=False,
        hoverongaps=False,
        xgap=1,
        ygap=1,
        hovertemplate="true: %{y}<br>given: %{x}<br>%{text} predictions, %{z:.1%} of the class<extra></extra>",
    )


def _short(labels: list[str]) -> bool:
    """Whether all names fit below their columns side by side."""
    return max((len(label) for label in labels), default=0) * len(labels) <= 110
