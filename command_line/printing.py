"""Results on standard output: for people, or as JSON alone."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from soundproof.common.passwords import without_passwords
from soundproof.common.program import program

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from soundproof.analysis.reports import SearchReport
    from soundproof.analysis.study_report import StudyReport
    from soundproof.api import ReportPage


def epilog(examples: Sequence[str]) -> str:
    """Examples for the end of a command's help; the first sign keeps the lines apart."""
    return "\b\n" + "\n".join(["Examples:", *(f"  {program()} {example}" for example in examples)])


def print_json(value: Any) -> None:
    """One JSON value, and nothing else."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_tables(*tables: "Table") -> None:
    """Tables, one below the other."""
    console = _console()
    for table in tables:
        console.print(table)


def print_report(
    made: "ReportPage[StudyReport | SearchReport]", *, as_json: bool, steps: Mapping[str, str] | None = None
) -> None:
    """What a study or a search has found, where the page lies, and what to do next: the steps by their use."""
    if as_json:
        print(made.report.json())
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
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=120)
