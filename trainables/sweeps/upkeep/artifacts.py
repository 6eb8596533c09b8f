"""The files of trials: whether they are there, and are what was written; and files of which no run knows."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from soundproof.common import record
from soundproof.common.artifact_places import ARTIFACTS, local_path, place_of
from soundproof.common.digests import DamagedError, check_digest
from soundproof.common.tracking_stores import sqlite_uri
from soundproof.trainables.sweeps.upkeep.findings import Finding
from soundproof.trainables.sweeps.upkeep.recorded_runs import StoredRun, all_run_ids

_RUN_ID = re.compile(r"[0-9a-f]{32}")
_TRAIN_AGAIN = "put them back from a copy; or delete the run in MLflow's pages, and give the command of its study again"


def of_trials(file: Path, runs: Mapping[str, StoredRun]) -> Iterator[Finding]:
    """Trials that lack files they left, or whose files are others, or whose original is gone.

    Places that are not of this machine are not looked at.
    """
    for run in runs.values():
        if run.deleted or run.tags.get(record.STATUS) not in record.COMPARABLE:
            continue
        original = run.tags.get(record.REUSED_FROM)
        if original is not None:
            if original not in runs or runs[original].deleted:
                yield Finding(
                    kind="trial",
                    what=f"{run.words} has the files of run {original}, which is gone",
                    remedy=f"restore that one, if MLflow still has it: mlflow runs restore --run-id {original}",
                )
            continue
        place = local_path(place_of(sqlite_uri(file.resolve()), run.place))
        if place is not None:
            yield from _of_trial(run, place)


def _of_trial(run: StoredRun, place: Path) -> Iterator[Finding]:
    digests = record.digests_of(run.tags)
    names = digests or {record.TRIAL_ARTIFACT: ""}  # of an earlier version, which left no digests
    missing = [name for name in names if not (place / name).is_file()]
    if missing:
        yield Finding(kind="trial", what=f"{run.words} lacks {', '.join(missing)} in {place}", remedy=_TRAIN_AGAIN)
    for name, digest in digests.items():
        if name in missing:
            continue
        try:
            check_digest((place / name).read_bytes(), digest, place / name)
        except (DamagedError, OSError) as error:
            yield Finding(kind="artifact", what=f"{run.words}: {error}", remedy=_TRAIN_AGAIN)


def of_no_run(root: Path, database: sqlite3.Connection) -> Iterator[Finding]:
    """Folders of runs that the record does not have. They are only named: they may be those of a record put back."""
    known, files = all_run_ids(database), root.resolve() / ARTIFACTS
    for (place,) in database.execute("SELECT artifact_location FROM experiments"):
        folder = local_path(place_of(sqlite_uri(root.resolve() / "mlflow.db"), place or ""))
        if folder is None or not folder.is_relative_to(files) or not folder.is_dir():
            continue
        for inner in sorted(folder.iterdir()):
            if _RUN_ID.fullmatch(inner.name) and inner.is_dir() and inner.name not in known:
                yield Finding(
                    kind="leftover",
                    what=f"{inner} has files of a run that the record does not have",
                    remedy="delete the folder, unless an older copy of the record is to be put back",
                )
