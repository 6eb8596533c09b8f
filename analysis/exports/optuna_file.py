"""Optuna's studies in a file that optuna-dashboard opens: a SQLite database, or a journal."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection

from soundproof.analysis.exports.optuna_study import OptunaStudy
from soundproof.common import record

DATABASES = (".db", ".sqlite", ".sqlite3")
"""How the name of a database ends; any other file is a journal."""


def optuna_file(studies: Iterable[OptunaStudy], suffix: str) -> bytes:
    """The content of a file whose name ends in `suffix`, holding these studies."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"studies{suffix}"
        with _storage(path) as storage:
            for study in studies:
                _write(study, storage)
        return path.read_bytes()


def optuna_url(path: Path) -> str:
    """How optuna-dashboard, and Optuna's own command, take the file at `path`."""
    return f"sqlite:///{path}" if _is_database(path) else str(path)


def _is_database(path: Path) -> bool:
    return path.suffix.lower() in DATABASES


@contextmanager
def _storage(path: Path) -> Iterator[BaseStorage]:
    if not _is_database(path):
        yield JournalStorage(JournalFileBackend(str(path)))
        return
    database = RDBStorage(f"sqlite:///{path}")
    try:
        yield database
    finally:
        database.remove_session()
        database.engine.dispose()


def _write(study: OptunaStudy, storage: BaseStorage) -> None:
    better = {True: StudyDirection.MAXIMIZE, False: StudyDirection.MINIMIZE}
    directions = [better[record.higher_is_better(metric)] for metric in study.objectives]
    made = optuna.create_study(storage=storage, study_name=study.name, directions=directions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # how Optuna's own plots call their axes
        made.set_metric_names(list(study.objectives))
    for name, value in study.about.items():
        made.set_user_attr(name, value)
    made.add_trials(study.trials)
