"""Ray Tune's folders: `result.json` and `params.json` of each trial, and whether `error.txt` lies beside them.

`progress.csv` is not read: after a restore it has the keys of one session under the header of another.
"""

import re
from pathlib import Path
from typing import Any

from soundproof.analysis.sources import run_names
from soundproof.analysis.sources.cells import number, text_of
from soundproof.analysis.sources.flat_cells import as_cells, columns_of, flattened, found_of, listed
from soundproof.analysis.sources.folder_trees import files, has_file, relative, text_of_file
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.json_files import as_number, json_lines, json_object
from soundproof.analysis.sources.step_curves import Points
from soundproof.common.counting import counted
from soundproof.common.record import Curve

KIND = "Ray Tune's results"
RESULTS, SETTINGS, ERROR = "result.json", "params.json", "error.txt"
CONFIG = "config/"

_ITERATION = "training_iteration"
_KEPT = ("trial_id", _ITERATION, "time_total_s")
_BOOKKEEPING = {
    *_KEPT, "config", "timestamp", "checkpoint_dir_name", "should_checkpoint", "done", "date", "time_this_iter_s",
    "pid", "hostname", "node_ip", "time_since_restore", "iterations_since_restore", "experiment_tag",
}  # fmt: skip


def recognises(path: Path) -> bool:
    """Whether a trial's results lie in a folder or below it."""
    return path.is_dir() and has_file(path, _is_result)


def read(path: Path) -> Found:
    """The trials of a folder tree, each with its settings as `config/...` and its metrics over iterations."""
    results = files(path, _is_result)
    if not results:
        raise SourceError(
            f"{path} has no {RESULTS} with a {SETTINGS} beside it: name the folder of an experiment of Ray."
        )
    notes: list[str] = []
    runs = tuple(_trial(path, file, notes) for file in results)
    columns = columns_of(runs)
    known = dict.fromkeys((name for name in _KEPT if name in columns), "bookkeeping")
    if CONFIG + "seed" in columns and run_names.SEED not in columns:
        known[CONFIG + "seed"] = "seed"
    return found_of(path, KIND, runs, notes, known)


def _is_result(path: Path) -> bool:
    return path.name == RESULTS and (path.parent / SETTINGS).is_file()


def _trial(root: Path, file: Path, notes: list[str]) -> FoundRun:
    folder = relative(file.parent, root)
    where = f"folder {folder}"
    rows, half_written = json_lines(file)
    if half_written:
        notes.append(f"{where}: the last line of {RESULTS} was only half written, and is left out.")
    kept = _last_of_each_iteration(file, rows)
    if len(kept) < len(rows):
        notes.append(
            f"{where}: {len(rows) - len(kept):,} of {counted(len(rows), 'row')} dropped, for the iteration"
            " comes again after a restore; the last row of each iteration is kept."
        )
    curves, others = _curves(kept)
    if others:
        notes.append(f"{where}: left out, for it is no number: {listed(others)}.")
    if not kept:
        notes.append(f"{where}: it has no results.")
    # The names that Ray makes of a trial's settings are no variants; folders above it may be.
    names = {
        **run_names.parsed(relative(file.parent.parent, root) if file.parent != root else folder),
        "folder": folder,
    }
    last = kept[max(kept)] if kept else {}
    ends = {name: text for name in _KEPT if (text := text_of(last.get(name))) is not None}
    settings = as_cells(json_object(file.parent / SETTINGS), CONFIG)
    return FoundRun(where=where, cells=names | settings | ends, curves=curves, state=_state(file.parent, rows))


def _last_of_each_iteration(file: Path, rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    kept: dict[int, dict[str, Any]] = {}
    for place, row in enumerate(rows, start=1):
        iteration = row.get(_ITERATION)
        if not isinstance(iteration, int) or isinstance(iteration, bool):
            raise SourceError(f"{file}, line {place:,}: {_ITERATION} should be a whole number, and is {iteration!r}.")
        kept[iteration] = row
    return kept


def _curves(rows: dict[int, dict[str, Any]]) -> tuple[dict[str, Curve], list[str]]:
    """Metrics over iterations, nested ones by their path; and what has other values than numbers."""
    points: dict[str, Points] = {}
    others: dict[str, None] = {}
    for iteration in sorted(rows):
        metrics = {name: value for name, value in rows[iteration].items() if name not in _BOOKKEEPING}
        for name, value in flattened(metrics):
            held = number(value) if isinstance(value, str) else as_number(value)
            if held is not None:
                points.setdefault(name, []).append((iteration, held))
            elif value is not None:
                others[name] = None
    return {name: tuple(curve) for name, curve in points.items()}, list(others)


def _state(folder: Path, rows: list[dict[str, Any]]) -> str | None:
    """Failed, where an error has no later rows: it stays there after a restore that succeeds, in files all as new.

    The error says when it was and in which process, as each row does. Clocks of machines differ, so of a row of the
    same process the time is not asked.
    """
    if not (folder / ERROR).is_file():
        return None
    error, last = text_of_file(folder / ERROR), rows[-1] if rows else {}
    if str(last.get("pid")) in re.findall(r"\bpid=(\d+)", error)[-1:]:
        return "failed"
    times = re.findall(r"occurred at ([\d_-]+)", error)
    return None if times and str(last.get("date", "")) > times[-1] else "failed"
