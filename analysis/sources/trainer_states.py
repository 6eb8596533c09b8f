"""Hugging Face's Trainer: `trainer_state.json`, with files `..._results.json` beside it.

A training that diverged logs a loss of exactly 0.0, and its `train_loss` stays finite: the one is asked about, the
other never read. Seeds are in `training_args.bin` alone, a pickle, which is not opened.
"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from soundproof.analysis.sources import run_names
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.flat_cells import as_cells, columns_of, found_of, listed
from soundproof.analysis.sources.folder_trees import files, has_file, natural, relative
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.json_files import as_number, json_object
from soundproof.analysis.sources.step_curves import Points, curves_of
from soundproof.common.counting import counted
from soundproof.common.record import Curve

KIND = "states of Hugging Face's Trainer"
STATE, CHECKPOINT, RESULTS = "trainer_state.json", "checkpoint-", "_results.json"

_SETTINGS = ("num_train_epochs", "max_steps", "train_batch_size")
_ENDS = ("epoch", "global_step")
_LOSS, _TRAIN_LOSS, _GRADIENT = "loss", "train_loss", "grad_norm"
_COSTS = ("_runtime", "_per_second", "_samples", "_flos", "_timing", "_mem_delta")


def recognises(path: Path) -> bool:
    """Whether this is a state, or a folder tree with one."""
    return _is_state(path) if path.is_file() else path.is_dir() and has_file(path, _is_state)


def read(path: Path) -> Found:
    """The trainings of a folder tree, each by its last state, evaluations before losses."""
    states = [path] if path.is_file() else files(path, _is_state)
    if not states:
        raise SourceError(f"{path} has no {STATE} in it: name the folder that the Trainer wrote to.")
    root = path.parent if path.is_file() else path
    by_run: dict[Path, list[Path]] = {}
    for state in states:
        checkpoint = state.parent.name.startswith(CHECKPOINT) and state.parent != root
        by_run.setdefault(state.parent.parent if checkpoint else state.parent, []).append(state)
    notes: list[str] = []
    runs = tuple(_run(relative(folder, root), folder, found, notes) for folder, found in by_run.items())
    if not any(run_names.SEED in run.cells for run in runs):
        notes.append("The Trainer keeps its seed in a pickle, which is not opened, and no folder has it in its name.")
    columns = columns_of(runs)
    known = {name: "bookkeeping" for name in columns if name in {*_ENDS, "max_steps"} or _is_cost(name)}
    return found_of(path, KIND, runs, notes, known)


def _is_state(path: Path) -> bool:
    return path.name == STATE


def _is_cost(name: str) -> bool:
    return name.endswith(_COSTS)


def _run(name: str, folder: Path, states: list[Path], notes: list[str]) -> FoundRun:
    where = f"folder {name}"
    state = _latest(folder, states)
    history = state.get("log_history")
    if not isinstance(history, list) or not all(isinstance(entry, dict) for entry in history):
        raise SourceError(f"{states[0]} should have a list log_history, as transformers' Trainer writes it.")
    points, costs = _points(history)
    curves, replaced = curves_of(where, points)
    kept = {column: state[column] for column in (*_SETTINGS, *_ENDS) if column in state}
    results, unlike = _results(where, folder)
    cells, disagreeing = run_names.with_settings(where, run_names.parsed(name), as_cells(kept | costs) | results)
    ended, why = _judged(where, curves)
    notes += replaced + unlike + disagreeing + why
    return FoundRun(where=where, cells=cells, curves=curves, state=ended)


def _latest(folder: Path, states: list[Path]) -> dict[str, Any]:
    """The state after the most steps; that at the top where it is as late as the last checkpoint's."""
    top = [json_object(state) for state in states if state.parent == folder]
    saved = [state for state in states if state.parent != folder]
    found = [json_object(max(saved, key=lambda state: natural(state.parent.name)))] if saved else []
    return max(top + found, key=lambda state: as_number(state.get("global_step")) or 0)


def _points(history: list[dict[str, Any]]) -> tuple[dict[str, Points], dict[str, Any]]:
    """Points by metric, evaluations first and the training's loss last; and the last of each cost."""
    points: dict[str, Points] = {}
    costs: dict[str, Any] = {}
    for entry in history:
        step = entry.get("step")
        for name, value in entry.items():
            held = number(value) if isinstance(value, str) else as_number(value)
            if name in {"step", "epoch", _TRAIN_LOSS} or held is None:
                continue
            if _is_cost(name):
                costs[name] = value
            elif isinstance(step, int):
                points.setdefault(name, []).append((step, held))
    order = sorted(points, key=lambda name: (not name.startswith("eval_"), name == _LOSS))
    return {name: points[name] for name in order}, costs


def _results(where: str, folder: Path) -> tuple[dict[str, str], list[str]]:
    """The cells of the files beside the state; what two of them say differently has the name of its file before it."""
    said: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob(f"*{RESULTS}"), key=natural):
        for name, text in as_cells(json_object(file)).items():
            if name not in {_TRAIN_LOSS, "epoch"}:
                said.setdefault(name, {})[file.name.removesuffix(".json")] = text
    cells: dict[str, str] = {}
    unlike = [name for name, texts in said.items() if len(set(texts.values())) > 1]
    for name, texts in said.items():
        cells |= (
            {f"{file}/{name}": text for file, text in texts.items()}
            if name in unlike
            else {name: next(iter(texts.values()))}
        )
    metrics = [name for name in unlike if not _is_cost(name)]
    if not metrics:
        return cells, []
    return cells, [f"{where}: its files differ in {listed(metrics)}, which stand under the name of each file."]


def _judged(where: str, curves: dict[str, Curve]) -> tuple[str | None, list[str]]:
    """How a training ended, as far as its numbers say so."""
    watched = [
        name for name in curves if name in {_LOSS, _GRADIENT} or (name.startswith("eval_") and name.endswith("loss"))
    ]
    broken = {name: [step for step, value in curves[name] if math.isnan(value)] for name in watched}
    broken = {name: steps for name, steps in broken.items() if steps}
    zeros = [step for step, value in curves.get(_LOSS, ()) if value == 0.0]
    notes = [f"{where}: failed, for {name} is NaN at {_steps(steps)}." for name, steps in broken.items()]
    if zeros:
        notes.append(
            f"{where}: the loss is exactly 0.0 at {_steps(zeros)}. The Trainer writes that in the place of NaN: did"
            " this training diverge?"
        )
    return ("failed" if broken else "suspected" if zeros else None), notes


def _steps(steps: Iterable[int]) -> str:
    every = list(steps)
    return f"{counted(len(every), 'step')} ({listed((str(step) for step in every), 6)})"
