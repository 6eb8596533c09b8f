"""Tracking stores by their addresses. Those that are SQLite files are looked at before MLflow, which would make them.

Such addresses are written and read here alone, as MLflow's database layer reads them.
"""

import re
from pathlib import Path
from urllib.parse import unquote

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
    lines = str(getattr(error, "message", error)).strip().splitlines() or [type(error).__name__]
    remedy = "Install what is missing, or check --tracking-uri" if isinstance(error, ImportError) else _CHECK
    return f"the tracking store {uri!r} cannot be read: {lines[0]}. {remedy}"
