"""Processes that end when the one that started them does, or lets go of them, whatever they are at."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection


@contextmanager
def parent_pipe() -> Iterator[tuple[Connection, Connection]]:
    """Two ends of a pipe on which nothing is ever sent: one to keep, one to pass on to processes as they are spawned.

    What waits at the second one (`end_with_parent`) wakes when the first, which this process alone has, is closed.
    """
    watched, kept = multiprocessing.get_context("spawn").Pipe(duplex=False)
    with watched, kept:
        yield kept, watched


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Processes that are spawned in the block do not receive Ctrl-C, which a terminal sends to all of a command."""
    resource_tracker.ensure_running()  # spawning would start it, and that lets interrupts in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with_parent(watched: Connection) -> None:
    """From now on, this process ends at once when the kept end is closed, or who had it has died."""
    threading.Thread(target=_wait, args=(watched,), name="parent-process", daemon=True).start()


def _wait(watched: Connection) -> None:
    watched.poll(None)
    os._exit(1)
