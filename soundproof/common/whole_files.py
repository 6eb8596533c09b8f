"""Files that are there whole or not at all, and the lock of a file that several processes change."""

import fcntl
import os
import tempfile
from pathlib import Path
from typing import TextIO


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside the target and rename, so that a reader never meets half a file. Raises OSError.

    What is there and no file, a device or a pipe, is written into, and stays what it is.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def lock_beside(path: Path) -> TextIO:
    """Wait until no other process holds the file at `path`, and hold it until what is returned is closed.

    The system lets go when a process dies. Raises OSError.
    """
    lock = path.with_name(f".{path.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    except BaseException:
        lock.close()
        raise
    return lock
