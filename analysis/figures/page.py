"""A figure as the page shows it: drawn, with the words that say how to read it."""

import json
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from soundproof.analysis.figures.style import Figure
from soundproof.analysis.figures.svg.picture import still


@dataclass(frozen=True, kw_only=True, slots=True)
class PageFigure:
    """A drawn figure with the words around it.

    `plain` is Plotly's own JSON value and `still` the same as SVG, for where nothing draws it. `height` is in pixels,
    and `key` says what numbers in the figure stand for.
    """

    id: str
    title: str
    caption: str
    plain: Any
    still: Markup
    height: int
    key: tuple[tuple[int, str], ...] = ()


def page_figure(
    figure_id: str, title: str, caption: str, drawn: Figure, key: tuple[tuple[int, str], ...] = ()
) -> PageFigure:
    """The figure `drawn` with its words. A title may be empty where the text around it says what it is."""
    plain = json.loads(drawn.to_json())
    return PageFigure(
        id=figure_id,
        title=title,
        caption=caption,
        plain=plain,
        still=still(plain),
        height=int(drawn.layout.height),
        key=key,
    )
