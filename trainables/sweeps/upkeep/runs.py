"""Runs that say what is not so: going on while nothing runs, of a trial that is not named, below no study's run."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from soundproof.common import record
from soundproof.trainables.sweeps.upkeep.findings import Finding
from soundproof.trainables.sweeps.upkeep.recorded_runs import StoredRun

_SILENT_SECONDS = 120.0
"""Whoever writes a record from elsewhere says more often than that that it is there."""


def left_running(file: Path, runs: Mapping[str, StoredRun]) -> Iterator[Finding]:
    """Runs that a program left that has died. Ask while nothing runs on the storage."""
    for run in runs.values():
        if run.deleted or run.status != "RUNNING" or _is_owned(runs.get(run.tags.get(record.PARENT_RUN, ""), run)):
            continue
        yield Finding(
            kind="run",
            what=f"{run.words} is said to go on, and nothing runs here",
            remedy="close it as killed; the command of its study goes on from what is finished",
            repair=lambda run_id=run.run_id: _close(file, run_id),  # type: ignore[misc]  # bound now
        )


def without_trial(runs: Mapping[str, StoredRun]) -> Iterator[Finding]:
    """Runs of trials that name none, or whose study's or search's run is gone."""
    for run in runs.values():
        if run.deleted or run.tags[record.KIND] != record.KIND_TRIAL:
            continue
        ended = run.tags.get(record.STATUS)
        if record.TRIAL_ID not in run.tags and ended is not None and ended != "infeasible":
            yield Finding(
                kind="run",
                what=f"{run.words} ended as {ended!r}, and does not say which trial it is of",
                remedy="delete it in MLflow's pages, and give the command of its study again",
            )
        parent = run.tags.get(record.PARENT_RUN, "")
        if parent not in runs or runs[parent].deleted:
            restore = f"mlflow runs restore --run-id {parent}"
            yield Finding(
                kind="run",
                what=f"{run.words} is below run {parent}, which {'was deleted' if parent in runs else 'is gone'}: no "
                "report shows it",
                remedy=f"restore that one: {restore}" if parent in runs else "give the command of its study again",
            )


def _is_owned(parent: StoredRun) -> bool:
    """Whether a program elsewhere has said of late that it writes below that run."""
    with suppress(ValueError, KeyError, TypeError):
        seen = datetime.fromisoformat(parent.tags[record.OWNER_SEEN])
        seen = seen if seen.tzinfo else seen.replace(tzinfo=UTC)
        return abs((datetime.now(UTC) - seen).total_seconds()) < _SILENT_SECONDS
    return False


def _close(file: Path, run_id: str) -> None:
    with closing(sqlite3.connect(file, timeout=30)) as database, database:
        change = "UPDATE runs SET status = 'KILLED', end_time = ? WHERE run_uuid = ? AND status = 'RUNNING'"
        database.execute(change, (int(time.time() * 1000), run_id))
