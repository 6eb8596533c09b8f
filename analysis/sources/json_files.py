"""JSON that tools leave, NaN and Infinity included."""

import math
from pathlib import Path
from typing import Any

from soundproof.analysis.sources.folder_trees import text_of_file
from soundproof.analysis.sources.found import SourceError
from soundproof.common.json_texts import parsed


def json_object(path: Path) -> dict[str, Any]:
    """The one object that a file holds."""
    try:
        values = parsed(text_of_file(path))
    except ValueError as error:
        raise SourceError(f"{path} cannot be read as JSON ({error}): mend the file, or leave it out.") from None
    if not isinstance(values, dict):
        raise SourceError(f"{path} should hold an object in braces, and holds a {type(values).__name__}.")
    return values


def json_lines(path: Path) -> tuple[list[dict[str, Any]], bool]:
    """The objects of a file of JSON Lines, and whether a last line was left out that was only half written."""
    lines = [(place, line) for place, line in enumerate(text_of_file(path).split("\n"), start=1) if line.strip()]
    rows: list[dict[str, Any]] = []
    for place, line in lines:
        try:
            row = parsed(line)
        except ValueError as error:
            if place == lines[-1][0]:
                return rows, True
            raise SourceError(
                f"{path}, line {place:,} cannot be read as JSON ({error}): mend the line, or leave the file out."
            ) from None
        if not isinstance(row, dict):
            raise SourceError(f"{path}, line {place:,} should hold an object in braces.")
        rows.append(row)
    return rows, False


def as_number(value: Any) -> float | None:
    """The number of a JSON value, None where it is none; truth is no number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf if value > 0 else -math.inf
