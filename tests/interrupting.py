"""Ctrl-C that arrives, whoever started the tests."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt here, and end a process that is started in the block.

    A job in the background of a script ignores SIGINT, and so does all that it starts: a handler of Python's is the
    system's default again in a new program.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
