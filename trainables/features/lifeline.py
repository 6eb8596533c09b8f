"""Processes that end when the one that started them does, or lets go of them, whatever they are at."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Lifeline:
    """Nothing is ever sent on it: whoever waits at `far` wakes when `near`, which one process alone has, is closed."""

    near: Connection
    far: Connection

    def cut(self) -> None:
        """End the processes that hang on it."""
        self.near.close()


@contextmanager
def lifeline() -> Iterator[Lifeline]:
    """One whose far end is to be passed on to processes as they are spawned."""
    far, near = multiprocessing.get_context("spawn").Pipe(duplex=False)
    with far, near:
        yield Lifeline(near=near, far=far)


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Processes that are spawned in the block do not hear Ctrl-C, which a terminal sends to all of a command."""
    resource_tracker.ensure_running()  # spawning would start it, and that lets interrupts in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_with(far: Connection) -> None:
    """From now on, this process ends when the near end is closed, or who had it has died."""
    threading.Thread(target=_wait, args=(far,), name="lifeline", daemon=True).start()


def _wait(far: Connection) -> None:
    far.poll(None)
    os._exit(1)
