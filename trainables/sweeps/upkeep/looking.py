"""A storage looked over: everything that is checked, in the order in which it is told."""

import sqlite3
from collections.abc import Iterator

from soundproof.common.artifact_places import DATABASE
from soundproof.trainables.sweeps.storage import Storage, StorageError
from soundproof.trainables.sweeps.upkeep import artifacts, caches, database, runs
from soundproof.trainables.sweeps.upkeep.findings import Finding
from soundproof.trainables.sweeps.upkeep.locks import held
from soundproof.trainables.sweeps.upkeep.recorded_runs import opened, read_runs

_PARTS = (DATABASE, "locks", "features", "artifacts", "outbox", "reports")


def look_over(storage: Storage) -> list[Finding]:
    """What is wrong with a storage. Nothing is changed. Raises `StorageError` where there is none.

    What only a program that has died can have left is looked for while nothing runs on the storage.
    """
    if not any((storage.root / part).exists() for part in _PARTS):
        raise StorageError(
            f"--storage expects a folder in which studies were run, found none at {storage.root}: name another"
        )
    return list(_all(storage, in_use=bool(held(storage.root))))


def _all(storage: Storage, *, in_use: bool) -> Iterator[Finding]:
    file = storage.root / DATABASE
    if file.is_file():
        yield from _of_record(storage, in_use=in_use)
    yield from caches.damaged_features(storage)
    if not in_use:
        yield from caches.results_on_their_way(storage)
        yield from caches.half_written(storage)
    yield from caches.damaged_checkpoints(storage)


def _of_record(storage: Storage, *, in_use: bool) -> Iterator[Finding]:
    file = storage.root / DATABASE
    try:
        with opened(file) as found:
            faults = list(database.broken(file, found))
            yield from faults
            if faults:  # what it says further is not to be trusted
                return
            yield from database.of_another_mlflow(file)
            yield from database.wrong_places(file, found)
            known = read_runs(found)
            if not in_use:
                yield from runs.left_running(file, known)
            yield from runs.without_trial(known)
            yield from artifacts.of_trials(file, known)
            yield from artifacts.of_no_run(storage.root, found)
            yield from caches.unused_features(storage, known)
    except sqlite3.Error as error:
        yield Finding(kind="database", what=f"{file} cannot be read: {error}", remedy="put it back from a copy")
