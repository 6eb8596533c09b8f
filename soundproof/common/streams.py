"""Standard output and error of a program that must not break because of them.

A terminal may know few characters, a pipe's reader may have seen enough, a disk may be full: none of these is a reason
for a training to end, or for a traceback. What cannot be written is let go, and said at the end where it was a result.
"""

import errno
import io
import os
import select
import sys
from typing import Any, TextIO

from soundproof.common.errors import UserError
from soundproof.common.terminal_text import shown

_OUTPUT, _ERROR = 1, 2


class OutputError(UserError):
    """Standard output took less than there was. The message says why, and what to do."""


class _Sink(io.RawIOBase):
    """A file of the system's that takes everything: once it has failed, it is gone, and `failure` says why."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self.failure: OSError | None = None

    def write(self, content: Any) -> int:
        """See `io.RawIOBase`."""
        if self.failure is None:
            try:
                return os.write(self._handle, content)
            except BlockingIOError:  # its reader is slow, and whoever made it did not want to wait: we do
                select.select([], [self._handle], [])
                return 0 if self.closed else self.write(content)
            except OSError as error:
                self.failure = error
        return len(content)

    def writable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def fileno(self) -> int:
        """See `io.RawIOBase`."""
        return self._handle

    def isatty(self) -> bool:
        """See `io.RawIOBase`."""
        return os.isatty(self._handle)


class Output(io.TextIOWrapper):
    """A stream on which everything is shown as text: no name of a user's tells the terminal to do anything."""

    def __init__(self, handle: int, encoding: str) -> None:
        self.sink = _Sink(handle)
        lines = self.sink.isatty() or handle == _ERROR
        super().__init__(io.BufferedWriter(self.sink), encoding=encoding, errors="replace", line_buffering=lines)

    def write(self, text: str) -> int:
        """See `io.TextIOWrapper`."""
        return super().write(shown(text))

    def write_styled(self, text: str) -> int:
        """Write what may tell a terminal to do things, as of colours."""
        return super().write(text)


class _Styled:
    """An `Output` for who draws on a terminal, and shows text of users' as text itself."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.write = output.write_styled

    def __getattr__(self, name: str) -> Any:
        return getattr(self._output, name)


def styled(stream: TextIO) -> Any:
    """A stream for drawing: the same where it is none of ours."""
    return _Styled(stream) if isinstance(stream, Output) else stream


def install() -> None:
    """Make standard output and error such streams. Those that are closed lead nowhere from now on.

    Else the next file that is opened, a database, say, would be the standard output of all that is started.
    """
    for handle in (0, _OUTPUT, _ERROR):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gives the lowest number that is free: this one
    if sys.stdout is sys.__stdout__:
        sys.stdout = Output(_OUTPUT, getattr(sys.stdout, "encoding", None) or "utf-8")
    if sys.stderr is sys.__stderr__:
        sys.stderr = Output(_ERROR, getattr(sys.stderr, "encoding", None) or "utf-8")


def finish() -> None:
    """Write what is left. Raises `OutputError` where a result was lost, unless its reader wanted no more of it."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    failure = sys.stdout.sink.failure if isinstance(sys.stdout, Output) else None
    if failure is not None and failure.errno != errno.EPIPE:
        raise OutputError(
            f"standard output could not be written ({failure.strerror}), and some of what was to be printed is lost: "
            "nothing else is. Free some space or print it elsewhere, and give the same command again"
        )
