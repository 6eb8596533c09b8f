"""A temporary folder of one process, gone with it.

A process that is killed leaves its folder behind, and whoever comes next removes it. A lock in it, of which the system
lets go when its owner dies, tells whether its process is alive: others may, at the same time and on other machines.
"""

import fcntl
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_LOGGER = logging.getLogger(__name__)

_PREFIX = ".unfinished-"
_LEFT_BEHIND = (f"{_PREFIX}*", ".parts-*")
_LOCK = "lock"


@contextmanager
def working_folder(place: Path) -> Iterator[Path]:
    """An empty folder of this process alone in `place`. Those that dead processes left there are removed."""
    for pattern in _LEFT_BEHIND:
        for folder in place.glob(pattern):
            _remove_if_left(folder)
    lock, folder = _opened(place)
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _opened(place: Path) -> tuple[IO[str], Path]:
    """A folder and its lock, held. Somebody who looks for what was left may be faster, and take it for that."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
        with suppress(FileNotFoundError):
            lock = (folder / _LOCK).open("w")
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (folder / _LOCK).exists():
                return lock, folder
            lock.close()


def is_left(folder: Path) -> bool:
    """Whether the process that made a working folder has ended."""
    try:
        with (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return folder.is_dir()
    return True


def _remove_if_left(folder: Path) -> None:
    with suppress(OSError), (folder / _LOCK).open("w") as lock:  # held by its process; or gone meanwhile
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _LOGGER.info("%s is removed: the process that made it has ended", folder)
        shutil.rmtree(folder, ignore_errors=True)
