"""The option of commands that judge to write their tables for a paper, too: `--tables FILE`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from soundproof.common.errors import UserError
from soundproof.common.whole_files import write_whole

if TYPE_CHECKING:
    from soundproof.analysis.study_report import StudyReport
    from soundproof.analysis.tables.for_papers import Markup

_MARKUPS: "dict[str, Markup]" = {".tex": "latex", ".md": "markdown"}

TablesOption = Annotated[
    Path | None, typer.Option("--tables", help="Also write tables for a paper: FILE.tex, or FILE.md.")
]


def check_tables(path: Path | None) -> None:
    """Raise `UserError` where the file's name says no markup that is known, before anything is judged."""
    if path is not None and path.suffix not in _MARKUPS:
        raise UserError(f"--tables expects a file that ends in {' or '.join(_MARKUPS)}, got {path}")


def write_tables(report: "StudyReport", path: Path | None) -> None:
    """Write them where that is wanted. Raises `UserError` where nothing can be written."""
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, report.paper(_MARKUPS[path.suffix]))
    except OSError as error:
        raise UserError(f"nothing can be written to {path}: {error.strerror}. Name another file") from error
