"""Keras' CSVLogger: files whose first column is `epoch`, a training each."""

import math
import re
from itertools import islice
from pathlib import Path

from soundproof.analysis.sources import run_names
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.flat_cells import found_of, listed
from soundproof.analysis.sources.folder_trees import files, has_file, relative
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.log_rows import first_line, rows_of
from soundproof.analysis.sources.step_curves import Points, step_of
from soundproof.common.counting import counted

KIND = "Keras' CSV logs"
EPOCH, MISSING = "epoch", "NA"

_TWO_TRAININGS = "if a second training was appended (CSVLogger with append=True), give each a file of its own"
_OF_TABLES = {"step", "seed", "variant", "run", "run_id", "name", "model"}


def recognises(path: Path) -> bool:
    """Whether this is a log of epochs, or a folder tree with one."""
    return _is_log(path) if path.is_file() else path.is_dir() and has_file(path, _is_log)


def read(path: Path) -> Found:
    """The trainings of a folder tree, or the one of a file."""
    logs = [path] if path.is_file() else files(path, _is_log)
    if not logs:
        raise SourceError(
            f"{path} has no CSV file in it whose first column is {EPOCH}: name a log of Keras' CSVLogger."
        )
    root = path.parent if path.is_file() else path
    notes: list[str] = []
    names = [_name(file, root, logs) for file in logs]
    runs = tuple(
        _run(file, f"file {relative(file, root)}", name, notes) for file, name in zip(logs, names, strict=True)
    )
    if path.is_dir():
        others = files(path, lambda file: _is_table(file) and not _is_log(file))
        if others:
            left = listed(relative(file, root) for file in others)
            notes.append(f"Left out {counted(len(others), 'file')} that log no epochs: {left}.")
    return found_of(path, KIND, runs, notes)


def _is_table(path: Path) -> bool:
    return path.suffix in {".csv", ".log"}


def _is_log(path: Path) -> bool:
    """Whether the first of several columns is `epoch`, and none is what only tables of other tools have."""
    header = first_line(path) if _is_table(path) else ""
    separator = _separator(header)
    return separator is not None and not _OF_TABLES & set(header.split(separator))


def _separator(header: str) -> str | None:
    """What stands between the names of a header that begins with `epoch`.

    >>> _separator("epoch;loss"), _separator("epochs,loss"), _separator("epoch")
    (';', None, None)
    """
    found = re.match(rf"{EPOCH}([,;\t|])\S", header)
    return found.group(1) if found else None


def _name(file: Path, root: Path, logs: list[Path]) -> str:
    """What a training is called: by its file, or by its folder where that has one log and the file says no seed."""
    by_file = relative(file.with_suffix(""), root)
    alone = sum(other.parent == file.parent for other in logs) == 1 and file.parent != root
    return by_file if run_names.SEED in run_names.parsed(file.stem) or not alone else relative(file.parent, root)


def _run(file: Path, where: str, name: str, notes: list[str]) -> FoundRun:
    points, texts = _points(file)
    if texts:
        notes.append(f"{where}: left out, for it is no number: {listed(texts)}.")
    curves = {metric: tuple(logged) for metric, logged in points.items() if logged}
    last = max((curve[-1][0] for curve in curves.values()), default=None)
    broken = [metric for metric, curve in curves.items() if curve[-1][0] == last and not math.isfinite(curve[-1][1])]
    if broken:
        notes.append(
            f"{where}: {listed(broken)} of the last epoch, {last}, is not finite. If TerminateOnNaN ended the training,"
            " that epoch was cut short."
        )
    return FoundRun(where=where, cells=run_names.parsed(name), curves=curves)


def _points(file: Path) -> tuple[dict[str, Points], list[str]]:
    """Points by metric, and the metrics of which some cells are no numbers."""
    rows = rows_of(file, _separator(first_line(file)) or ",", _TWO_TRAININGS)
    points: dict[str, Points] = {name: [] for name in islice(rows.header, 1, None)}
    texts: dict[str, None] = {}
    before: int | None = None
    for line, cells in rows:
        epoch = step_of(cells[EPOCH])
        if epoch is None:
            raise SourceError(f"{file}, line {line:,}: the epoch should be a whole number, and is {cells[EPOCH]!r}.")
        if before is not None and epoch <= before:
            raise SourceError(
                f"{file}, line {line:,}: epoch {epoch} comes after epoch {before}, so two trainings are in one file:"
                " cut it in two there, or leave out the one that does not count."
            )
        before = epoch
        for name, logged in points.items():
            value = number(cells[name])
            if value is not None:
                logged.append((epoch, value))
            elif cells[name].strip() not in {"", MISSING}:
                texts[name] = None
    return points, list(texts)
