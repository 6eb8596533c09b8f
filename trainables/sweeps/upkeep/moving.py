"""A storage moved to another place: copied, compared, told where it is now, and only then removed where it was."""

import hashlib
import os
import shutil
import sqlite3
import stat
import tempfile
from contextlib import closing
from pathlib import Path

from soundproof.common.artifact_places import DATABASE, settle
from soundproof.common.tracking_stores import sqlite_file, sqlite_uri
from soundproof.trainables.full_disks import lacks_space
from soundproof.trainables.lasting import rename_lasting
from soundproof.trainables.sweeps.storage import Storage, StorageError
from soundproof.trainables.sweeps.upkeep.locks import alone

_CHUNK_BYTES = 2**20
_BESIDE = (f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal")
"""What SQLite keeps beside a database: a copy that SQLite makes has all of it inside."""

_State = dict[str, tuple[int, int]]


def move(storage: Storage, place: Path) -> None:
    """Move all of a storage to `place`, which has to be a new folder or an empty one.

    At no moment is it in neither place, and it appears in the new one whole. Raises `StorageError` where the place
    cannot be, where something runs on the storage or changes it meanwhile, and where the copy is another: then all is
    as it was.
    """
    old, new = storage.root.resolve(), place.absolute()
    _refuse(old, new)
    with alone(old, "moved"):
        before = _state(old)
        unfinished = _copy(old, new, before)
        try:
            if _state(old) != before:
                raise StorageError(f"{old} was changed while it was copied: see that nothing uses it, and try again")
            if new.is_dir():
                new.rmdir()
            rename_lasting(unfinished, new)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        settle(sqlite_uri(new / DATABASE))
        shutil.rmtree(old)


def _refuse(old: Path, new: Path) -> None:
    resolved = new.resolve()
    if resolved == old or resolved.is_relative_to(old) or old.is_relative_to(resolved):
        raise StorageError(f"--move-to expects a place outside of {old}, got {new}")
    if os.path.lexists(new) and (not new.is_dir() or new.is_symlink() or any(new.iterdir())):
        raise StorageError(
            f"--move-to expects a new folder or an empty one, got {new}, where something is: name another"
        )
    if sqlite_file(sqlite_uri(resolved / DATABASE)) != resolved / DATABASE:
        raise StorageError(
            f"--move-to expects a folder whose path can be part of a database's address, got {str(new)!r}: a question "
            "mark, or an escape such as %20, leads elsewhere there. Name another folder"
        )


def _state(root: Path) -> _State:
    """Every file with its size and time. Raises `StorageError` for what is neither file, folder nor link."""
    found = {}
    for folder, _, files in os.walk(root):
        for name in files:
            path = Path(folder, name)
            described = path.lstat()
            if not stat.S_ISREG(described.st_mode) and not stat.S_ISLNK(described.st_mode):
                raise StorageError(
                    f"{path} is neither a file nor a link, and cannot be moved: remove it, and try again"
                )
            found[str(path.relative_to(root))] = (described.st_size, described.st_mtime_ns)
    return {name: state for name, state in found.items() if name not in _BESIDE}


def _copy(old: Path, new: Path, files: _State) -> Path:
    """All of `old` in a folder beside `new`, compared."""
    unfinished: Path | None = None
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
        needed, free = sum(size for size, _ in files.values()), shutil.disk_usage(new.parent).free
        if needed > free:
            raise StorageError(
                f"{old} has {needed / 1e6:,.0f} MB, and {new.parent} has room for {free / 1e6:,.0f}: free some space, "
                "or name another --move-to"
            )
        unfinished = Path(tempfile.mkdtemp(prefix=f".{new.name}-", dir=new.parent))
        unfinished.chmod(stat.S_IMODE(old.stat().st_mode))
        for folder, folders, _ in os.walk(old):
            for inner in folders:
                _make_folder(Path(folder, inner), unfinished / Path(folder, inner).relative_to(old))
        for name in files:
            if name == DATABASE:
                _copy_database(old / name, unfinished / name)
            else:
                _copy_file(old / name, unfinished / name)
    except BaseException as error:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)
        if not isinstance(error, OSError | sqlite3.Error):
            raise
        remedy = "Free some space" if lacks_space(error) else "See that both can be read and written"
        raise StorageError(f"{old} could not be copied to {new}: {error}. {remedy}; all is as it was") from error
    return unfinished


def _make_folder(old: Path, new: Path) -> None:
    if old.is_symlink():
        new.symlink_to(old.readlink())
    else:
        new.mkdir()
        new.chmod(stat.S_IMODE(old.stat().st_mode))


def _copy_file(old: Path, new: Path) -> None:
    """Copy, and read back what was written. Raises `StorageError` where that is something else."""
    if old.is_symlink():
        new.symlink_to(old.readlink())
        return
    digest = hashlib.sha256()
    with old.open("rb") as source, new.open("wb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            target.write(chunk)
    shutil.copystat(old, new)
    with new.open("rb") as written:
        if hashlib.file_digest(written, "sha256").digest() != digest.digest():
            raise StorageError(f"{new} is not what was written there: the disk is at fault. All is as it was")


def _copy_database(old: Path, new: Path) -> None:
    """As SQLite copies, which takes in what is not in the file yet; compared row by row."""
    with closing(sqlite3.connect(old, timeout=30)) as source, closing(sqlite3.connect(new)) as target:
        source.backup(target)
        if _rows(source) != _rows(target):
            raise StorageError(f"{new} is not what was written there: the disk is at fault. All is as it was")
    shutil.copymode(old, new)


def _rows(database: sqlite3.Connection) -> str:
    digest = hashlib.sha256()
    for line in database.iterdump():
        digest.update(line.encode("utf-8", errors="surrogatepass"))
    return digest.hexdigest()
