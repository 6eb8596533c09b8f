"""Result logs of MLPerf: lines that begin with `:::MLLOG`, one training a file, amid whatever else was printed."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from soundproof.analysis.sources.cells import number, text_of
from soundproof.analysis.sources.flat_cells import flattened
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.common.json_texts import parsed
from soundproof.common.record import Curve

_MARKS = (":::MLLOG ", ":::MLL ")
_OLDER = re.compile(r"(?P<seconds>\d+\.\d+) (?P<key>\w+): (?P<rest>\{.*)")
_STEPS = ("epoch_num", "samples_count")
"""Where a value was measured: rules of different years ask for one or the other."""
_POINT = "POINT_IN_TIME"
_QUALITY = "eval_accuracy"
_MILLISECONDS_PER_MINUTE = 60_000
_LOOKED_AT = 2000
"""Lines of a file among which a mark has to be for it to be recognised."""
_MOST_FILES = 20_000


def recognises(path: Path) -> bool:
    """Whether it is a log of MLPerf, or a folder with one somewhere below it."""
    return any(_has_mark(file) for file in _files(path))


def read(path: Path) -> Found:
    """A run a file, in the order of their paths. Raises `SourceError` where no file has such a line."""
    runs, without, broken, several = [], [], [], []
    for file in _files(path):
        entries, bad = _entries(file)
        if entries:
            runs.append(_run(file, path, entries))
            several += [file.name] if len(_times(entries, "run_start")) > 1 else []
        else:
            without.append(str(file))
        if bad:
            broken.append(f"{bad} in {file.name}")
    if not runs:
        raise SourceError(
            f"expected lines that begin with ':::MLLOG' at {path}, found none: name a log, or their folder"
        )
    notes = [
        f"Files without a line of MLPerf's, left out: {len(without)} (such as {without[0]})." if without else "",
        f"Logs in which a run starts more than once, read as one: {', '.join(several)}." if several else "",
        f"Lines that are cut or broken, left out: {', '.join(broken)}." if broken else "",
    ]
    states = Counter(run.state or "no run_stop" for run in runs)
    notes += [
        f"Runs in state {state}: {count} of {len(runs)}." for state, count in states.items() if state != "success"
    ]
    columns = tuple(dict.fromkeys(column for run in runs for column in run.cells))
    return Found(
        name=str(path),
        kind="result logs of MLPerf",
        columns=columns,
        runs=tuple(runs),
        notes=tuple(note for note in notes if note),
        hints={name: "seed" for name in columns if name == "seed"},
    )


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    found = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else []
    yield from found[:_MOST_FILES]


def _has_mark(file: Path) -> bool:
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return any(mark in line for line, _ in zip(lines, range(_LOOKED_AT), strict=False) for mark in _MARKS)
    except OSError:
        return False


def _entries(file: Path) -> tuple[list[dict[str, Any]], int]:
    """The entries of a log in their order, and how many lines with a mark are none."""
    entries, bad = [], 0
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise SourceError(f"{file} cannot be read: {error.strerror}. Make it readable, or name other files") from error
    for line in text.splitlines():
        mark = next((mark for mark in _MARKS if mark in line), None)
        if mark is None:
            continue
        entry = _entry(line[line.index(mark) + len(mark) :])
        if isinstance(entry, dict) and isinstance(entry.get("key"), str):
            entries.append(entry)
        else:
            bad += 1
    return entries, bad


def _entry(text: str) -> Any:
    """What stands behind a mark; in the rules of 2019, the time in seconds and the key stood before the JSON."""
    older = _OLDER.fullmatch(text)
    try:
        found = parsed(older["rest"] if older else text)
    except ValueError:
        return None
    if older and isinstance(found, dict):
        return {"event_type": _POINT, "time_ms": float(older["seconds"]) * 1000, "key": older["key"]} | found
    return found


def _run(file: Path, root: Path, entries: list[dict[str, Any]]) -> FoundRun:
    last: dict[str, Any] = {}
    for entry in entries:
        if entry.get("event_type") == _POINT and entry.get("value") is not None:
            last |= dict(flattened({entry["key"]: entry["value"]}))
    stop = [entry for entry in entries if entry["key"] == "run_stop"]
    state = _metadata(stop[-1]).get("status") if stop else None
    inner = file.relative_to(root).parent if root.is_dir() else Path()
    cells = {"folder": None if inner == Path() else inner.as_posix()}
    cells |= {f"folder/{depth}": part for depth, part in enumerate(inner.parts, start=1)}
    texts = cells | {"file": file.name} | {name: text_of(value) for name, value in last.items()}
    texts |= {"minutes": _minutes(entries)}
    return FoundRun(
        where=f"file {file.relative_to(root) if root.is_dir() else file.name}",
        cells={name: text for name, text in texts.items() if text is not None},
        curves=_curves([entry for entry in entries if entry["key"] == _QUALITY]),
        state=None if state is None else str(state),
    )


def _metadata(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    found = entry.get("metadata")
    return found if isinstance(found, dict) else {}


def _curves(measured: list[dict[str, Any]]) -> dict[str, Curve]:
    """The quality over the first kind of step that is a whole number in all lines; over none, no curve."""
    values = [_number(entry.get("value")) for entry in measured]
    for name in _STEPS:
        steps = [_number(_metadata(entry).get(name)) for entry in measured]
        if measured and all(step is not None and step.is_integer() for step in steps):
            points = {int(step): value for step, value in zip(steps, values, strict=True) if step is not None}
            return {_QUALITY: tuple((step, value) for step, value in sorted(points.items()) if value is not None)}
    return {}


def _number(value: Any) -> float | None:
    return None if value is None or isinstance(value, bool | dict | list) else number(str(value))


def _minutes(entries: list[dict[str, Any]]) -> str | None:
    """From the first start to the last stop of the run, by the times of the lines."""
    started, stopped = (_times(entries, key) for key in ("run_start", "run_stop"))
    return repr((stopped[-1] - started[0]) / _MILLISECONDS_PER_MINUTE) if started and stopped else None


def _times(entries: list[dict[str, Any]], key: str) -> list[float]:
    found = (_number(entry.get("time_ms")) for entry in entries if entry["key"] == key)
    return [time for time in found if time is not None and math.isfinite(time)]
