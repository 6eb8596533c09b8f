"""Addresses of tracking stores that are SQLite files: written and read here alone, as MLflow's database layer does."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

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
