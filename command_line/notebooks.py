"""Studies from Python, in a notebook above all: what `run` and `report` do, with the report shown inline."""

from __future__ import annotations

import html
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.command_line.bench import Bench
from soundproof.command_line.parsing import Seeds
from soundproof.command_line.run_options import RunOptions
from soundproof.command_line.studying import train_study
from soundproof.command_line.training import StoppedError
from soundproof.common.errors import UserError

if TYPE_CHECKING:
    from soundproof.analysis.reports import StudyReport
    from soundproof.search_spaces.studies import Study

_HEIGHT_PIXELS = 800
_ALLOWED = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
"""Figures need scripts; links to runs open in tabs of their own, where MLflow's pages need what any page has."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ShownReport:
    """A report that a notebook shows as its page. `made` has the records and what they say, `page` is the file."""

    made: StudyReport
    page: Path

    def __repr__(self) -> str:
        """The answer, and where the page is: for a console, which shows none."""
        from soundproof.analysis.prose.study import answer

        return f"{answer(self.made.summary)}\n{self.page}"

    def _repr_html_(self) -> str:
        """The page in a frame of its own, where its style and scripts disturb nobody."""
        inside = html.escape(self.page.read_text(encoding="utf-8"))
        style = f"width: 100%; height: {_HEIGHT_PIXELS}px; border: 0"
        return f'<iframe srcdoc="{inside}" sandbox="{_ALLOWED}" title="report" style="{style}"></iframe>'


def run_study(study: Study, **options: object) -> ShownReport:
    """Train what is not finished yet, then report: `run_study(study, preset="smoke", seeds=2)`.

    `options` are those of the command `run` but for `file`, by their names with underscores: see `RunOptions`. A study
    of your own is `load_file(PATH).studies[0]`, by `soundproof.search_spaces.custom.load_file`. Raises `UserError`.

    A script needs `if __name__ == "__main__":` around the call, since processes that share the work import it again.
    """
    chosen = _chosen(options)
    seeds = Seeds.parse(chosen)  # what is wrong with them is said before a corpus is opened
    try:
        made, page = train_study(study, Bench.prepare(study.domain, chosen), seeds)
    except StoppedError:
        raise KeyboardInterrupt from None  # a notebook stays alive
    return ShownReport(made=made, page=page)


def _chosen(options: dict[str, object]) -> RunOptions:
    if "file" in options:
        raise UserError(
            f"run_study is given its study and reads no file, got file={str(options['file'])!r}: leave that out, and "
            "give load_file(FILE).studies[0], with load_file from soundproof.search_spaces.custom, as the study"
        )
    names = [field.name for field in fields(RunOptions) if field.name != "file"]
    unknown = [name for name in options if name not in names]
    if unknown:
        raise UserError(f"run_study has no option {', '.join(map(repr, unknown))}; it has {', '.join(names)}")
    storage = options.get("storage")
    return RunOptions(**options if storage is None else options | {"storage": Path(str(storage))})  # type: ignore[arg-type]
