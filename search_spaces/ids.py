"""Ids of studies and spaces. Locks, folders and files are called by them, so they have what every file system takes."""

from __future__ import annotations

import hashlib
import re

from search_spaces.specs import SpecError

LONGEST_ID = 150
"""Characters. With a preset and a corpus beside it, it still is the name of a file."""

_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")
_FOREIGN = re.compile(r"[^a-z0-9._-]")
_MARK_CHARACTERS = 8


def check_id(kind: str, given: str) -> None:
    """Raise `SpecError` unless a study or space, the `kind`, may be called so."""
    if not _ID.fullmatch(given) or len(given) > LONGEST_ID:
        raise SpecError(
            f"{kind}.id must be lower-case letters (a to z), digits, dashes, dots and underscores, beginning with a "
            f"letter or digit and at most {LONGEST_ID} of them, since files are called by it, got {given!r}: call it "
            f"my-{kind.lower()}, say"
        )


def part_of_id(text: str) -> str:
    """`text` where an id may have it; otherwise with dashes for what it may not, and a mark that tells texts apart."""
    plain = _FOREIGN.sub("-", text)
    if plain == text:
        return text
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:_MARK_CHARACTERS]}"
