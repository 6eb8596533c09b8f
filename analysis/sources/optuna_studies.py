"""Studies that Optuna keeps in a journal or an SQLite database: a run a trial, or a run a study."""

import math
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from soundproof.analysis.sources.cells import number, text_of
from soundproof.analysis.sources.databases import database_file, has_tables, opened
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.common.json_texts import parsed

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

STUDY, TRIAL, VALUE = "study", "trial", "value"
COMPLETE = "COMPLETE"
"""The one state whose value is a result: a pruned trial's is its last report."""
PARAMS, ATTRIBUTES = "params/", "user_attrs/"
_TABLES = ("studies", "trials", "trial_values", "version_info")
_LONGEST_LINE = 100_000

Direction = Literal["minimize", "maximize"]


def recognises(path: Path) -> bool:
    """Whether it is a database with Optuna's tables, or a journal: JSON Lines with its operation codes."""
    file = database_file(str(path))
    return _is_journal(path) if file is None else has_tables(file, *_TABLES)


def read(path: Path) -> Found:
    """Every trial of every study, in their order. Raises `SourceError` where Optuna cannot read the file."""
    if not recognises(path):
        raise SourceError(
            f"expected a journal or a database of Optuna at {path}, found neither: name the file of its storage"
        )
    runs: list[FoundRun] = []
    notes: list[str] = []
    with _studies(path) as studies:
        for study in studies:
            trials = study.get_trials(deepcopy=False)
            metrics = _metrics(study)
            runs += [_run(study.study_name, trial, metrics) for trial in trials]
            notes += _notes(study, trials)
    if not runs:
        raise SourceError(f"expected trials in {path}, found none: name a storage in which a study has run")
    columns = tuple(dict.fromkeys(column for run in runs for column in run.cells))
    return Found(
        name=str(path),
        kind="studies of Optuna",
        columns=tuple(sorted(columns, key=_place)),
        runs=tuple(runs),
        notes=tuple(notes),
        hints={TRIAL: "bookkeeping"},
    )


def best_of_studies(found: Found, direction: Direction) -> Found:
    """One run a study: its best complete value, over the trials as a curve of the best so far.

    Raises `SourceError` where the studies have several objectives.
    """
    values = [column for column in found.columns if _place(column) == _RESULTS]
    if len(values) != 1:
        raise SourceError(
            f"expected studies of one objective in {found.name}, found {', '.join(values) or 'no value'}: compare "
            "their trials, not their best"
        )
    names = dict.fromkeys(run.cells[STUDY] for run in found.runs)
    runs = tuple(
        _best(name, [run for run in found.runs if run.cells[STUDY] == name], values[0], direction) for name in names
    )
    note = (
        f"A run here is a whole search: {len(runs)} studies of {len(found.runs)} trials in all are {len(runs)} "
        f"repetitions, not {len(found.runs)}."
    )
    return Found(
        name=found.name,
        kind="the best of each study of Optuna",
        columns=(STUDY, TRIAL, "complete trials", values[0]),
        runs=runs,
        notes=(*found.notes, note),
        hints={TRIAL: "bookkeeping", "complete trials": "bookkeeping"},
    )


def _best(study: str, trials: Sequence[FoundRun], column: str, direction: Direction) -> FoundRun:
    sign = -1.0 if direction == "maximize" else 1.0
    best, curve = math.inf, []
    first: FoundRun | None = None
    complete = [run for run in trials if run.state == COMPLETE]
    for run in complete:
        value = number(run.cells.get(column, ""))
        if value is None or math.isnan(value):
            continue
        if first is None or sign * value < best:
            best, first = sign * value, run
        curve.append((int(run.cells[TRIAL]), sign * best))
    cells = {STUDY: study, "complete trials": str(len(complete))}
    if first is None:
        return FoundRun(where=f"study {study}", cells=cells, state="no complete trial")
    return FoundRun(
        where=f"study {study}, best in trial {first.cells[TRIAL]}",
        cells=cells | {TRIAL: first.cells[TRIAL], column: first.cells[column]},
        curves={column: tuple(curve)},
        state=COMPLETE,
    )


def _run(study: str, trial: "FrozenTrial", metrics: Sequence[str]) -> FoundRun:
    cells = {STUDY: study, TRIAL: str(trial.number)}
    cells |= {PARAMS + name: _level(value) for name, value in trial.params.items()}
    attributes = {ATTRIBUTES + name: text_of(value) for name, value in trial.user_attrs.items()}
    cells |= {name: text for name, text in attributes.items() if text is not None}
    if trial.state.name == COMPLETE:
        cells |= {name: repr(value) for name, value in zip(metrics, trial.values, strict=True)}
    reports = tuple(sorted(trial.intermediate_values.items()))
    return FoundRun(
        where=f"trial {trial.number} of study {study}",
        cells=cells,
        curves={metrics[0]: reports} if reports else {},
        state=trial.state.name,
    )


def _level(value: object) -> str:
    """A parameter's value; None is one of the choices of a categorical parameter, and no empty cell."""
    return text_of(value) or str(value)


def _metrics(study: "Study") -> list[str]:
    count = len(study.directions)
    return list(study.metric_names or ([VALUE] if count == 1 else [f"values/{index}" for index in range(count)]))


def _notes(study: "Study", trials: "Sequence[FrozenTrial]") -> Iterable[str]:
    directions = [direction.name.lower() for direction in study.directions]
    goals = ", ".join(f"{way} {name}" for name, way in zip(_metrics(study), directions, strict=True))
    yield f"Study {study.study_name} was to {goals}."
    others = Counter(trial.state.name for trial in trials if trial.state.name != COMPLETE)
    if others:
        counted = ", ".join(f"{count} {state}" for state, count in others.items())
        yield f"Trials of study {study.study_name} without a result: {counted}, of {len(trials)}."


_NAMES, _SETTINGS, _RESULTS = range(3)


def _place(column: str) -> int:
    """Where a column stands: names, settings, values."""
    return _NAMES if column in {STUDY, TRIAL} else _SETTINGS if column.startswith((PARAMS, ATTRIBUTES)) else _RESULTS


def _is_journal(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            first = parsed(file.readline(_LONGEST_LINE))
    except (OSError, ValueError):
        return False
    return isinstance(first, dict) and {"op_code", "worker_id"} <= first.keys()


@contextmanager
def _studies(path: Path) -> "Iterator[list[Study]]":
    """The studies in a copy of the file: Optuna would make tables, and refuse a schema that is not its own."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with tempfile.TemporaryDirectory(prefix="soundproof-") as folder, _storage(path, Path(folder)) as storage:
            names = optuna.get_all_study_names(storage)
            yield [optuna.load_study(study_name=name, storage=storage) for name in names]
    except SourceError:
        raise
    except Exception as error:  # Optuna, SQLAlchemy and json have no common base
        reason = (str(error).strip().splitlines() or [""])[0]
        raise SourceError(
            f"expected a journal or a database of Optuna at {path}, which it cannot read: {type(error).__name__}: "
            f"{reason}. Copy the storage again once nobody writes to it, or export trials_dataframe() as CSV"
        ) from error
    finally:
        optuna.logging.set_verbosity(verbosity)


@contextmanager
def _storage(path: Path, folder: Path) -> "Iterator[BaseStorage]":
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    copy = folder / "copy"
    file = database_file(str(path))
    if file is None:
        shutil.copyfile(path, copy)
        yield JournalStorage(JournalFileBackend(str(copy)))
        return
    with opened(file) as database, closing(sqlite3.connect(copy)) as target:
        database.backup(target)
    storage = RDBStorage(f"sqlite:///{copy}", skip_compatibility_check=True, skip_table_creation=True)
    try:
        if storage.get_current_version() != storage.get_head_version():
            storage.upgrade()
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()
