"""Files that one process of this machine has found to be what was written, so that the others need not read them too.

That is noted for the state of a file: its size, its inode, and its times, that of its inode's last change among them,
which nobody sets. A file that is written to, in whatever way, is read again; so is every file after the machine was
started again, since no state tells what a disk has forgotten. Notes lie on the machine, in TMPDIR/soundproof-USER: each
node of a cluster finds out for itself what it reads over the network.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from soundproof.common.digests import DIGESTS, Sealed
from soundproof.common.machine_notes import own_folder, read_note, write_note


class State(NamedTuple):
    """Equal for two moments between which nobody wrote to a file."""

    device: int
    inode: int
    size: int
    modified_nanoseconds: int
    changed_nanoseconds: int


def state_of(path: Path) -> State | None:
    """The state of a file; None where it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return State(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def check_once(sealed: Sealed, name: str) -> None:
    """Read a file and compare it with its digests, unless this machine has done so in this state of it.

    Others that ask meanwhile wait for the answer. Raises `DamagedError`.
    """
    path = (sealed.folder / name).resolve()
    if sealed.files is None:
        return
    note = own_folder() / "verified" / hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
    with _held(note):
        now = json.dumps([str(path), state_of(path), state_of(path.with_name(DIGESTS)), _start_of_machine()])
        if read_note(note) == now:
            return
        sealed.check(name)
        write_note(note, now)


@contextmanager
def _held(note: Path) -> Iterator[None]:
    """The note for this process alone, where there is room for notes at all."""
    try:
        own_folder().mkdir(mode=0o700, exist_ok=True)
        note.parent.mkdir(exist_ok=True)
        lock = note.with_suffix(".lock").open("w")
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _start_of_machine() -> str:
    """Another one each time the machine starts; nothing where the system does not say."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""
