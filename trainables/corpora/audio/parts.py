"""What is handed to libsndfile: a file, or stretches of one, with what is known better than libsndfile knows it."""

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_OPEN_ENDED = frozenset({0, 0x7F000000, 0x7F000008, 0x7FFFF000, 0x7FFFFFFF, 0x80000000})
"""Sizes that programs write when they stream and do not know the size yet, besides those close to 2**32."""


def is_open_ended(size: int) -> bool:
    """Whether a size of 32 bits stands for one that was not known."""
    return size in _OPEN_ENDED or 0xFFFFFF00 <= size <= 0xFFFFFFFF


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What libsndfile reads as one file; the audio of a file is that of its parts, one after another.

    `frames` is the length that the container states, None where libsndfile counts right; the first `skip` frames, which
    a decoder needs to begin with, are dropped before. With `open_end` nothing states a length: all that can be decoded
    is taken.
    """

    content: bytes | BinaryIO
    frames: int | None = None
    skip: int = 0
    open_end: bool = False


def whole_file(path: Path, frames: int | None = None, *, open_end: bool = False) -> Part:
    """The file at `path` as libsndfile finds it."""
    return Part(content=os.fsencode(path), frames=frames, open_end=open_end)


class PatchedFile(io.RawIOBase):
    """A file of which some bytes read as others, without a copy of it."""

    def __init__(self, path: Path, patches: Mapping[int, bytes]) -> None:
        self._file = path.open("rb")
        self._patches = patches

    def readable(self) -> bool:
        """Whether it can be: always."""
        return True

    def seekable(self) -> bool:
        """Whether it can be: always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a byte. Returns where that is."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._file.tell()

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Fill `buffer`, patched. Returns the number of bytes."""
        start = self._file.tell()
        view = memoryview(buffer).cast("B")
        count = self._file.readinto(view)
        for place, patch in self._patches.items():
            for offset, byte in enumerate(patch, start=place - start):
                if 0 <= offset < count:
                    view[offset] = byte
        return count

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        super().close()
