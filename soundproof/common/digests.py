"""Whether what is read is what was written: the digests of a folder's files, kept beside them.

    digests.json   {"files": {NAME: {"bytes": 812, "sha256": "9f86..."}}, "sha256": of those lines}

A file that is mapped into memory, and so never read at once, has a digest for every MiB of it. SHA-256 is what
processors of these years have instructions for: it takes half the time of BLAKE2b there. It is no defence against
somebody who writes here on purpose, who could write other digests as well; disks and kernels do not.
"""

import errno
import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from soundproof.common.errors import UserError
from soundproof.common.json_texts import parsed

DIGESTS = "digests.json"
CHUNK_BYTES = 2**20

_MOST_THREADS = 8
"""More would wait for the disk, and a node's processors may be others'."""


class DamagedError(UserError):
    """What is on the disk is not what was written there. The message says which file, and where in it."""


def digest_of(content: bytes) -> str:
    """That of a whole file, as `sha256sum` prints it."""
    return hashlib.sha256(content).hexdigest()


def seal(folder: Path, *, mapped: Collection[str] = ()) -> None:
    """Write the digests of all files below `folder`; those that are `mapped` get one for each chunk."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    files = {name: _describe(folder / name, chunked=name in mapped) for name in names if name != DIGESTS}
    content = {"files": files, "sha256": digest_of(json.dumps(files).encode())}
    (folder / DIGESTS).write_text(json.dumps(content), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A folder with the digests of its files. What an earlier version left has none: `files` is None, all is believed.

    A file that came later than the digests is believed too.
    """

    folder: Path
    files: Mapping[str, Mapping[str, Any]] | None

    @classmethod
    def of(cls, folder: Path) -> "Sealed":
        """What lies there. Raises `DamagedError` where the digests themselves cannot be made out."""
        try:
            content = parsed((folder / DIGESTS).read_bytes())
            files: Mapping[str, Mapping[str, Any]] = content["files"]
            if content["sha256"] != digest_of(json.dumps(files).encode()):
                raise ValueError("its own SHA-256 is another")
        except FileNotFoundError:
            return cls(folder, None)
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedError(f"{folder / DIGESTS} is not what was written there: {error}") from error
        return cls(folder, files)

    def digests(self, below: str = "") -> dict[str, str]:
        """The digests of whole files in a folder of this one, which is written `NAME/`, by their names there."""
        files = {name: file["sha256"] for name, file in (self.files or {}).items() if name.startswith(below)}
        return {name.removeprefix(below): digest for name, digest in files.items() if isinstance(digest, str)}

    def read(self, name: str) -> bytes:
        """The whole of a file. Raises `DamagedError` where it is another, and FileNotFoundError where there is none."""
        path = self.folder / name
        with _disk_errors(path):
            content = path.read_bytes()
        if self.files is not None and name in self.files:
            check_digest(content, self.files[name]["sha256"], path)
        return content

    def check(self, *names: str) -> None:
        """Read these files, by default all that have digests, and keep nothing. Raises `DamagedError`."""
        for name in names or self.files or ():
            described = None if self.files is None else self.files.get(name)
            if described is not None:
                _check(self.folder / name, described)


def check_digest(content: bytes, expected: str, what: object) -> None:
    """Raise `DamagedError` where `content`, that of `what`, has another digest."""
    if digest_of(content) != expected:
        raise DamagedError(f"{what} is not what was written there: its SHA-256 is not {expected[:12]}...")


def _describe(path: Path, *, chunked: bool) -> dict[str, Any]:
    if not chunked:
        return {"bytes": path.stat().st_size, "sha256": _of_file(path)}
    return {"bytes": path.stat().st_size, "chunk_bytes": CHUNK_BYTES, "sha256": _of_chunks(path, CHUNK_BYTES)}


def _check(path: Path, described: Mapping[str, Any]) -> None:
    if not path.is_file():
        raise DamagedError(f"{path} was written there, and is gone")
    with _disk_errors(path):
        size = path.stat().st_size
        if size != described["bytes"]:
            raise DamagedError(f"{path} is not what was written there: {size:,} bytes, not {described['bytes']:,}")
        if isinstance(described["sha256"], str):
            if _of_file(path) != described["sha256"]:
                raise DamagedError(f"{path} is not what was written there: its SHA-256 is another")
            return
        chunk_bytes, found = described["chunk_bytes"], _of_chunks(path, described["chunk_bytes"])
    for number, (digest, expected) in enumerate(zip(found, described["sha256"], strict=True)):
        if digest != expected:
            start = number * chunk_bytes
            where = f"somewhere in bytes {start:,} to {min(start + chunk_bytes, size):,}"
            raise DamagedError(f"{path} is not what was written there, {where} of {size:,}")


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """Take a disk that cannot read what was written on it for one that reads something else."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        raise DamagedError(f"{path} was written there, and the disk cannot read it: {error.strerror}") from error


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_chunks(path: Path, chunk_bytes: int) -> list[str]:
    """Read, not mapped: a mapped file that is cut off meanwhile is the death of the process."""
    handle = os.open(path, os.O_RDONLY)
    try:
        starts = range(0, os.fstat(handle).st_size, chunk_bytes)
        threads = min(_MOST_THREADS, os.cpu_count() or 1, max(1, len(starts)))
        with ThreadPoolExecutor(threads) as pool:  # hashing leaves other threads their turn
            return list(pool.map(partial(_of_chunk, handle, chunk_bytes), starts))
    finally:
        os.close(handle)


def _of_chunk(handle: int, chunk_bytes: int, start: int) -> str:
    return digest_of(os.pread(handle, chunk_bytes, start))
