"""Whether a storage is in use, and keeping it to oneself: each sweep, search or decision holds a lock below it."""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from soundproof.trainables.sweeps.storage import StorageError


def held(root: Path) -> list[str]:
    """What is running on the storage now, by the names of its locks."""
    with ExitStack() as stack:
        return _hold(root, stack)


@contextmanager
def alone(root: Path, doing: str) -> Iterator[None]:
    """Hold all locks that are there, so that nothing goes on. Raises `StorageError` where something does."""
    with ExitStack() as stack:
        running = _hold(root, stack)
        if running:
            raise StorageError(
                f"{root} cannot be {doing} while it is in use: {', '.join(running)} is running on it. Wait for it, or "
                "stop it with Ctrl-C"
            )
        yield


def _hold(root: Path, stack: ExitStack) -> list[str]:
    """Take what can be taken; gives the names of the others."""
    others = []
    for path in sorted((root / "locks").glob("*.lock")):
        lock = stack.enter_context(path.open())
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            others.append(path.stem)
    return others
