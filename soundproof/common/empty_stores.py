"""A tracking store without runs, kept for the next one that is made: MLflow takes seconds to make its tables.

It makes them by all the migrations of its history, one after another. What that ends with depends on its version
alone, so it is kept for each, in the user's cache, and copied to where a new store is wanted. Whatever is not as it
should be there is left alone: MLflow then makes the tables itself.
"""

import secrets
import sqlite3
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

from soundproof.common.library_caches import home_folder
from soundproof.common.program import INSTALLED

_LEFT_TO_MLFLOW = (OSError, ValueError, sqlite3.Error)
"""Whatever hinders a copy, a name that cannot be among it: then MLflow makes the tables, or says why it cannot."""


def kept_store() -> Path | None:
    """Where the empty store of the installed MLflow is kept, or would be; None where the user has no home."""
    folder = home_folder("XDG_CACHE_HOME", ".cache", INSTALLED)
    return None if folder is None else folder / f"empty-store-of-mlflow-{version('mlflow')}.db"


def copy_to(file: Path) -> None:
    """Put a copy at `file`, where nothing is, if there is one to be copied."""
    kept = kept_store()
    with suppress(*_LEFT_TO_MLFLOW):
        if kept is not None and not file.exists() and kept.is_file() and _is_empty_store(kept):
            _copy(kept, file)


def keep(file: Path) -> None:
    """Keep the tables of the store that was just made at `file`, if none are kept and it has nothing yet."""
    kept = kept_store()
    with suppress(*_LEFT_TO_MLFLOW):
        if kept is not None and not kept.exists() and _has_no_runs(file):
            kept.parent.mkdir(parents=True, exist_ok=True)
            _copy(file, kept, without_experiments=True)


def _copy(source: Path, target: Path, *, without_experiments: bool = False) -> None:
    """Copy a database whole, or not at all; nobody who opens the target finds half of it.

    The first experiment, which MLflow makes where there is none, holds a place on the disk: that of the copy's is its
    own.
    """
    made = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    made.touch(exist_ok=False)  # with the permissions of any new file
    try:
        with closing(_read(source)) as opened, closing(sqlite3.connect(made)) as copy:
            opened.backup(copy)
            if without_experiments:
                copy.execute("DELETE FROM experiments")
                copy.commit()
        target.hardlink_to(made)  # which, unlike a rename, takes nobody's place
    finally:
        made.unlink()


def _read(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _is_empty_store(file: Path) -> bool:
    with closing(_read(file)) as store:
        ((health,),) = store.execute("PRAGMA quick_check(1)").fetchall()
        ((experiments,),) = store.execute("SELECT count(*) FROM experiments").fetchall()
        revisions = store.execute("SELECT version_num FROM alembic_version").fetchall()
    return (health, experiments, len(revisions)) == ("ok", 0, 1)


def _has_no_runs(file: Path) -> bool:
    with closing(_read(file)) as store:
        ((runs,),) = store.execute("SELECT count(*) FROM runs").fetchall()
        ((experiments,),) = store.execute("SELECT count(*) FROM experiments").fetchall()
    return bool(runs == 0 and experiments <= 1)
