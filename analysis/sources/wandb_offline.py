"""Runs that Weights & Biases kept on this machine, read by its public command: their files have a form of their own."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from soundproof.analysis.sources.cells import number, text_of
from soundproof.analysis.sources.flat_cells import flattened
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.common.json_texts import parsed

_RUN_FOLDER = "*run-*"
_AT_ONCE = 2
_LONGEST_SECONDS = 600
_OWN = "_"
"""What W&B's own names begin with: `_step`, `_runtime`, `_timestamp`, `_wandb`."""
_NAME, _GROUP, _JOB, _TAGS, _ID = "Name", "Group", "Job Type", "Tags", "ID"
_EXPORT = "or export the run table of the project's page as CSV and give that"


def recognises(path: Path) -> bool:
    """Whether it is a run's file, a run's folder, a folder of such, or one that has them in its `wandb`."""
    return bool(_files(path))


def read(path: Path) -> Found:
    """The runs in the order of their folders' names, which begin with the time.

    Raises `SourceError` where the command is not there, or there is nothing that it can read.
    """
    files = _files(path)
    if not files:
        raise SourceError(f"expected runs of W&B at {path}, found no run-*.wandb: name the folder wandb of the project")
    _require_command()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        printed = list(pool.map(_printed, files))
    notes: list[str] = []
    found = [run_printed(file, text, notes) for file, text in zip(files, printed, strict=True)]
    runs = tuple(run for run in found if run is not None)
    empty = [file.name for file, run in zip(files, found, strict=True) if run is None]
    if empty:
        notes.append(f"Files without a record, left out (the process was killed early): {', '.join(empty)}.")
    if not runs:
        raise SourceError(f"expected runs of W&B at {path}, found no record in {', '.join(empty)}: name another folder")
    columns = tuple(dict.fromkeys(column for run in runs for column in run.cells))
    return Found(
        name=str(path),
        kind="runs of Weights & Biases, kept offline",
        columns=columns,
        runs=runs,
        notes=(*notes, *_of_states(runs)),
        hints=dict.fromkeys((name for name in columns if name in {_ID, _TAGS}), "bookkeeping"),
    )


def _files(path: Path) -> list[Path]:
    if path.suffix == ".wandb" and path.is_file():
        return [path]
    for pattern in ("run-*.wandb", f"{_RUN_FOLDER}/run-*.wandb", f"wandb/{_RUN_FOLDER}/run-*.wandb"):
        found = sorted(file for file in path.glob(pattern) if file.parent.name != "latest-run")
        if found:
            return found
    return []


def _require_command() -> None:
    if find_spec("wandb") is None:
        raise SourceError(
            "runs that W&B kept offline are read by its own command, and wandb is not installed: "
            f'pip install "soundproof[wandb]", {_EXPORT}'
        )


def _printed(file: Path) -> str:
    """What the log of a run holds, a record a line. The command keeps to a folder of its own, and calls nobody."""
    with tempfile.TemporaryDirectory(prefix="soundproof-") as folder:
        places = ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "XDG_CACHE_HOME")
        quiet = {"WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}
        command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(file.resolve())]
        try:
            ended = subprocess.run(  # noqa: S603  # a list of arguments, the file's name among them; no shell
                command,
                cwd=folder,
                env=os.environ | quiet | dict.fromkeys(places, folder),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_LONGEST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _unread(file, f"no answer in {_LONGEST_SECONDS} s") from error
    if ended.returncode:
        raise _unread(file, " ".join(ended.stderr.split())[-300:])
    return ended.stdout


def run_printed(file: Path, text: str, notes: list[str]) -> FoundRun | None:
    """The run of a file of which the command printed `text`; None where that is nothing. Raises `SourceError`."""
    try:
        log = [parsed(line) for line in text.splitlines() if line.strip()]
        return _run(file, log, notes) if log else None
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _unread(file, f"records of another form ({error})") from error


def _unread(file: Path, reason: str) -> SourceError:
    return SourceError(
        f"expected `wandb leet inspect --json` to print the records of {file}, got: {reason}. It takes wandb 0.31 or "
        f'newer: pip install "soundproof[wandb]", {_EXPORT}'
    )


def _run(file: Path, log: list[dict[str, Any]], notes: list[str]) -> FoundRun:
    about: dict[str, Any] = {}
    config: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    for kind, record in _of_kinds(log, "run", "config", "summary"):
        if kind == "run":
            about |= record
            _merge(config, record.get("config", {}))
        elif kind == "config":
            _merge(config, record)
        else:
            _replace(summary, record)
    settings = dict(flattened({name: value for name, value in config.items() if name != "_wandb"}))
    metrics = {name: value for name, value in flattened(summary, joint=".") if not name.startswith(_OWN)}
    plain = {name: value for name, value in metrics.items() if not _is_media(name, metrics)}
    where = f"run {about.get('display_name') or about.get('run_id', '')} in {file.parent.name}"
    undefined = [name for name, value in (settings | plain).items() if value is None]
    if undefined:
        notes.append(f"Empty in {where}, where W&B also writes null for a NaN that was set: {', '.join(undefined)}.")
    both = settings.keys() & plain.keys()
    if both:
        notes.append(f"Both a setting and a metric of {where}, the setting's column is config/NAME: {', '.join(both)}.")
    named = {_NAME: "display_name", _GROUP: "run_group", _JOB: "job_type", _TAGS: "tags", _ID: "run_id"}
    cells = {name: about.get(key) or None for name, key in named.items()}
    cells |= {f"config/{name}" if name in both else name: value for name, value in settings.items()} | plain
    texts = {name: text_of(value) for name, value in cells.items()}
    return FoundRun(
        where=where,
        cells={name: text for name, text in texts.items() if text is not None},
        curves=_curves(log),
        state=_state(log),
    )


def _of_kinds(log: list[dict[str, Any]], *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records of these kinds, each with its kind."""
    for entry in log:
        kind = entry.get("type")
        record = entry.get(kind) if kind in kinds else None
        if isinstance(kind, str) and isinstance(record, dict):
            yield kind, record


def _merge(config: dict[str, Any], record: Mapping[str, Any]) -> None:
    """Take an update of the configuration, as W&B does: a nested setting is added to those beside it."""
    for name, value in record.get("update", {}).items():
        if isinstance(value, dict) and isinstance(config.get(name), dict):
            _merge(config[name], {"update": value})
        else:
            config[name] = value
    for name in record.get("remove", ()):
        config.pop(name, None)


def _replace(summary: dict[str, Any], record: Mapping[str, Any]) -> None:
    summary |= record.get("update", {})
    for name in record.get("remove", ()):
        summary.pop(name, None)


def _is_media(name: str, known: Mapping[str, Any]) -> bool:
    """Whether it is a part of a picture, table or histogram: those have a `_type` beside their parts."""
    parts = name.split(".")
    return any(".".join([*parts[:depth], "_type"]) in known for depth in range(1, len(parts)))


def _curves(log: list[dict[str, Any]]) -> dict[str, tuple[tuple[int, float], ...]]:
    """What is a number in each row of the history, words for NaN and infinity included, over `_step`."""
    curves: dict[str, dict[int, float]] = {}
    for _, record in _of_kinds(log, "history"):
        row = record.get("item", {})
        step = int(record.get("step", {}).get("num", row.get("_step", 0)))
        for name, value in row.items():
            found = None if value is None or isinstance(value, list | dict | bool) else number(str(value))
            if found is not None and not name.startswith(_OWN) and not _is_media(name, row):
                curves.setdefault(name, {})[step] = found
    return {name: tuple(sorted(points.items())) for name, points in curves.items()}


def _state(log: list[dict[str, Any]]) -> str:
    """The end of the process: without one it is running, or was killed."""
    codes = [record.get("exit_code", 0) for _, record in _of_kinds(log, "exit")]
    if not codes:
        return "running"
    return "finished" if codes[-1] == 0 else "failed"


def _of_states(runs: tuple[FoundRun, ...]) -> Iterator[str]:
    for state, count in Counter(run.state for run in runs).items():
        if state == "running":
            yield f"Runs without an end, so still running or killed: {count} of {len(runs)}."
        elif state != "finished":
            yield f"Runs in state {state}: {count} of {len(runs)}."
