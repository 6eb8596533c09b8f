"""The journal of a search: Optuna's log file, repaired where a process died while writing it."""

from __future__ import annotations

from pathlib import Path

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend


def open_journal(path: Path) -> JournalStorage:
    """The storage in the file `path`. Whoever calls holds the search: no other process may write to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _drop_half_line(path)
    for left in path.parent.glob(f"{path.name}.lock*"):  # by a process that died between locking and writing
        left.unlink()
    return JournalStorage(JournalFileBackend(str(path)))


def _drop_half_line(path: Path) -> None:
    """Cut off a last line that was not written to its end: Optuna would append to it, and never read it again."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        written = file.read()
        file.truncate(written.rfind(b"\n") + 1)
