"""Results on standard output: for people, or as JSON alone."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from soundproof.common.passwords import without_passwords
from soundproof.common.program import program
from soundproof.common.streams import styled
from soundproof.common.terminal_text import shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from soundproof.analysis.reports import SearchReport
    from soundproof.analysis.study_report import StudyReport
    from soundproof.api import ReportPage


_WIDTH_IN_PIPES = 120


def epilog(examples: Sequence[str]) -> str:
    """Examples for the end of a command's help; the first sign keeps the lines apart."""
    return "\b\n" + "\n".join(["Examples:", *(f"  {program()} {example}" for example in examples)])


def print_json(value: Any) -> None:
    """One JSON value, and nothing else."""
    print_json_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_json_text(text: str) -> None:
    """The same of what is JSON already: a stream that has no sign for all of it gets them as JSON writes them out."""
    print(text if _takes(text) else json.dumps(json.loads(text), indent=2))


def _takes(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return shown(text) == text


def print_tables(*tables: "Table") -> None:
    """Tables, one below the other."""
    console = _console()
    for table in tables:
        console.print(table)


def print_lines(lines: Sequence[str]) -> None:
    """Lines, one below the other."""
    print(*lines, sep="\n")


def print_report(
    made: "ReportPage[StudyReport | SearchReport]", *, as_json: bool, steps: Mapping[str, str] | None = None
) -> None:
    """What a study or a search has found, where the page lies, and what to do next: the steps by their use."""
    if as_json:
        print_json_text(made.report.json())
        return
    print_tables(*made.report.tables())
    console = _console()
    if declared := made.report.declared():
        console.print(declared, soft_wrap=True, highlight=False, markup=False)
    console.print(f"Report: {made.page}", soft_wrap=True, highlight=False, markup=False)
    for use, step in (steps or {}).items():
        console.print(f"{use}: {without_passwords(step)}", soft_wrap=True, highlight=False, markup=False)


def _console() -> "Console":
    """As wide as the terminal; in a pipe, always the same."""
    from soundproof.trainables.sweeps.progress.consoles import TextConsole

    width = None if sys.stdout.isatty() else _WIDTH_IN_PIPES
    return TextConsole(file=styled(sys.stdout), width=width)
