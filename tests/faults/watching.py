"""What is open at a moment: runs in a record, files that a process writes or has mapped, bytes that it has written."""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from soundproof.common import record

_WRITING = os.O_WRONLY | os.O_RDWR
_ALWAYS_OPEN = (".lock", "mlflow.db", "server.db")
"""Files that are open for as long as a program runs say nothing about what it does now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Open:
    """What was open when a fault hit."""

    runs: tuple[str, ...] = ()
    """Trials whose runs were RUNNING."""
    files: tuple[str, ...] = ()
    """Files that were open for writing."""
    mapped: tuple[str, ...] = ()
    """Features that a process had mapped."""
    requests: tuple[str, ...] = ()
    """Requests without an answer."""

    def __bool__(self) -> bool:
        return any((self.runs, self.files, self.mapped, self.requests))


def runs(store: Path, experiment: str, status: str) -> tuple[str, ...]:
    """Ids of the trials of an experiment whose runs have that status in MLflow. None while the store cannot be read."""
    query = (
        "SELECT tags.value FROM runs JOIN tags USING (run_uuid) JOIN experiments USING (experiment_id) "
        "WHERE experiments.name = ? AND runs.status = ? AND runs.lifecycle_stage = 'active' AND tags.key = ?"
    )
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=0.2)) as opened:
        return tuple(row[0] for row in opened.execute(query, (experiment, status, record.TRIAL_ID)))
    return ()


def files_written(processes: Iterable[int], below: Path) -> tuple[str, ...]:
    """Files below a folder that the processes have open for writing, without those that always are."""
    found = []
    for process in processes:
        with suppress(OSError):
            for entry in Path(f"/proc/{process}/fd").iterdir():
                with suppress(OSError):
                    path = os.readlink(entry)
                    if not path.startswith(f"{below}/") or path.endswith(_ALWAYS_OPEN):
                        continue
                    described = Path(f"/proc/{process}/fdinfo/{entry.name}").read_text(encoding="ascii")
                    if int(described.partition("flags:")[2].split()[0], 8) & _WRITING:
                        found.append(os.path.relpath(path, below))
    return tuple(found)


def mapped(processes: Iterable[int], name: str) -> tuple[str, ...]:
    """Files of that name that the processes have mapped."""
    found = set()
    for process in processes:
        with suppress(OSError):
            for line in Path(f"/proc/{process}/maps").read_text(encoding="utf-8", errors="replace").splitlines():
                if line.endswith(f"/{name}"):
                    found.add(line.split(maxsplit=5)[5])
    return tuple(sorted(found))


def bytes_written(processes: Iterable[int]) -> int:
    """By all of the processes since each began."""
    total = 0
    for process in processes:
        with suppress(OSError, IndexError, ValueError):
            said = Path(f"/proc/{process}/io").read_text(encoding="ascii")
            total += int(said.partition("wchar:")[2].split()[0])
    return total
