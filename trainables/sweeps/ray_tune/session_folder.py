"""Where Ray keeps a session on this machine: its processes talk through sockets there, whose names must be short."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_SOCKET_BYTES = 107
"""Of a socket's path on Linux."""
_IN_FOLDER_BYTES = len("/session_2026-11-30_16-51-43_313021_4194304/sockets/plasma_store") + 1
_SHORT = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108  # the folder inside is ours alone


class FolderError(OSError):
    """There is no place for Ray's session."""


@contextmanager
def short_folder() -> Iterator[str | None]:
    """What to tell Ray about where to keep its session: None where its usual folder will do.

    Else a folder of this process alone in a short place, gone at the end. Raises `FolderError` where there is none.
    """
    place = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or _SHORT[0]  # as Ray has it
    usual = str(Path(place, "ray"))
    if _is_short(usual):
        yield None
        return
    folder = _made(usual)
    try:
        yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_short(folder: str) -> bool:
    try:
        return len(folder.encode("utf-8")) + _IN_FOLDER_BYTES <= LONGEST_SOCKET_BYTES
    except UnicodeEncodeError:  # bytes that are no text, which Ray cannot pass on
        return False


def _made(usual: str) -> Path:
    for place in _SHORT:
        try:
            return Path(tempfile.mkdtemp(prefix="ray-", dir=place))
        except OSError:
            continue
    raise FolderError(
        f"the folder for its session, {usual}, has too long a path for sockets ({LONGEST_SOCKET_BYTES} bytes in all), "
        f"or one that is no text, and none could be made in {', '.join(_SHORT)}"
    )


def what_to_do(error: Exception) -> str | None:
    """The remedy where Ray could not start because of a folder's name; None where it was something else."""
    if isinstance(error, UnicodeError):
        return "Change to a folder whose name is text in UTF-8, and name such a --storage"
    return "Set TMPDIR to a folder with a short name" if isinstance(error, FolderError) else None
