"""Ctrl-C in two steps: the first finishes writing and stops, the second stops now."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from soundproof.common.program import INTERRUPTED

_FIRST = "stopping: what is finished is being written. Ctrl-C again stops at once"
_SECOND = "stopped at once: what is finished is kept, and the same command goes on from there"


@contextmanager
def two_step_interrupts() -> Iterator[None]:
    """Let the first SIGINT or SIGTERM end the block in order, and the second end the process with status 130.

    The first does what SIGINT does at that moment: Ray Tune's own handler ends its loop, elsewhere KeyboardInterrupt is
    raised. Signals are counted by a thread that the C-level handler writes to, since the main thread may sit in a
    library for seconds (Ray's shutdown, a database) and would not run a handler of Python's until it comes back.
    Enter it on the main thread. Raises KeyboardInterrupt for a SIGTERM too, for which Ray raises SystemExit while it
    starts.
    """
    seen: list[int] = []
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    watcher = threading.Thread(target=_watch, args=(reader, seen), name="interrupts", daemon=True)
    watcher.start()
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    before = signal.signal(signal.SIGTERM, _as_sigint)
    try:
        yield
    except SystemExit:
        if signal.SIGTERM in seen:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
        signal.set_wakeup_fd(wakeup)
        os.close(writer)  # the end of what the thread reads
        watcher.join()
        os.close(reader)


@contextmanager
def raised_at_once() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt in the block, whatever a library would have it do. On the main thread."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _as_sigint(_: int, frame: FrameType | None) -> None:
    handler: Callable[[int, FrameType | None], object] | int | None = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)


def _watch(reader: int, seen: list[int]) -> None:
    while arrived := os.read(reader, 64):
        for number in arrived:
            if number not in (signal.SIGINT, signal.SIGTERM):
                continue
            seen.append(number)
            print(_FIRST if len(seen) == 1 else _SECOND, file=sys.stderr, flush=True)
            if len(seen) > 1:
                os._exit(INTERRUPTED)
