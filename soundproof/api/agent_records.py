"""A study of an agent in one file: what was declared and submitted, in its order, under hashes.

Every event holds a hash of itself and of the event before it, so that a file that was edited is refused. Nothing keeps
anyone from beginning another file: the hash of a declaration is worth something to others once it was shown them.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from soundproof.api.agent_declarations import AgentStudyError, Declaration, Record, Row, row_of
from soundproof.common.counting import counted
from soundproof.common.json_texts import parsed
from soundproof.common.whole_files import lock_beside, write_whole

FORMAT = "soundproof agents' study 1"


class StudyFile:
    """The file of one study. Each change is written whole or not at all, under a lock beside it."""

    def __init__(self, path: Path, study: str) -> None:
        self._path, self._study = path, study

    @property
    def exists(self) -> bool:
        """Whether the study was declared."""
        return self._path.exists()

    def read(self) -> Record:
        """The study as it stands. Raises `AgentStudyError` for a file that is none, or was edited."""
        return self._record(self._events())

    def declare(self, declaration: Declaration) -> Record:
        """Declare it; what stands already is not declared again. Raises `AgentStudyError`."""
        with self._locked():
            events = self._events() if self.exists else []
            record = self._record(events) if events else None
            if record is not None:
                _agree(record, declaration)
            if record is None or record.declaration != declaration:
                events = self._with(events, {"declare": asdict(declaration)})
            return self._record(events)

    def submit(self, plain: Sequence[object]) -> tuple[Record, int]:
        """Add rows, all of them or none; gives also how many are new. Raises `AgentStudyError`."""
        with self._locked():
            events = self._events()
            record = self._record(events)
            rows = [
                row_of(row, record.declaration.variants, f"row {place} of {len(plain)}")
                for place, row in enumerate(plain, 1)
            ]
            new = _new(record.rows, rows)
            if new:
                events = self._with(events, {"submit": [asdict(row) for row in new]})
            return self._record(events), len(new)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = lock_beside(self._path)
        except OSError as error:
            raise AgentStudyError(
                f"studies expect a folder that can be written to, got {self._path.parent} ({error.strerror})"
            ) from error
        with lock:
            yield

    def _with(self, events: Sequence[Mapping[str, Any]], event: dict[str, Any]) -> list[Mapping[str, Any]]:
        """Write the events and one more, at this moment."""
        timed = event | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
        hashed = timed | {"hash": self._hash(events, timed)}
        lines = ",\n".join(json.dumps(each, ensure_ascii=False, allow_nan=False) for each in [*events, hashed])
        text = f'{{"format": {json.dumps(FORMAT)}, "study": {json.dumps(self._study)}, "events": [\n{lines}\n]}}\n'
        try:
            write_whole(self._path, text)
        except OSError as error:
            raise AgentStudyError(f"{self._path} could not be written ({error.strerror})") from error
        return [*events, hashed]

    def _hash(self, before: Sequence[Mapping[str, Any]], event: Mapping[str, Any]) -> str:
        last = before[-1]["hash"] if before else f"{FORMAT} {self._study}"
        text = json.dumps([last, event], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def _events(self) -> list[Mapping[str, Any]]:
        try:
            content = parsed(self._path.read_text(encoding="utf-8"))
            events: list[Mapping[str, Any]] = content["events"]
            if content["format"] != FORMAT or content["study"] != self._study:
                raise self._unreadable(f"it is {content['format']!r} of {content['study']!r}")
            if not events:
                raise self._unreadable("nothing was declared")
            for place, event in enumerate(events):
                given = {name: value for name, value in event.items() if name != "hash"}
                if event["hash"] != self._hash(events[max(0, place - 1) : place], given):
                    raise self._unreadable(f"event {place + 1} is not what was written: its hash is another")
        except OSError as error:
            raise AgentStudyError(f"{self._path} cannot be read ({error.strerror})") from error
        except AgentStudyError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._unreadable(f"it is no study ({error})") from error
        return events

    def _record(self, events: Sequence[Mapping[str, Any]]) -> Record:
        try:
            return self._replayed(events)
        except AgentStudyError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:  # written by hand, its hashes included
            raise self._unreadable(f"its events are none of a study ({error!r})") from error

    def _replayed(self, events: Sequence[Mapping[str, Any]]) -> Record:
        declared, seen, rows = events[0], 0, list[Row]()
        for event in events:
            if "declare" in event:
                declared, seen = event, len(rows)
            else:
                rows += [Row(**row) for row in event["submit"]]
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in declared["declare"].items()
        }
        return Record(
            study=self._study,
            declaration=Declaration(**given),
            at=declared["at"],
            digest=declared["hash"],
            seen=seen,
            rows=tuple(rows),
        )

    def _unreadable(self, what: str) -> AgentStudyError:
        return AgentStudyError(f"{self._path} cannot be used: {what}. Restore it from a copy, or declare another study")


def _agree(record: Record, declaration: Declaration) -> None:
    """Raise `AgentStudyError` where the rows would mean something else."""
    if record.rows and declaration.metric != record.declaration.metric:
        raise AgentStudyError(
            f"{record.study} has {counted(len(record.rows), 'result')} of {record.declaration.metric}, got the metric "
            f"{declaration.metric}: declare a study of its own"
        )
    lost = dict.fromkeys(row.variant for row in record.rows if row.variant not in declaration.variants)
    if lost:
        raise AgentStudyError(
            f"{record.study} has results of {', '.join(lost)}, which would not be declared any more: name all "
            "variants, or declare a study of its own"
        )


def _new(had: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """The rows that are not there yet. Raises `AgentStudyError` for another result of one run."""
    known = {(row.variant, row.seed): row for row in had}
    new = []
    for place, row in enumerate(rows, 1):
        before = known.setdefault((row.variant, row.seed), row)
        if before is row:
            new.append(row)
        elif before != row:
            raise AgentStudyError(
                f"row {place} of {len(rows)}: {row.variant} with seed {row.seed} is there with {_words(before)}, got "
                f"{_words(row)}: a result is not changed. Nothing was taken; leave the row out, or take another seed"
            )
    return new


def _words(row: Row) -> str:
    return row.status if row.value is None else f"{row.value!r} ({row.status})"
