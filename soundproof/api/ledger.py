"""An error budget over many proposals, for whoever tries many changes and keeps what looks better: one file of JSON.

    ledger = Ledger.open(Path("night.json"), plan=Plan(proposals=1000), higher_is_better=False)
    key = ledger.propose("wider filters")
    while (step := ledger.next_step(key)).action == "run":
        ledger.submit(step.of, train(step.of, seed), seed)

The file holds what was declared and what was submitted, in its order; every decision follows from that again. Each
change is written whole or not at all, under a lock beside the file, so several processes may share a ledger.
"""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Self, TypeVar

from soundproof.analysis.statistics.proposals import Plan
from soundproof.api.ledger_book import START, Book, Budget, Entry, LedgerError, Step
from soundproof.common.json_texts import parsed
from soundproof.common.whole_files import lock_beside, write_whole

__all__ = ["START", "Budget", "Entry", "Ledger", "LedgerError", "Plan", "Step"]

FORMAT = "soundproof ledger 1"
"""In every file. The rules are part of it: a change of theirs is a new number, since a file is decided again."""

T = TypeVar("T")


class Ledger:
    """A book of proposals in a file. Every method reads first what others have written meanwhile."""

    def __init__(self, path: Path, plan: Plan, *, higher_is_better: bool) -> None:
        self.path = path
        self._plan, self._higher_is_better = plan, higher_is_better
        self._text = ""
        self._events: list[dict[str, Any]] = []
        self._book = Book(plan, higher_is_better=higher_is_better)

    @classmethod
    def open(cls, path: Path, *, plan: Plan | None = None, higher_is_better: bool | None = None) -> Self:
        """Open the ledger at `path`, or begin one there, which takes `higher_is_better`.

        What was declared holds from then on. Raises `LedgerError` where another plan is given than the file has, and
        for a file that is no ledger.
        """
        if not path.exists():
            if higher_is_better is None:
                raise LedgerError(f"no ledger at {path}: to begin one, say whether higher_is_better")
            ledger = cls(path, plan or Plan(), higher_is_better=higher_is_better)
            with ledger._locked():  # another process may have begun it meanwhile: then it is read
                if not path.exists():
                    ledger._write([])
        content = _read(path)[1]
        ledger = cls(path, _plan(path, content), higher_is_better=content["higher_is_better"])
        ledger._agree(plan, higher_is_better)
        ledger._refresh()
        return ledger

    @property
    def plan(self) -> Plan:
        """What was declared before the first proposal."""
        return self._plan

    @property
    def higher_is_better(self) -> bool:
        """Which results are better."""
        return self._higher_is_better

    def propose(self, name: str) -> str:
        """Enter a change to the incumbent; returns its id. Raises `LedgerError` when the budget is spent."""
        if not isinstance(name, str):
            raise LedgerError(f"a proposal expects a name, got {name!r}")
        return self._change({"propose": name}, lambda: self._book.propose(name))

    def submit(self, key: str, value: float | None, seed: int) -> None:
        """Enter a run of `key` (`START`, or what `propose` returned); None for one that crashed. See `Book.submit`."""
        result, number = _result(value), _seed(seed)
        event = {"run": key, "value": result, "seed": number}
        self._change(event, lambda: self._book.submit(key, result, number))

    def next_step(self, key: str) -> Step:
        """What to do next for a proposal: run a seed of it or of the incumbent, keep it, or drop it."""
        self._refresh()
        return self._book.next_step(key)

    @property
    def incumbent(self) -> Entry:
        """The best configuration so far."""
        self._refresh()
        return self._book.incumbent

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The start and all proposals, in their order."""
        self._refresh()
        return tuple(self._book.entries.values())

    @property
    def budget(self) -> Budget:
        """How much of the error is spent, how much is left, and the runs so far."""
        self._refresh()
        return self._book.budget

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the ledger for this process; the system lets go when the process dies."""
        try:
            lock = lock_beside(self.path)
        except OSError as error:
            raise LedgerError(
                f"a ledger expects a folder that can be written to, got {self.path.parent} ({error.strerror})"
            ) from error
        with lock:
            yield

    def _change(self, event: dict[str, Any], apply: Callable[[], T]) -> T:
        with self._locked():
            self._refresh()
            self._text = ""  # until the event is in the file: what is interrupted here is decided again from there
            result = apply()
            try:
                self._write([*self._events, event])
            except OSError as error:
                raise LedgerError(f"the ledger {self.path} could not be written ({error.strerror})") from error
        return result

    def _write(self, events: list[dict[str, Any]]) -> None:
        declared = {"format": FORMAT, "plan": asdict(self._plan), "higher_is_better": self._higher_is_better}
        lines = ",\n".join(json.dumps(event) for event in events)
        text = f'{json.dumps(declared)[:-1]},\n"events": [\n{lines}\n]}}\n'
        write_whole(self.path, text)
        self._text, self._events = text, events

    def _refresh(self) -> None:
        """Decide again from the file where it is not what this process wrote."""
        text, content = _read(self.path, self._text)
        if content is None:
            return
        if _plan(self.path, content) != self._plan or content["higher_is_better"] != self._higher_is_better:
            raise LedgerError(f"the ledger {self.path} is another one than was opened: open it again")
        book = Book(self._plan, higher_is_better=self._higher_is_better)
        for number, event in enumerate(content["events"], 1):
            try:
                _replay(book, event)
            except (LedgerError, KeyError, TypeError) as error:
                raise _corrupt(self.path, f"event {number} does not follow from those before it ({error})") from error
        self._text, self._events, self._book = text, content["events"], book

    def _agree(self, plan: Plan | None, higher_is_better: bool | None) -> None:
        given, had = (plan or self._plan, higher_is_better), (self._plan, self._higher_is_better)
        if given[0] != had[0] or given[1] not in (None, had[1]):
            raise LedgerError(
                f"the ledger {self.path} was begun with {had[0]} and higher_is_better={had[1]}, got {given[0]} and "
                f"{given[1]}: what was declared before the first proposal holds. Begin another ledger"
            )


def _replay(book: Book, event: dict[str, Any]) -> None:
    if "propose" in event:
        book.propose(event["propose"])
    else:
        book.submit(event["run"], _result(event["value"]), _seed(event["seed"]))


def _result(value: object) -> float | None:
    """A number, or None for a run without a finite one. Raises `LedgerError` for true, or "0.5"."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real):
        raise LedgerError(f"a run expects a number as its result, or None where it crashed, got {value!r}")
    try:
        number = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return None
    return number if math.isfinite(number) else None


def _seed(seed: object) -> int:
    if isinstance(seed, bool) or not isinstance(seed, Integral):
        raise LedgerError(f"a run expects a whole number as its seed, got {seed!r}")
    return int(seed)


def _read(path: Path, known: str | None = None) -> tuple[str, Any]:
    """The text of the file and what it says, None where the text is `known`."""
    try:
        text = path.read_text(encoding="utf-8")
        if text == known:
            return text, None
        content = parsed(text)
    except OSError as error:
        raise LedgerError(f"the ledger {path} cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise _corrupt(path, f"it is no JSON ({error})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise _corrupt(path, f'expected "format": "{FORMAT}", got {found!r}')
    if not isinstance(content.get("events"), list) or not isinstance(content.get("higher_is_better"), bool):
        raise _corrupt(path, "expected a list of events, and higher_is_better as true or false")
    return text, content


def _plan(path: Path, content: dict[str, Any]) -> Plan:
    try:
        fields: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in content["plan"].items()
        }
        return Plan(**fields)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _corrupt(path, f"its plan is none ({error})") from error


def _corrupt(path: Path, what: str) -> LedgerError:
    return LedgerError(f"{path} is not a ledger that can be read: {what}. Restore it from a copy, or begin another one")
