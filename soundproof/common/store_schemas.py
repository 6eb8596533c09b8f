"""Stores of another MLflow. This one's would bring an older store up to date for good, on the mere way to reading it.

Then the MLflow that made it can no longer open it. So SQLite files are looked at before MLflow opens them: who reads
gets a copy, who writes is told how to keep one.
"""

import logging
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from soundproof.common.artifact_places import ARTIFACTS, settle
from soundproof.common.errors import UserError
from soundproof.common.passwords import without_passwords
from soundproof.common.tracking_stores import sqlite_file, sqlite_uri

_log = logging.getLogger(__name__)

_MIGRATIONS = "store/db_migrations/versions"
_LINE = re.compile(r"^(down_revision|revision)\b[^=]*=(.*)$", re.MULTILINE)
_NAME = re.compile(r"""["'](\w+)["']""")

_COPIES: dict[tuple[Path, int, int], tempfile.TemporaryDirectory[str]] = {}
"""Folders with copies that were brought up to date, by the file, its size and its time: gone with this process."""


class SchemaError(UserError):
    """A store is one of another MLflow. The message says which, and what to do."""


def foreign(file: Path) -> Literal["older", "newer"] | None:
    """Whether another MLflow made the store in `file`; None where this one did, or where it is no such store."""
    known, found = _revisions(), _revision_of(file)
    if found is None or not known or found == known[-1]:
        return None
    return "older" if found in known else "newer"


def before_writing(uri: str) -> None:
    """See to it that a store may be written to: made by this MLflow, and saying truly where its files lie.

    Raises `SchemaError` for one that writing would change for good, or that is newer than this MLflow.
    """
    file = sqlite_file(uri)
    kind = None if file is None else foreign(file)
    if file is not None and kind is not None:
        raise SchemaError(_words(file, kind) + (_newer() if kind == "newer" else _keep_a_copy(file)))
    settle(uri)


def to_read(uri: str) -> str:
    """The address to read a store at: its own, or that of a copy that is brought up to date, as long as we run.

    Raises `SchemaError` for a store that is newer than this MLflow, and where no copy can be made.
    """
    file = sqlite_file(uri)
    kind = None if file is None else foreign(file)
    if file is None or kind is None:
        return uri
    if kind == "newer":
        raise SchemaError(_words(file, kind) + _newer())
    state = file.stat()
    key = (file.resolve(), state.st_size, state.st_mtime_ns)
    if key not in _COPIES:
        _log.warning("%s: a copy of it is read, and nothing in it is changed", _words(file, kind))
        _COPIES[key] = _migrated_copy(file)
    return sqlite_uri(Path(_COPIES[key].name).resolve() / file.name)


def _migrated_copy(file: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder with the store as this MLflow has it, and with a link to its files, as beside it."""
    folder = tempfile.TemporaryDirectory(prefix="soundproof-", ignore_cleanup_errors=True)
    copy = Path(folder.name) / file.name
    try:
        for beside in ("", "-wal"):  # what is not written into the file yet lies beside it
            source = file.with_name(file.name + beside)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + beside))
        (copy.parent / ARTIFACTS).symlink_to(file.resolve().parent / ARTIFACTS)
    except OSError as error:
        raise SchemaError(
            f"{_words(file, 'older')}, and no copy of it could be made in {copy.parent} to read: {error.strerror}. "
            "Free some space there, or set TMPDIR to a folder that has some"
        ) from error
    command = [sys.executable, "-m", "mlflow", "db", "upgrade", sqlite_uri(copy.resolve())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own words
    if done.returncode:
        lines = without_passwords(done.stderr).strip().splitlines() or ["no reason was given"]
        raise SchemaError(f"{_words(file, 'older')}, and a copy of it could not be brought up to date: {lines[-1]}")
    return folder


def _words(file: Path, kind: str) -> str:
    article = "an" if kind == "older" else "a"
    return f"the tracking store in {file} was made by {article} {kind} MLflow"


def _newer() -> str:
    try:
        ours = version("mlflow")
    except PackageNotFoundError:
        ours = "another one"
    return f" than the one here ({ours}), which cannot read it: install that one (pip install -U mlflow)"


def _keep_a_copy(file: Path) -> str:
    return (
        ", and writing to it brings it up to date for good: whoever still uses that MLflow could no longer open it. "
        f"Keep a copy first, then bring it up to date:\n  {shlex.join(['cp', str(file), f'{file}.before'])}\n  "
        f"{shlex.join(['mlflow', 'db', 'upgrade', sqlite_uri(file)])}\nor name another --storage or --tracking-uri"
    )


def _revision_of(file: Path) -> str | None:
    """The revision of a store's tables; None where there is none, or nobody can tell."""
    if not file.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as database:
            found = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:  # MLflow, which opens it next, says why
        return None
    return None if found is None else str(found[0])


@cache
def _revisions() -> tuple[str, ...]:
    """Those that this MLflow knows, its own last; none where they cannot be found. MLflow need not be loaded for it."""
    package = find_spec("mlflow")
    places = (package.submodule_search_locations if package else None) or ()
    after: dict[str, str] = {}
    for file in (file for place in places for file in (Path(place) / _MIGRATIONS).glob("*.py")):
        named = {line[1]: _NAME.findall(line[2]) for line in _LINE.finditer(file.read_text(encoding="utf-8"))}
        if named.get("revision"):
            after[named["revision"][0]] = (named.get("down_revision") or [""])[0]
    last = set(after) - set(after.values())
    return () if len(last) != 1 else (*(set(after) - last), *last)
