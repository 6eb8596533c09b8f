"""Hydra's job folders: settings from `.hydra/overrides.yaml`, results from whatever else lies in each folder."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from soundproof.analysis.sources import (
    keras_logs,
    lightning_logs,
    ray_results,
    run_names,
    tensorboard_events,
    trainer_states,
)
from soundproof.analysis.sources.cells import text_of
from soundproof.analysis.sources.flat_cells import as_cells, columns_of, found_of, listed
from soundproof.analysis.sources.folder_trees import files, has_file, natural, relative, text_of_file
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.json_files import json_object
from soundproof.analysis.sources.log_rows import rows_of
from soundproof.analysis.sources.yaml_settings import loaded
from soundproof.common.counting import counted

KIND = "Hydra's job folders"
HYDRA, OVERRIDES, CONFIG = ".hydra", "overrides.yaml", "hydra.yaml"
SWEEP = "multirun.yaml"
RESULTS = ("metrics.json", "results.json")

_READERS: tuple[ModuleType, ...] = (lightning_logs, trainer_states, keras_logs, ray_results, tensorboard_events)
_OF_JOBS = ("hydra.job.num", "hydra.job.id", "hydra.job.override_dirname", "hydra:job.num", "hydra:job.id")


def recognises(path: Path) -> bool:
    """Whether a folder tree has the overrides of a job in it."""
    return path.is_dir() and has_file(path, _is_overrides)


def read(path: Path) -> Found:
    """The jobs of a folder tree, with the overrides as settings and the results of each."""
    found = files(path, _is_overrides)
    if not found:
        raise SourceError(f"{path} has no {HYDRA}/{OVERRIDES} in it: name the folder of Hydra's runs.")
    jobs = sorted((file.parent.parent for file in found), key=lambda job: natural(job.relative_to(path)))
    notes = _refuse_shared(path, jobs)
    kinds: dict[str, str] = {}
    runs: list[FoundRun] = []
    for job in jobs:
        runs += _job(path, job, kinds, notes)
    columns = columns_of(runs)
    seeds = [name for name in columns if name.rsplit(".", 1)[-1] == run_names.SEED]
    known = {seeds[0]: "seed"} if len(seeds) == 1 else {}
    return found_of(path, KIND, runs, notes, kinds | run_names.hints(columns) | known)


def _is_overrides(path: Path) -> bool:
    return path.name == OVERRIDES and path.parent.name == HYDRA


def _job(root: Path, job: Path, kinds: dict[str, str], notes: list[str]) -> list[FoundRun]:
    """The runs of one job: what a reader finds, with single metrics beside it; without either, one of no results."""
    name = relative(job, root)
    where = f"folder {name}"
    single = _single_results(where, job, notes)
    curves = _by_reader(where, job, notes)
    found = curves.runs if curves else ()
    if curves:
        kinds |= {column: hint for column, hint in curves.hints.items() if hint == "bookkeeping"}
    if not found and not single:
        notes.append(f"{where}: no results that can be read.")
    overrides = _overrides(job)
    runs = []
    for run in found or (FoundRun(where=where, cells={}),):
        inside = {column: text for column, text in run.cells.items() if not column.startswith(run_names.FOLDER)}
        place = where if len(found) < 2 else f"{where}, {run.where}"
        cells, unlike = run_names.with_settings(place, run_names.parsed(name), overrides)
        notes += unlike + _joined(place, cells, inside) + _joined(place, cells, single)
        runs.append(FoundRun(where=place, cells=cells, curves=run.curves, state=run.state))
    return runs


def _joined(where: str, cells: dict[str, str], inside: Mapping[str, str]) -> list[str]:
    """Add what a job's results say to its settings; where the two disagree the results' word gets a name of its own."""
    notes = []
    for column, text in inside.items():
        said = cells.get(column, text)
        if run_names.same(said, text):
            cells.setdefault(column, text)
        else:
            cells[f"results/{column}"] = text
            notes.append(f"{where}: {column} is {said} in the overrides and {text} in the results.")
    return notes


def _overrides(job: Path) -> dict[str, str]:
    """The settings that a job was started with; what was taken out of the configuration is said to be so."""
    file = job / HYDRA / OVERRIDES
    words = loaded(file)
    if words is not None and not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
        raise SourceError(f"{file} should be a list of overrides, as Hydra writes it.")
    settings: dict[str, str] = {}
    for word in words or ():
        name, _, value = word.lstrip("+").partition("=")
        if name.startswith("~"):
            settings[name.removeprefix("~")] = "(taken out)"
        elif text := text_of(value.strip("'") if value[:1] == value[-1:] == "'" else value):
            settings[name] = text
    return settings


def _refuse_shared(root: Path, jobs: list[Path]) -> list[str]:
    """Refuse sweeps whose jobs wrote over each other, and name jobs of which there is no folder."""
    sweeps: dict[Path, dict[int, tuple[Path, str]]] = {}
    whole = next((above for above in root.resolve().parents if (above / SWEEP).is_file()), None)
    for job in jobs if whole is None else [file.parent.parent for file in files(whole, _is_overrides)]:
        config = job / HYDRA / CONFIG
        text = text_of_file(config) if config.is_file() else ""
        number, subfolder = re.search(r"^    num: (\d{1,6})$", text, re.M), re.search(r"^    subdir: (.*)", text, re.M)
        if number and subfolder and re.search(r"^  mode: MULTIRUN", text, re.M):
            sweep = next((above for above in job.parents if (above / SWEEP).is_file()), job.parent)
            sweeps.setdefault(sweep, {})[int(number[1])] = (job, subfolder[1])
    notes = []
    for sweep, found in sweeps.items():
        missing = sorted(set(range(max(found))) - found.keys())
        job, place = found[max(found)]
        if missing and not any(word in place for word in _OF_JOBS):
            raise SourceError(
                f"Jobs of Hydra have to have a folder each, and {counted(max(found) + 1, 'job')} shared {job} or"
                f" another: hydra.sweep.subdir was {place}, and the last one's overrides are left. Run them again with"
                " hydra.sweep.subdir=${hydra.job.num}."
            )
        if missing and sweep.is_relative_to(root):
            notes.append(f"folder {relative(sweep, root)}: no folder of the jobs {listed(map(str, missing))}.")
    return notes


def _by_reader(where: str, job: Path, notes: list[str]) -> Found | None:
    """What the first reader that knows a job's folder finds there; others that know it too are named."""
    able = [reader for reader in _READERS if reader.recognises(job)]
    if not able:
        return None
    found: Found = able[0].read(job)
    notes += [f"{where}: {note}" for note in found.notes]
    if len(able) > 1:
        notes.append(f"{where}: read were {found.kind}; not read: {listed(reader.KIND for reader in able[1:])}.")
    return found


def _single_results(where: str, job: Path, notes: list[str]) -> dict[str, str]:
    """The metrics of a job's one file of results: JSON, or a CSV file of one row."""
    present = [job / name for name in RESULTS if (job / name).is_file()]
    if present:
        if len(present) > 1:
            notes.append(f"{where}: read was {present[0].name}; not read: {listed(file.name for file in present[1:])}.")
        return as_cells(json_object(present[0]))
    tables = [
        file
        for file in sorted(job.glob("*.csv"))
        if not (lightning_logs.recognises(file) or keras_logs.recognises(file))
    ]
    fitting = [row for file in tables if (row := _one_row(file)) is not None]
    if tables and len(fitting) != 1:
        notes.append(f"{where}: not read: {listed(file.name for file in tables)}; one CSV file of one row would be.")
    return as_cells(fitting[0]) if len(fitting) == 1 else {}


def _one_row(file: Path) -> dict[str, str] | None:
    """The row of a table that has one; None of other files."""
    try:
        rows = [cells for _, cells in rows_of(file)]
    except SourceError:
        return None
    return rows[0] if len(rows) == 1 else None
