"""A figure of compared curves as a page or as SVG, by the ending of the file's name."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundproof.analysis.figures.compared_curves import ComparedCurves, compared_plain, draw_compared_curves
from soundproof.analysis.figures.curves import TRAINING
from soundproof.analysis.figures.svg.picture import document
from soundproof.analysis.pages.environment import PageFigure, page_environment
from soundproof.common.errors import UserError
from soundproof.common.whole_files import write_whole

TITLE = "Learning curves"
TEMPLATE = "compared_curves.html"
_ENDINGS = (".html", ".svg")


@dataclass(frozen=True, kw_only=True, repr=False)
class CurveComparison:
    """Curves of several studies, variants or corpora in one figure, which a notebook shows."""

    curves: ComparedCurves

    def plain(self) -> dict[str, Any]:
        """The value that `curves --json` prints: mean, lowest and highest seed at every epoch."""
        return compared_plain(self.curves)

    def svg(self) -> str:
        """The figure as one SVG document."""
        return document(self._figure.plain, TITLE)

    def write(self, path: Path | str) -> Path:
        """Write the figure: a page that opens without a network, or SVG where the name ends in `.svg`.

        Raises `UserError` for any other ending, and where nothing can be written there.
        """
        path = Path(path)
        check_ending(path)
        content = self.svg() if path.suffix == ".svg" else self._page()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
        except OSError as error:
            raise UserError(f"nothing can be written to {path}: {error.strerror}. Name another file") from error
        return path

    def _repr_svg_(self) -> str:
        return self.svg()

    @property
    def _figure(self) -> PageFigure:
        drawn = {partition for curve in self.curves.curves for partition, _ in curve.drawn}
        dashed = " The dashed line is that of training, with dropout and with weights that change from batch to batch."
        caption = (
            "By epoch: the mean over seeds, as far as all seeds went, in a band from the lowest to the highest seed."
            f"{dashed if TRAINING in drawn else ''} A click on a name in the legend hides its curve."
        )
        return PageFigure("curves", "", caption, draw_compared_curves(self.curves))

    def _page(self) -> str:
        first = dict.fromkeys(curve.study for curve in self.curves.curves)
        return (
            page_environment()
            .get_template(TEMPLATE)
            .render(
                title=TITLE,
                studies=list(first),
                corpora=sorted({curve.corpus for curve in self.curves.curves}),
                presets=sorted({curve.preset for curve in self.curves.curves}),
                figure=self._figure,
            )
        )


def check_ending(path: Path) -> None:
    """Raise `UserError` where the name does not say what to write."""
    if path.suffix not in _ENDINGS or path.is_dir():
        raise UserError(f"expected a file that ends in {' or '.join(_ENDINGS)}, got {path}: name one")
