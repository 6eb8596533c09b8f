"""The runs of a storage's own record as its database has them, whatever MLflow made it: it is only read."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from soundproof.common import record


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRun:
    """A run that Soundproof made. `place` is where its files are said to lie."""

    run_id: str
    name: str
    status: str
    deleted: bool
    place: str
    tags: Mapping[str, str]

    @property
    def words(self) -> str:
        """The run, and what it is of."""
        of = self.tags.get(record.VARIANT) or self.tags.get(record.STUDY) or "nothing that it names"
        seed = f" seed {self.tags[record.SEED]}" if record.SEED in self.tags else ""
        return f"run {self.run_id} ({of}{seed})"


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """The database, for reading alone."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as database:
        yield database


def read_runs(database: sqlite3.Connection) -> dict[str, StoredRun]:
    """All runs of ours by their ids, those that were deleted in MLflow included."""
    tags: dict[str, dict[str, str]] = defaultdict(dict)
    for run_id, key, value in database.execute("SELECT run_uuid, key, value FROM tags"):
        tags[run_id][key] = value
    rows = database.execute(
        "SELECT run_uuid, name, status, lifecycle_stage, artifact_uri FROM runs ORDER BY start_time"
    )
    return {
        run_id: StoredRun(
            run_id=run_id,
            name=name or "",
            status=status,
            deleted=stage == "deleted",
            place=place or "",
            tags=tags[run_id],
        )
        for run_id, name, status, stage, place in rows
        if record.KIND in tags[run_id]
    }


def all_run_ids(database: sqlite3.Connection) -> set[str]:
    """Those of runs of other programs too."""
    return {run_id for (run_id,) in database.execute("SELECT run_uuid FROM runs")}
