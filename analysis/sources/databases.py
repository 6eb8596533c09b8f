"""SQLite files of other programs, read without a trace: no table is made, no journal left beside them."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from soundproof.analysis.sources.found import SourceError
from soundproof.common.tracking_stores import sqlite_file

HEADER = b"SQLite format 3\x00"
_WRITE_VERSION = 18
"""Where in the file it says whether writes go ahead of it, into a second file."""
_AHEAD = 2


def database_file(address: str) -> Path | None:
    """The SQLite file behind an address, `sqlite:///FILE` or a path; None where there is none.

    >>> database_file("https://example.org") is None
    True
    """
    file = sqlite_file(address) or Path(address)
    try:
        with file.open("rb") as opened:
            return file if opened.read(len(HEADER)) == HEADER else None
    except (OSError, ValueError):  # no file's name has a null character
        return None


def has_tables(file: Path, *names: str) -> bool:
    """Whether the database has all these tables. One that cannot be read has none."""
    try:
        with opened(file) as database:
            rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    except SourceError:
        return False
    return set(names) <= {name for (name,) in rows}


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads. What SQLite has to say against the file becomes a `SourceError`.

    Reading a database that writes ahead would leave files beside it: where nothing waits to be written it is opened as
    one that nobody changes, else a copy is read.
    """
    try:
        with (
            tempfile.TemporaryDirectory(prefix="soundproof-") as folder,
            closing(_connect(file, Path(folder))) as found,
        ):
            yield found
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # the last, of names that are none
        raise SourceError(
            f"{file} cannot be read as an SQLite database: {error}. If a program is still writing to it, wait until "
            "that has ended; else name another file"
        ) from error


def _connect(file: Path, folder: Path) -> sqlite3.Connection:
    with file.open("rb") as header:
        ahead = header.read(_WRITE_VERSION + 1)[_WRITE_VERSION:] == bytes([_AHEAD])
    waiting = file.with_name(f"{file.name}-wal")
    if not ahead:
        return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    if not waiting.exists() or waiting.stat().st_size == 0:
        return sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)
    copy = folder / "copy.db"
    shutil.copyfile(file, copy)
    shutil.copyfile(waiting, folder / "copy.db-wal")
    return sqlite3.connect(copy)


def rows(database: sqlite3.Connection, wanted: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows that a query gives."""
    return database.execute(wanted, parameters).fetchall()
