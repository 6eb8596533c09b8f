"""Ids of studies and spaces. Locks, folders and files are called by them, so they have what every file system takes."""

import hashlib
import re

from soundproof.search_spaces.specs import SpecError

LONGEST_ID = 150
"""Characters. With a preset and a corpus beside it, it still is the name of a file."""
LONGEST_NAME_BESIDE = 60
"""Bytes of the name that a user's own file or folder gives to what stands beside an id."""
LONGEST_FILE_NAME = 245
"""Bytes: file systems take 255, of which an ending has some."""

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
    return text if plain == text else _marked(plain, text)


def name_beside_id(text: str) -> str:
    """`text` where it may stand beside an id; otherwise cut or changed no more than it has to be, and with a mark.

    It may be part of a file's name, of text in UTF-8, and of a filter of MLflow's, which knows no escape: it has single
    or double quotation marks, but not both.
    """
    plain = text.encode("utf-8", "backslashreplace").decode().replace("/", "-")
    if "'" in plain:
        plain = plain.replace('"', "'")
    if plain == text and len(text.encode()) <= LONGEST_NAME_BESIDE:
        return text
    return _cut(plain, text, LONGEST_NAME_BESIDE)


def file_name(text: str) -> str:
    """`text`, an id with what stands beside it; cut, and with a mark, where no file can be called so."""
    return text if len(text.encode()) <= LONGEST_FILE_NAME else _cut(text, text, LONGEST_FILE_NAME)


def _cut(plain: str, text: str, longest: int) -> str:
    room = longest - _MARK_CHARACTERS - 1
    return _marked(plain.encode()[:room].decode("utf-8", "ignore"), text)


def _marked(plain: str, text: str) -> str:
    return f"{plain}-{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()[:_MARK_CHARACTERS]}"
