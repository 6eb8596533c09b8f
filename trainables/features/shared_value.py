"""One large value for all spawned processes of a pool.

Not as an argument of theirs: Python writes those into a pipe whose reading end it keeps open itself, and waits forever
for a process that ended before it had read them all.
"""

import multiprocessing
import pickle
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Lock
from typing import Any


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
