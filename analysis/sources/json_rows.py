"""Objects as rows: nested ones flattened, lists of steps and values as curves, everything else as text."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from soundproof.analysis.sources.cells import number, text_of
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.json_files import as_number
from soundproof.common.record import Curve


class Literal(str):
    """A number as it was written, which is not converted to be printed again."""

    __slots__ = ()


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys differ; JSON itself would keep the last of equal ones."""
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    return members


DECODER = json.JSONDecoder(object_pairs_hook=distinct, parse_float=Literal, parse_constant=Literal)
"""Reads JSON, and NaN and Infinity as Python writes them, with numbers that are not whole as they were written."""


@dataclass(kw_only=True, slots=True)
class RowsRead:
    """Runs while they are made of objects, and what is said of all of them in the end."""

    name: str
    kind: str
    notes: list[str] = field(default_factory=list)
    runs: list[FoundRun] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    curves: dict[str, None] = field(default_factory=dict)
    renumbered: dict[str, str] = field(default_factory=dict)

    def add(self, where: str, entry: Mapping[str, Any]) -> None:
        """Add the run of one object."""
        cells: dict[str, str] = {}
        nested: list[tuple[str, Any]] = []
        for key, value in entry.items():
            if isinstance(value, str):
                if value and (text := value.strip()):
                    cells[key] = text
            elif isinstance(value, dict | list):
                nested.append((key, value))
            elif (text_or_none := text_of(value)) is not None:
                cells[key] = text_or_none
        curves = self._add_nested(where, cells, nested) if nested else {}
        if not cells.keys() <= self.columns.keys():
            self.columns.update(dict.fromkeys(cells))
        self.runs.append(FoundRun(where=where, cells=cells, curves=curves))

    def _add_nested(self, where: str, cells: dict[str, str], nested: list[tuple[str, Any]]) -> dict[str, Curve]:
        """Add what lies deeper to the cells; gives the curves."""
        curves: dict[str, Curve] = {}
        for key, value in _flattened(nested):
            if key in cells or key in curves:
                raise SourceError(f"{where}: {key!r} is the name of two values, one of them nested. Rename one.")
            if isinstance(value, list) and (points := _points(value)):
                curves[key] = self._curve(where, key, points)
            elif (text := _text(value)) is not None:
                cells[key] = text
        self.curves.update(dict.fromkeys(curves))
        return curves

    def _curve(self, where: str, key: str, points: list[tuple[float, float]]) -> Curve:
        """Points in the order of their steps; numbered where these are not whole, as seconds are."""
        points = sorted(points, key=lambda point: point[0])
        broken = next((step for step, _ in points if not step.is_integer()), None)
        if broken is None:
            return tuple((int(step), value) for step, value in points)
        self.renumbered.setdefault(key, f"{broken:g} in {where}")
        return tuple((place, value) for place, (_, value) in enumerate(points))

    def found(self, hints: Mapping[str, str] | None = None) -> Found:
        """All of it."""
        if self.curves:
            self.notes.append(f"Lists of steps and values are curves: {', '.join(self.curves)}.")
        for key, example in self.renumbered.items():
            self.notes.append(f"Steps of {key} are not whole numbers ({example}): its points are numbered from 0 here.")
        for run in self.runs:
            assert isinstance(run.cells, dict)
            for curve in self.curves:  # an empty list is one without points where others have some
                if run.cells.get(curve) == "[]":
                    del run.cells[curve]
        used = {column for run in self.runs for column in run.cells} if self.curves else set(self.columns)
        return Found(
            name=self.name,
            kind=self.kind,
            columns=tuple(column for column in self.columns if column in used),
            runs=tuple(self.runs),
            notes=tuple(self.notes),
            hints=hints or {},
        )


def _flattened(entries: Iterable[tuple[str, Any]], within: str = "") -> Iterator[tuple[str, Any]]:
    """The values of an object and of those inside of it, by their path."""
    for key, value in entries:
        if isinstance(value, dict):
            yield from _flattened(value.items(), f"{within}{key}/")
        else:
            yield within + key, value


def _text(value: Any) -> str | None:
    """A value as a cell's text."""
    return text_of(_with_numbers(value) if isinstance(value, list) else value)


def _with_numbers(value: Any) -> Any:
    """A list that prints its numbers as numbers."""
    if isinstance(value, list):
        return [_with_numbers(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _with_numbers(entry) for key, entry in value.items()}
    return float(value) if isinstance(value, Literal) else value


def _points(value: list[Any]) -> list[tuple[float, float]]:
    """The points of a curve, [[step, value], ...]; none where the list is something else.

    A value that is null, or a word for NaN or infinity, was not finite. Pairs of whole numbers are a curve only if
    their steps rise: sizes like [[3, 3], [3, 5]] are a setting.
    """
    points = []
    for pair in value:
        if not isinstance(pair, list) or len(pair) != 2:
            return []
        step, measured = _measured(pair[0]), _measured("nan" if pair[1] is None else pair[1])
        if step is None or measured is None or step - step != 0:
            return []
        points.append((step, measured))
    whole = all(type(number) is int for pair in value for number in pair)
    rising = all(before < after for (before, _), (after, _) in pairwise(points))
    return points if rising or not whole else []


def _measured(value: Any) -> float | None:
    """A value as a number, None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return number(value) if isinstance(value, str) else as_number(value)
