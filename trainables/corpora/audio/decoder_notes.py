"""What libmpg123 writes of its own past Python onto the terminal: kept off it, and told once with the file's name."""

import fcntl
import logging
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_LOGGER = logging.getLogger(__name__)
_STANDARD_ERROR = 2
_OF_DECODER = re.compile(rb"\[[^]]*mpg123|(?:Warning|Note|Error|warning|note|error): |Big change ")
"""How a line of libmpg123 begins."""


class _Diversion:
    """Standard error of the process, led into a file while anybody decodes MPEG audio.

    It is the process that has a standard error, not the thread: what others write meanwhile is passed on afterwards.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decoding: dict[Path, int] = {}
        self._kept: BinaryIO | None = None
        self._read = 0
        self._before = -1
        self._told: set[Path] = set()

    def enter(self, path: Path) -> None:
        with self._lock:
            if not self._decoding:
                self._divert()
            self._decoding[path] = self._decoding.get(path, 0) + 1

    def leave(self, path: Path) -> None:
        with self._lock:
            self._pass_on()
            self._decoding[path] -= 1
            if not self._decoding[path]:
                del self._decoding[path]
            if not self._decoding and self._kept is not None:
                os.dup2(self._before, _STANDARD_ERROR)
                os.close(self._before)
                self._kept.close()
                self._kept = None

    def _divert(self) -> None:
        try:
            self._before = os.dup(_STANDARD_ERROR)
        except OSError:  # no standard error: nothing reaches a terminal
            return
        kept = tempfile.TemporaryFile()  # noqa: SIM115  # closed by who leaves last
        fcntl.fcntl(kept, fcntl.F_SETFL, fcntl.fcntl(kept, fcntl.F_GETFL) | os.O_APPEND)
        os.dup2(kept.fileno(), _STANDARD_ERROR)
        self._kept, self._read = kept, 0

    def _pass_on(self) -> None:
        """Write on what is not libmpg123's; tell of what is, once for a file."""
        if self._kept is None:
            return
        text = os.pread(self._kept.fileno(), os.fstat(self._kept.fileno()).st_size - self._read, self._read)
        self._read += len(text)
        lines = text.splitlines(keepends=True)
        notes = [line.strip() for line in lines if _OF_DECODER.match(line)]
        others = b"".join(line for line in lines if line.strip() and not _OF_DECODER.match(line))
        if others:
            os.write(self._before, others)
        untold = [path for path in self._decoding if path not in self._told]
        if notes and untold:
            self._told.update(untold)
            files = " or ".join(str(path) for path in untold)
            _LOGGER.warning("%s: its decoder says: %s", files, notes[0].decode("utf-8", "replace"))


_DIVERSION = _Diversion()


@contextmanager
def kept_notes(path: Path, *, wanted: bool) -> Iterator[None]:
    """Keep what libmpg123 writes about `path` off the terminal, where that is `wanted`."""
    if not wanted:
        yield
        return
    _DIVERSION.enter(path)
    try:
        yield
    finally:
        _DIVERSION.leave(path)
