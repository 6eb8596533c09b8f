"""Where the files of runs lie. A record writes whole paths, which are wrong once its storage was copied or moved.

A storage keeps its record and its files side by side: `ROOT/mlflow.db` and `ROOT/artifacts`. So what a record says of
files below any `.../artifacts` is true of the same files below its own, where they are there. Reading goes by that and
changes nothing; who writes sets the record right first, or new files would go to where it was copied from.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from soundproof.common.tracking_stores import sqlite_file

ARTIFACTS = "artifacts"
DATABASE = "mlflow.db"
_LOCKS = "locks"
_BETWEEN = f"/{ARTIFACTS}/"
_SCHEME = "file://"

_COLUMNS = (
    ("experiments", "experiment_id", "artifact_location"),
    ("runs", "run_uuid", "artifact_uri"),
    ("logged_models", "model_id", "artifact_location"),
    ("model_versions", "rowid", "source"),
    ("model_versions", "rowid", "storage_location"),
)
"""Tables of MLflow's, what names a row of each, and where it says that files lie."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Misplaced:
    """A row of the record that leads away from its storage: what it says, and where its files belong."""

    table: str
    key: str
    column: str
    row: object
    said: str
    right: str


def place_of(tracking_uri: str, place: str) -> str:
    """Where files lie that the record of a store says are in `place`: in its own storage, if they are there."""
    file, path = sqlite_file(tracking_uri), local_path(place)
    if file is None or path is None:
        return place
    found = next((own for own in _below(file.absolute().parent, path) if own.exists()), None)
    return place if found is None or found == path else str(found)


def local_path(place: str) -> Path | None:
    """A place as a path of this machine; None for one that it is not, as of a server's."""
    if place.startswith("/"):
        return Path(place)
    if not place.startswith(_SCHEME):
        return None
    parts = urlsplit(place)
    return Path(unquote(parts.path)) if parts.netloc in ("", "localhost") else None


def misplaced(file: Path, database: sqlite3.Connection) -> Iterator[Misplaced]:
    """What the record in `file` says that is not true of its storage, where the files are there or nowhere at all."""
    root = file.resolve().parent
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table, key, column in _COLUMNS:
        if table not in tables:  # an older MLflow had no models
            continue
        wanted = f"SELECT {key}, {column} FROM {table} WHERE {column} LIKE '%{_BETWEEN}%'"  # noqa: S608  # our names
        for row, said in database.execute(wanted):
            right = _right(root, said, is_experiment=table == "experiments", is_storage=is_storage(file))
            if right is not None and right != said:
                yield Misplaced(table=table, key=key, column=column, row=row, said=said, right=right)


def is_storage(file: Path) -> bool:
    """Whether a database is that of a storage of ours: it has the name, and our locks lie beside it."""
    return file.name == DATABASE and (file.parent / _LOCKS).is_dir()


def settle(tracking_uri: str) -> int:
    """Make the record of a store say where its files lie, if it was copied or moved; gives how many rows were wrong.

    A store that cannot be written is left to whoever opens it next, who says so.
    """
    file = sqlite_file(tracking_uri)
    if file is None or not file.is_file():
        return 0
    try:
        with closing(sqlite3.connect(file, timeout=30)) as database, database:
            wrong = list(misplaced(file, database))
            set_right(database, wrong)
    except sqlite3.Error:
        return 0
    return len(wrong)


def set_right(database: sqlite3.Connection, wrong: list[Misplaced]) -> None:
    """Write what is right into these rows, in the caller's transaction."""
    for one in wrong:
        change = f"UPDATE {one.table} SET {one.column} = ? WHERE {one.key} = ?"  # noqa: S608  # our names
        database.execute(change, (one.right, one.row))


def _right(root: Path, said: str, *, is_experiment: bool, is_storage: bool) -> str | None:
    """Where the files belong that the record says are elsewhere; None where it says the truth, or nobody can tell."""
    path = local_path(said)
    if path is None or path.is_relative_to(root):
        return None
    candidates = list(_below(root, path))
    own = next((own for own in candidates if own.exists()), None)
    if own is None:
        if not is_storage or not candidates or (not is_experiment and os.path.lexists(path)):
            return None  # files are where it says, though the record was copied: they are left there
        likely = (one for one in candidates if _experiment_folder(root, one).exists())
        own = next(likely, candidates[-1])
    elif path.exists() and own.samefile(path):  # another name of the same folder
        return None
    return own.as_uri() if said.startswith(_SCHEME) else str(own)


def _experiment_folder(root: Path, place: Path) -> Path:
    """The first folder below the artifacts on the way to a place."""
    return root / ARTIFACTS / place.relative_to(root / ARTIFACTS).parts[0]


def _below(root: Path, path: Path) -> Iterator[Path]:
    """What `path` may be below the artifacts of `root`: the longest first, as other folders may be called so too."""
    whole = str(path)
    at = whole.find(_BETWEEN)
    while at >= 0:
        inner = Path(whole[at + len(_BETWEEN) :])
        if inner.parts and ".." not in inner.parts and not inner.is_absolute():
            yield root / ARTIFACTS / inner
        at = whole.find(_BETWEEN, at + 1)
