"""What a program says that its run came to: in the last line that it printed, in a file, or in a store of MLflow's.

Nothing is taken for a number that is none: a program that says nothing has no result, and why is told.
"""

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.judging.asking import numeric_columns
from soundproof.analysis.judging.runs import value_of
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.flat_cells import as_cells
from soundproof.analysis.sources.found import Found, SourceError
from soundproof.analysis.sources.kinds import read_source
from soundproof.analysis.sources.mlflow_experiments import read_tagged
from soundproof.common.json_texts import parsed

LAST_LINE = "last-line"
MLFLOW = "mlflow"
MLFLOW_FOLDER = "mlruns"
"""Below a run's folder, where its store lies."""

RUN_TAG = "soundproof.run"
"""Of runs in a store that many share: the folder of the run."""

_TAIL_BYTES = 65_536
_SHOWN = 120


def mlflow_address(source: str) -> str | None:
    """The address in `mlflow:ADDRESS`, of a store that runs share; None for another source.

    >>> mlflow_address("mlflow:http://localhost:5000"), mlflow_address("mlflow")
    ('http://localhost:5000', None)
    """
    return source.removeprefix(f"{MLFLOW}:") if source.startswith(f"{MLFLOW}:") else None


class NoResultError(Exception):
    """A run whose program said nothing that could be read. The message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How a run's result is read: `source` is `LAST_LINE`, `MLFLOW`, or a path, from the run's folder on.

    A store that runs share is `mlflow:ADDRESS`, where each has its folder as a tag. `metric` is None where a line holds
    one number alone, or a file has one metric alone. `curve_end` is what a curve, or rows one below the other, count
    with.
    """

    source: str
    metric: str | None
    higher_is_better: bool
    curve_end: str | None

    def result(self, folder: Path, stdout: Path) -> float:
        """The number. Raises `NoResultError` where there is none; NaN and infinity are what the program said."""
        if self.source == LAST_LINE:
            return self._of_line(_last_line(stdout))
        try:
            address = mlflow_address(self.source)
            if address is not None:
                return self._of_source(_last_run(read_tagged(address, RUN_TAG, str(folder)), self.metric))
            return self._of_path(folder)
        except SourceError as error:
            raise NoResultError(str(error)) from error

    def _of_path(self, folder: Path) -> float:
        path = folder / (MLFLOW_FOLDER if self.source == MLFLOW else self.source)
        if not path.exists():
            raise NoResultError(f"it left no {path.name}")
        if (single := _of_object(path, self.metric)) is not None:
            return single
        return self._of_source(read_source(str(path)))

    def _of_line(self, line: str) -> float:
        found = number(line.strip()) if self.metric is None else _named(line, self.metric)
        if found is None:
            expected = "a number" if self.metric is None else f"{self.metric} and a number"
            shown = line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
            said = f"it is {shown!r}" if line else "it printed nothing"
            raise NoResultError(f"expected {expected} in the last line of what it printed: {said}")
        return found

    def _of_source(self, found: Found) -> float:
        metric = self.metric
        if metric is None:
            numeric = numeric_columns(found)
            if len(numeric) != 1:
                raise NoResultError(
                    f"{found.name} has {', '.join(map(repr, numeric)) or 'no numbers'}: name one by --metric"
                )
            metric = numeric[0]
        known = {*found.columns, *(name for run in found.runs for name in run.curves)}
        if metric not in known:
            raise NoResultError(f"{found.name} has no {metric!r}: it has {', '.join(sorted(known)[:8]) or 'nothing'}")
        answers = Answers(
            metric=metric,
            seed=NO_SEED,
            higher_is_better=self.higher_is_better,
            curve_end="best" if self.curve_end == "best" else "last" if self.curve_end else None,
        )
        points = sum(len(run.curves.get(metric, ())) or 1 for run in found.runs)
        if points > 1 and self.curve_end is None:
            raise NoResultError(
                f"{found.name} has {points} values of {metric!r}: say --curve-end last or best where they are a run's "
                "course"
            )
        values = [value_of(found, answers, run)[0] for run in found.runs if metric in run.cells or metric in run.curves]
        finite = [value for value in values if math.isfinite(value)]
        if not values:
            raise NoResultError(f"{found.name} has no value of {metric!r}")
        if len(values) == 1 or self.curve_end == "last" or not finite:
            return values[-1]
        return max(finite) if self.higher_is_better else min(finite)


def _last_run(found: Found, metric: str | None) -> Found:
    """The run that was started last, of those with the metric: a run that was begun again is there twice."""
    having = [run for run in found.runs if metric is None or metric in run.cells or metric in run.curves]
    return replace(found, runs=tuple(having[-1:])) if having else found


def _of_object(path: Path, metric: str | None) -> float | None:
    """The number under a name, `val/acc` in a nested object too, where a file is one object of JSON that has it."""
    if path.suffix != ".json" or metric is None or not path.is_file():
        return None
    try:
        plain = parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    cells = as_cells(plain) if isinstance(plain, dict) else {}
    return number(cells[metric]) if metric in cells else None


def _last_line(stdout: Path) -> str:
    """The last line that is not empty, of the end of a file that may be long."""
    try:
        with stdout.open("rb") as file:
            file.seek(max(0, stdout.stat().st_size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _named(line: str, metric: str) -> float | None:
    """The number beside a name: in an object of JSON, behind `=` or `:` or a space; None where there are two."""
    if line.startswith("{"):
        try:
            value = parsed(line).get(metric)
        except ValueError:
            return None
        return None if isinstance(value, bool) else number(str(value)) if value is not None else None
    # a comma before a digit belongs to the number, which is none then: no part of it is taken for the whole
    found = re.findall(rf"(?:^|[\s,;|(]){re.escape(metric)}\s*[=:]?\s*([^\s,;|)]+(?:,\d[^\s,;|)]*)*)", line)
    return number(found[0]) if len(set(found)) == 1 else None
