"""Where things lie.

One folder for features, finished work in transit, locks, reports and the default tracking store.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from soundproof.common.errors import UserError
from soundproof.common.tracking_stores import sqlite_file, sqlite_uri
from soundproof.trainables.full_disks import lacks_space


class StorageError(UserError):
    """The storage cannot be used now. The message says why and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Storage:
    """Paths below `root`. Nothing else in the project builds paths of its own.

    Raises `StorageError` where they would be no text, which Ray and MLflow cannot take.
    """

    root: Path

    def __post_init__(self) -> None:
        try:
            str(self.root.absolute()).encode("utf-8")
        except UnicodeEncodeError as error:
            raise StorageError(
                f"--storage expects a folder whose path is text in UTF-8, got {str(self.root.absolute())!a}: name "
                "another, or rename it"
            ) from error

    @property
    def features(self) -> Path:
        """Cache of features, one folder per content."""
        return self.root / "features"

    @property
    def tracking_uri(self) -> str:
        """MLflow's store where the user names none: one SQLite file. Raises `StorageError` where it has no address."""
        file = self.root.resolve() / "mlflow.db"
        uri = sqlite_uri(file)
        if sqlite_file(uri) != file:
            raise StorageError(
                "--storage expects a folder whose path can be part of a database's address, got "
                f"{str(file.parent)!r}: a question mark, or an escape such as %20, leads elsewhere there. Name another "
                "folder"
            )
        return uri

    @property
    def artifacts(self) -> Path:
        """MLflow's artifacts, for the default store."""
        return self.root / "artifacts"

    @property
    def reports(self) -> Path:
        """Reports, one folder per study."""
        return self.root / "reports"

    @property
    def library_caches(self) -> Path:
        """What libraries keep for the next time, where there is no other place for it."""
        return self.root / "library-caches"

    def outbox(self, sweep: str) -> Path:
        """Finished trials of one sweep that are not in the tracking store yet."""
        return self.root / "outbox" / sweep

    def checkpoints(self, sweep: str) -> Path:
        """States of the running trials of one sweep, to go on from."""
        return self.root / "checkpoints" / sweep

    def journal(self, search: str) -> Path:
        """The sampler's memory of one search. In a folder, since Optuna's locks have longer names than the journal."""
        return self.root / "searches" / search / "journal"

    def ray_results(self, sweep: str) -> Path:
        """Ray's own notes. Nothing is ever read from them."""
        return self.root / "ray" / sweep

    def knows(self, sweep: str) -> bool:
        """Whether the sweep has been held here, now or before."""
        return self._lock_path(sweep).exists()

    @contextmanager
    def exclusive(self, sweep: str) -> Iterator[None]:
        """Hold the sweep for this process; the system lets go when the process dies.

        Raises `StorageError` when it is held, or when the root is no folder that can be written to.
        """
        with self._lock_file(sweep) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise StorageError(
                    f"another process is running {sweep} on {self.root}: wait for it, or choose another --storage"
                ) from error
            yield

    def _lock_path(self, name: str) -> Path:
        return self.root / "locks" / f"{name}.lock"

    def _lock_file(self, name: str) -> TextIO:
        """The first of what is written, and so the place where a root that takes nothing is found out."""
        path = self._lock_path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("w")
        except OSError as error:
            remedy = "free some space, or name another" if lacks_space(error) else "name another"
            raise StorageError(
                f"--storage expects a folder that can be written to, got {self.root} ({error.strerror}): {remedy}"
            ) from error
