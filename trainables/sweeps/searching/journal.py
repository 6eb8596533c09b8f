"""The journal of a search: Optuna's log file, repaired where a process died while writing it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from optuna.storages import JournalStorage
from optuna.storages.journal import BaseJournalBackend, JournalFileBackend


def open_journal(path: Path) -> JournalStorage:
    """The storage in the file `path`. Whoever calls holds the search: no other process may write to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _drop_half_line(path)
    for left in path.parent.glob(f"{path.name}.lock*"):  # by a process that died between locking and writing
        left.unlink()
    return JournalStorage(JournalFileBackend(str(path)))


def as_last_reported(path: Path, trial_id: int) -> JournalStorage:
    """The journal as it was when a trial had told its last epoch, and nothing had come of that yet.

    `trial_id` is the storage's, which counts from 0. What is written there is written nowhere.
    """
    logs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    last = max(at for at, log in enumerate(logs) if log.get("trial_id") == trial_id and "intermediate_value" in log)
    return JournalStorage(_Remembered(logs[: last + 1]))


class _Remembered(BaseJournalBackend):
    """A journal in memory."""

    def __init__(self, logs: list[dict[str, Any]]) -> None:
        self._logs = logs

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """What was written from that entry on."""
        yield from self._logs[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write more."""
        self._logs += logs


def _drop_half_line(path: Path) -> None:
    """Cut off a last line that was not written to its end: Optuna would append to it, and never read it again."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        written = file.read()
        file.truncate(written.rfind(b"\n") + 1)
