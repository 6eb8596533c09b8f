"""What lies in a folder, in a fixed order. Hidden files and folders are passed over."""

import os
from collections.abc import Iterator
from pathlib import Path

from soundproof.trainables.corpora.audio import endings
from soundproof.trainables.corpora.corpus import CorpusError


def require_folder(path: Path, expected: str, remedy: str = "give the folder where it lies") -> Path:
    """`path`, where it is a folder. Raises `CorpusError` saying what was `expected` there, and the `remedy`."""
    if path.is_dir():
        return path
    found = "a file" if path.exists() else "nothing there"
    raise CorpusError(f"{path}: expected {expected}, got {found}: {remedy}")


def visible_entries(folder: Path) -> list[Path]:
    """What lies directly in `folder`, by name. Raises `CorpusError` where it cannot be read."""
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise CorpusError(f"{folder}: cannot be read ({error.strerror}): check its permissions") from error


def subfolders(folder: Path) -> list[Path]:
    """The folders directly in `folder`, by name; links to folders count."""
    return [entry for entry in visible_entries(folder) if entry.is_dir()]


def audio_files(folder: Path) -> list[Path]:
    """The audio files directly in `folder`, by name, as their endings tell. A link that leads nowhere is one too."""
    return [entry for entry in visible_entries(folder) if is_audio(entry) and not entry.is_dir()]


def files_below(folder: Path, above: frozenset[str] = frozenset()) -> Iterator[Path]:
    """The files anywhere below `folder`. Links are followed; a folder inside itself is not entered again."""
    place = os.path.realpath(folder)
    if place in above:
        return
    for entry in visible_entries(folder):
        if entry.is_dir():
            yield from files_below(entry, above | {place})
        else:
            yield entry


def is_audio(path: Path) -> bool:
    """Whether a file of this name is expected to hold audio."""
    return endings.is_read(path) or endings.foreign_name(path) is not None


def storable(name: str) -> str:
    """`name` as text that can be stored as UTF-8: bytes that are no text are written out."""
    return name.encode("utf-8", "backslashreplace").decode()


def printable(name: str) -> str:
    """`name` on one line of any terminal: control characters and bytes that are no text are written out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in name)
