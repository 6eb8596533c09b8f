"""What a study or search declared, and when, as its run keeps it: entries in the order in which they were written."""

from dataclasses import fields
from datetime import datetime

from mlflow.entities import Run

from soundproof.analysis.records.declared import Entry
from soundproof.analysis.records.finding import read_json_tag
from soundproof.analysis.records.trials import RecordsError
from soundproof.common import record
from soundproof.search_spaces.declarations import Statement


def read_declarations(parent: Run) -> tuple[Entry, ...]:
    """The entries of a study's or search's run; none where an earlier version wrote it. Raises `RecordsError`."""
    names = sorted(name for name in parent.data.tags if name.startswith(record.DECLARATION_PREFIX))
    return tuple(_entry(parent, name) for name in names)


def _entry(parent: Run, tag: str) -> Entry:
    found = read_json_tag(parent.info.run_id, parent.data.tags, tag)
    try:
        statement = Statement(**{field.name: found[field.name] for field in fields(Statement)})
        return Entry(at=datetime.fromisoformat(found["time"]), digest=found["digest"], statement=statement)
    except (KeyError, TypeError, ValueError) as error:
        raise RecordsError(
            f"the run {parent.info.run_id} must carry a declaration in its tag {tag}, found "
            f"{parent.data.tags[tag]!r}: delete that run, and run the same command again"
        ) from error
