"""The database itself: whether it can be read, and which MLflow made it; and whether it says truly where files lie."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from soundproof.common.artifact_places import misplaced, settle
from soundproof.common.counting import counted
from soundproof.common.store_schemas import SchemaError, before_writing, foreign
from soundproof.common.tracking_stores import sqlite_uri
from soundproof.trainables.sweeps.upkeep.findings import Finding

_MOST_FAULTS = 5


def broken(file: Path, database: sqlite3.Connection) -> Iterator[Finding]:
    """What SQLite finds wrong."""
    try:
        faults = [row for (row,) in database.execute(f"PRAGMA quick_check({_MOST_FAULTS})") if row != "ok"]
    except sqlite3.DatabaseError as error:
        faults = [str(error)]
    if faults:
        yield Finding(
            kind="database",
            what=f"{file} is damaged: {'; '.join(faults)}",
            remedy="put it back from a copy; or let SQLite save what it can: sqlite3 FILE .recover",
        )


def of_another_mlflow(file: Path) -> Iterator[Finding]:
    """A schema that is not this MLflow's."""
    if foreign(file) is not None:
        try:
            before_writing(sqlite_uri(file))
        except SchemaError as error:
            yield Finding(kind="schema", what=str(error).partition(",")[0], remedy=str(error).partition(", ")[2])


def wrong_places(file: Path, database: sqlite3.Connection) -> Iterator[Finding]:
    """What the record says of a place that it was copied or moved from, a finding for each such place."""
    wrong = list(misplaced(file, database))
    here = str(file.resolve().parent)
    roots = Counter(one.said.removesuffix(one.right[one.right.index(here) + len(here) :]) for one in wrong)
    for root, count in roots.items():
        yield Finding(
            kind="place",
            what=f"the record says of {counted(count, 'row')} that the files are below {root}, and they are here",
            remedy=f"make it say so: below {here}",
            repair=lambda: settle(sqlite_uri(file)),
        )
