"""Folders that are there whole or not at all, even after the power has gone."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def rename_lasting(unfinished: Path, folder: Path) -> None:
    """Rename a folder when all of it is on the disk: a name can be there sooner than what was written before it."""
    within = [unfinished, *unfinished.rglob("*")]
    with ThreadPoolExecutor(len(within)) as together:  # so that the file system waits for the disk once, not for each
        list(together.map(_to_disk, within))
    unfinished.rename(folder)
    _to_disk(folder.parent)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # of a file system that does not do this for folders
            raise
    finally:
        os.close(handle)
