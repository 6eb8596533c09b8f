"""What a pool of spawned processes needs: to end with the process that started it, and one large value for all of it.

The value is no argument of theirs: Python writes those into a pipe whose reading end it keeps open itself, and waits
forever for a process that ended before it had read them all.
"""

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Lock
from typing import Any


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


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedValue:
    """Where each process takes its copy, once."""

    copies: Connection
    turn: Lock

    def receive(self) -> Any:
        """The value. Waits until it has arrived."""
        with self.turn:
            return self.copies.recv()


@contextmanager
def shared_value(value: object, times: int) -> Iterator[SharedValue]:
    """For so many processes, to be passed on to each as it is spawned. Ends once all of them have."""
    spawn = multiprocessing.get_context("spawn")
    reader, writer = spawn.Pipe(duplex=False)
    sender = threading.Thread(target=_send, args=(writer, pickle.dumps(value), times))
    sender.start()
    try:
        yield SharedValue(copies=reader, turn=spawn.Lock())
    finally:
        reader.close()  # whoever still waits to send gets an error, since nobody reads any more
        sender.join()


def _send(writer: Connection, value: bytes, times: int) -> None:
    with writer:
        for _ in range(times):
            try:
                writer.send_bytes(value)
            except BrokenPipeError:
                return
