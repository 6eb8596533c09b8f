"""Nested settings and metrics as cells of one row; the columns of many rows, and what a reader of folders found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from soundproof.analysis.sources import run_names
from soundproof.analysis.sources.cells import text_of
from soundproof.analysis.sources.found import Found, FoundRun


def flattened(values: Mapping[Any, Any], prefix: str = "", joint: str = "/") -> Iterator[tuple[str, Any]]:
    """Leaves by their path, with slashes or another `joint`.

    >>> dict(flattened({"lr": 0.1, "net": {"units": 8}}, "config/"))
    {'config/lr': 0.1, 'config/net/units': 8}
    """
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flattened(value, f"{prefix}{name}{joint}", joint)
        else:
            yield f"{prefix}{name}", value


def as_cells(values: Mapping[Any, Any], prefix: str = "") -> dict[str, str]:
    """The same as texts; what is empty is not there."""
    return {name: text for name, value in flattened(values, prefix) if (text := text_of(value)) is not None}


def found_of(
    path: Path,
    kind: str,
    runs: Sequence[FoundRun],
    notes: Sequence[str],
    known: Mapping[str, str] = MappingProxyType({}),
) -> Found:
    """What a reader of folders found: columns and hints are those of its runs, `known` what its format adds to them."""
    columns = columns_of(runs)
    hints = run_names.hints(columns) | {name: hint for name, hint in known.items() if name in columns}
    return Found(name=str(path), kind=kind, columns=columns, runs=tuple(runs), notes=tuple(notes), hints=hints)


def columns_of(runs: Iterable[FoundRun]) -> tuple[str, ...]:
    """The columns of all runs, in the order in which they come."""
    return tuple(dict.fromkeys(column for run in runs for column in run.cells))


def listed(names: Iterable[str], most: int = 5) -> str:
    """A few names for a sentence.

    >>> listed("abcdefg", 2)
    'a, b and 5 more'
    """
    every = list(dict.fromkeys(names))
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")
