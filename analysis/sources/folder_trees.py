"""Folder trees that training tools leave: which files are in them, in an order that people would give them."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from soundproof.analysis.sources.found import SourceError

LOOKED_AT = 4000
"""Entries that are looked at to recognise a folder."""

Fits = Callable[[Path], bool]


def natural(path: Path | str) -> list[tuple[int, int, str]]:
    """Order names as people do: `version_2` before `version_10`.

    >>> sorted(["version_10", "version_2", "arm"], key=natural)
    ['arm', 'version_2', 'version_10']
    """
    parts = re.split(r"(\d+)", str(path))
    return [(0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part]


def has_file(folder: Path, fits: Fits) -> bool:
    """Whether one of the first entries of a folder tree is such a file, the upper ones first."""
    return any(entry.is_file() and fits(entry) for entry in islice(_entries(folder), LOOKED_AT))


def files(folder: Path, fits: Fits) -> list[Path]:
    """All such files of a folder tree in natural order. Links to folders are not followed."""
    found = (entry for entry in _entries(folder) if entry.is_file() and fits(entry))
    return sorted(found, key=lambda path: natural(path.relative_to(folder)))


def relative(folder: Path, root: Path) -> str:
    """A folder's path below the root with slashes; the root has its own name."""
    below = folder.relative_to(root).as_posix()
    return below if below != "." else root.resolve().name


def text_of_file(path: Path) -> str:
    """The text of a small file; a source error where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise SourceError(
            f"{path} should be text in UTF-8, and byte {error.start:,} is not: save it as UTF-8, or leave the file out."
        ) from None


def _entries(folder: Path) -> Iterator[Path]:
    """Breadth first, so that what lies high is found early."""
    waiting = deque([folder])
    while waiting:
        try:
            inside = sorted(waiting.popleft().iterdir())
        except OSError as error:
            raise SourceError(f"{error.filename} cannot be read: {error.strerror}.") from None
        for entry in inside:
            yield entry
            if entry.is_dir() and not entry.is_symlink():
                waiting.append(entry)
