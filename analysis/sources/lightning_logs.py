"""Lightning's CSVLogger: `metrics.csv` in folders `version_N`, with `hparams.yaml` beside it.

A row is one call that logged something, so a step has several rows, and most cells are empty.
"""

from collections import Counter
from itertools import pairwise
from pathlib import Path

from soundproof.analysis.sources import run_names
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.flat_cells import found_of, listed
from soundproof.analysis.sources.folder_trees import files, has_file, relative
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.log_rows import first_line, rows_of
from soundproof.analysis.sources.step_curves import Points, curves_of, step_of
from soundproof.analysis.sources.yaml_settings import settings_of
from soundproof.common.counting import counted

KIND = "Lightning's CSV logs"
METRICS, SETTINGS = "metrics.csv", "hparams.yaml"
STEP, EPOCH, VERSION = "step", "epoch", "version"


def recognises(path: Path) -> bool:
    """Whether this is a `metrics.csv` with steps, or a folder tree with such files."""
    return _is_log(path) if path.is_file() else path.is_dir() and has_file(path, _is_log)


def read(path: Path) -> Found:
    """The runs of a folder tree, a run a version; or the one of a lone `metrics.csv`."""
    logs = [path] if path.is_file() else files(path, _is_log)
    if not logs:
        raise SourceError(f"{path} has no {METRICS} with a column {STEP} in it: name the folder of Lightning's logs.")
    root = path.parent if path.is_file() else path
    notes: list[str] = []
    runs = tuple(_run(file, relative(file.parent, root), notes) for file in logs)
    if path.is_dir():
        bare = _folders_without_metrics(path)
        if bare:
            notes.append(f"{counted(len(bare), 'folder')} without a {METRICS}, so without results: {listed(bare)}.")
    notes += _indistinct(runs) + _resumed(runs)
    return found_of(path, KIND, runs, notes, {VERSION: "bookkeeping"})


def _is_log(path: Path) -> bool:
    return path.name == METRICS and STEP in first_line(path).split(",")


def _run(file: Path, folder: str, notes: list[str]) -> FoundRun:
    where = f"folder {folder}"
    curves, replaced = curves_of(where, _points(file, where, notes))
    settings, unknown = settings_of(file.parent / SETTINGS)
    cells, unlike = run_names.with_settings(where, run_names.parsed(folder), settings)
    if folder.rsplit("/", 1)[-1].startswith("version_"):
        cells.setdefault(VERSION, folder.rsplit("_", 1)[-1])
    notes += replaced + [f"{where}, {SETTINGS}: {sentence}" for sentence in unknown] + unlike
    return FoundRun(where=where, cells=cells, curves={name: curve for name, curve in curves.items() if curve})


def _points(file: Path, where: str, notes: list[str]) -> dict[str, Points]:
    """Points by metric, in the order in which they were logged."""
    rows = rows_of(file)
    points: dict[str, Points] = {name: [] for name in rows.header if name not in {STEP, EPOCH}}
    texts: Counter[str] = Counter()
    for line, cells in rows:
        logged = {name: cells[name] for name in points if cells[name].strip()}
        step = step_of(cells[STEP])
        if step is None and logged:
            raise SourceError(f"{file}, line {line:,}: the step should be a whole number, and is {cells[STEP]!r}.")
        for name, text in logged.items():
            value = number(text)
            if value is None or step is None:
                texts[name] += 1
            else:
                points[name].append((step, value))
    if texts:
        notes.append(f"{where}: left out {counted(texts.total(), 'cell')} that hold no number, in {listed(texts)}.")
    return points


def _folders_without_metrics(root: Path) -> list[str]:
    """Versions that have settings, or nothing, and no log."""
    settings = {file.parent for file in files(root, lambda path: path.name == SETTINGS)}
    return [relative(folder, root) for folder in sorted(settings) if not (folder / METRICS).exists()]


def _indistinct(runs: tuple[FoundRun, ...]) -> list[str]:
    """Say which runs nothing but their folder sets apart."""
    kept = [frozenset(item for item in run.cells.items() if not _is_place(item[0])) for run in runs]
    alike = [run.where for run, cells in zip(runs, kept, strict=True) if kept.count(cells) > 1]
    if not alike:
        return []
    return [
        f"{counted(len(alike), 'run')} have the settings and the name of another, so what sets them apart was not"
        f" recorded: {listed(alike)}."
    ]


def _is_place(column: str) -> bool:
    """Whether a column says where a run lies, and not what it was."""
    return column in {run_names.FOLDER, VERSION} or column.startswith(f"{run_names.FOLDER}/")


def _resumed(runs: tuple[FoundRun, ...]) -> list[str]:
    """Ask about a version that begins after the end of the one before it: what is resumed gets a version of its own."""
    notes = []
    for before, run in pairwise(run for run in runs if run.curves):
        begin = min(curve[0][0] for curve in run.curves.values())
        end = max(curve[-1][0] for curve in before.curves.values())
        if before.where.rpartition("/")[0] == run.where.rpartition("/")[0] and begin > end > 0:
            notes.append(
                f"{run.where} begins at step {begin:,}, and {before.where} ended at {end:,}: one training, resumed?"
            )
    return notes
