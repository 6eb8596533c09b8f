"""Tracking stores by their addresses. Those that are SQLite files are looked at before MLflow, which would make them.

Such addresses are written and read here alone, as MLflow's database layer reads them.
"""

import fcntl
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote

from soundproof.common import empty_stores
from soundproof.common.passwords import without_passwords
from soundproof.common.program import program

_SQLITE_HEADER = b"SQLite format 3\x00"
_CHECK = "Check --tracking-uri, or leave it out to use the store in --storage"
_SQLITE_URI = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>[^?]*)")


def sqlite_uri(file: Path) -> str:
    """The address of the store in `file`; whether it leads back there, `sqlite_file` says."""
    return f"sqlite:///{file}"


def sqlite_file(uri: str) -> Path | None:
    """The file that such an address leads to; None for any other address.

    A question mark ends the path, and a percent sign before two hexadecimal digits stands for a character.
    """
    found = _SQLITE_URI.match(uri)
    return None if found is None else Path(unquote(found["path"]))


@contextmanager
def opening(uri: str, *, makes: bool = True) -> Iterator[None]:
    """Wait for other processes that open the store in the same file: two that make its tables at once break it.

    For the time in which MLflow's client is made, which makes the tables. Who only reads says that it `makes` nothing.
    Where no lock can be had, there is no waiting: in a folder that cannot be written to, nobody makes a store.
    """
    file = sqlite_file(uri)
    with ExitStack() as stack:
        if file is not None:
            with suppress(OSError, ValueError):
                lock = stack.enter_context(lock_of(file).open("a" if makes else "r", encoding="utf-8"))
                fcntl.flock(lock, fcntl.LOCK_EX if makes else fcntl.LOCK_SH)
        if file is not None and makes:
            empty_stores.copy_to(file)
        yield
        if file is not None and makes:
            empty_stores.keep(file)


def lock_of(file: Path) -> Path:
    """What is locked while the store in `file` is made: beside it, so that all who name the file find it."""
    return file.with_name(f".{file.name}.lock")


def why_missing(uri: str) -> str | None:
    """What to tell the user where the address leads to a file that is no database; None where it may be a store."""
    file = sqlite_file(uri)
    found = None if file is None else _other_than_database(file)
    if found is None:
        return None
    return (
        f"expected a tracking store at {file}, found {found}: run a study first with `{program()} run STUDY`, or "
        "name another --storage or --tracking-uri"
    )


def _other_than_database(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            header = opened.read(len(_SQLITE_HEADER))
    except (FileNotFoundError, ValueError):  # no file's name has a null character
        return "no such file"
    except OSError as error:
        return f"what cannot be read ({error.strerror})"
    return None if header == _SQLITE_HEADER else "a file that is no database"


def why_unread(uri: str, error: Exception) -> str:
    """What to tell the user where MLflow, or the database layer below it, could not open or read the store."""
    lines = without_passwords(str(getattr(error, "message", error))).strip().splitlines() or [type(error).__name__]
    remedy = "Install what is missing, or check --tracking-uri" if isinstance(error, ImportError) else _CHECK
    return f"the tracking store {without_passwords(uri)!r} cannot be read: {lines[0]}. {remedy}"
