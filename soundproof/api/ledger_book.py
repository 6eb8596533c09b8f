"""The book of a ledger, in memory: what was proposed and run, in its order, and what follows from it.

A state of nothing but the record: the same record gives the same book. `soundproof.api.ledger` keeps it in a file.
"""

from dataclasses import dataclass, field
from typing import Literal

from soundproof.analysis.statistics.proposals import (
    Plan,
    common_variance,
    decide,
    incumbent_runs_for,
    level_of,
    moments,
)
from soundproof.common.errors import UserError

Status = Literal["incumbent", "open", "dropped", "crashed", "overtaken", "replaced"]

START = "p0"
"""The id of the configuration that the first proposals are held against."""

LARGEST = 1e150
"""Results from here on are taken as infinite: some stores write infinity as 1.8e308, and squares have to be numbers."""

_REASONS = {
    "dropped": "it is not better by what is worth finding, or not surely",
    "crashed": "a run of it ended without a finite result",
    "overtaken": "the incumbent changed meanwhile: propose it again, as a change to that",
}


class LedgerError(UserError):
    """A ledger that cannot be used, or something that it does not take. The message says what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What to do next for a proposal: run a seed of the configuration `of`, or take it as kept or dropped."""

    action: Literal["run", "keep", "drop"]
    of: str | None = None
    reason: str = ""

    def __str__(self) -> str:
        """Return the step in words."""
        if self.action == "run":
            return f"run a seed of {self.of}{self.reason}"
        return f"{self.action}{': ' if self.reason else ''}{self.reason}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """How much of the error is spent, and how many proposals may still be made; runs so far, crashed ones included."""

    error: float
    spent: float
    proposals_left: int
    runs: int

    @property
    def left(self) -> float:
        """What later proposals may still err."""
        return max(0.0, self.error - self.spent)


@dataclass(kw_only=True, slots=True)
class Entry:
    """A configuration: its runs in their order, crashed ones as None, and what became of it.

    `level` is its part of the error, `against` the number of the incumbent's runs that it is held against.
    """

    id: str
    name: str
    level: float
    against: int = 0
    status: Status = "open"
    values: list[float | None] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)

    @property
    def finished(self) -> list[float]:
        """The results, without the runs that crashed."""
        return [value for value in self.values if value is not None]


class Book:
    """Proposals held against one incumbent after another, as `analysis.statistics.proposals` says."""

    def __init__(self, plan: Plan, *, higher_is_better: bool) -> None:
        self.plan = plan
        self.higher_is_better = higher_is_better
        self.entries: dict[str, Entry] = {START: Entry(id=START, name="start", level=0.0, status="incumbent")}
        self.incumbent = self.entries[START]
        self.kept: list[str] = []
        self._open: dict[str, Entry] = {}
        self._runs = 0
        self._outlasted = 0
        self._variances: list[float] = []

    def propose(self, name: str) -> str:
        """Enter a change to the incumbent; returns its id. Raises `LedgerError` when the budget is spent."""
        if self.budget.proposals_left < 1:
            raise LedgerError(
                f"the ledger expects at most {self.plan.proposals} proposals that are not kept, and has had them: its "
                f"error of {self.plan.error:.0%} is spent. Begin a new ledger, with an error of its own"
            )
        key = f"p{len(self.entries)}"
        against = incumbent_runs_for(self.plan, self._outlasted)
        entry = Entry(id=key, name=name, level=level_of(self.plan, len(self.kept)), against=against)
        self._outlasted += 1
        self.entries[key] = self._open[key] = entry
        return key

    def submit(self, key: str, value: float | None, seed: int) -> None:
        """Enter a run. None, or what is not finite, is a run that ended without a result.

        A proposal with such a run is dropped: to leave out what crashed would favour what crashes. A run that the
        machine killed is no result: run its seed again. The incumbent is run once more instead, which favours it.
        Raises `LedgerError` for a configuration that takes no more runs, and for a seed that it had.
        """
        entry = self.entry(key)
        self._refuse(entry, seed)
        entry.seeds.append(seed)
        self._runs += 1
        entry.values.append(value if value is not None and abs(value) < LARGEST else None)
        if entry is not self.incumbent:
            self._settle(entry)
        else:
            self._measure()
            for other in list(self._open.values()):
                self._settle(other)

    def next_step(self, key: str) -> Step:
        """What to do next for the proposal `key`."""
        entry = self.entry(key)
        if key in self.kept:
            return Step(action="keep")
        if key == START:
            raise LedgerError(
                f"next_step expects the id of a proposal, got {key}: that is what the first are held against"
            )
        if entry.status != "open":
            return Step(action="drop", reason=_REASONS[entry.status])
        if len(self.incumbent.finished) < entry.against:
            return Step(action="run", of=self.incumbent.id, reason=", the incumbent")
        return Step(action="run", of=key)

    @property
    def budget(self) -> Budget:
        """What is spent and left. A kept proposal gives its level back where the guarantee is of the family."""
        made, kept = len(self.entries) - 1, len(self.kept)
        counted = made if self.plan.guarantee == "fdr" else made - kept
        spent = self.plan.error * counted / self.plan.proposals
        return Budget(error=self.plan.error, spent=spent, proposals_left=self.plan.proposals - counted, runs=self._runs)

    def entry(self, key: str) -> Entry:
        """The configuration with this id."""
        if key not in self.entries:
            raise LedgerError(f"expected the id of a proposal, {START} to p{len(self.entries) - 1}, got {key!r}")
        return self.entries[key]

    def _measure(self) -> None:
        """Note the spread of an incumbent when it has the runs that any proposal needs."""
        finished = self.incumbent.finished
        if len(self._variances) == len(self.kept) and len(finished) >= self.plan.incumbent_runs:
            self._variances.append(moments(finished[: self.plan.incumbent_runs])[1])

    def _refuse(self, entry: Entry, seed: int) -> None:
        if entry.status not in ("open", "incumbent"):
            raise LedgerError(f"{entry.id} takes no more runs, it is {entry.status}: ask for its next step")
        if seed in entry.seeds:
            raise LedgerError(f"{entry.id} expects a seed that it has not had, got {seed} again: take another one")
        most = self.plan.most_runs
        if entry is self.incumbent:
            most = max([self.plan.incumbent_runs, *(other.against for other in self._open.values())])
        if len(entry.finished) >= most:
            raise LedgerError(
                f"{entry.id} has the {most} runs that were planned, and takes no more for now, since one could stop "
                "where it looks good: ask for the next step"
            )

    def _settle(self, entry: Entry) -> None:
        """Decide an open proposal if it can be; a kept one is the incumbent, and all others that are open are not."""
        if entry.status != "open":
            return
        if None in entry.values:
            self._close(entry, "crashed")
            return
        if len(self.incumbent.finished) < entry.against:
            return
        common = common_variance(self._variances)
        incumbent = self._oriented(self.incumbent)[: entry.against]
        decision = decide(self._oriented(entry), incumbent, self.plan, entry.level, common)
        if decision == "drop":
            self._close(entry, "dropped")
        elif decision == "keep":
            self._close(entry, "incumbent")
            self.incumbent.status, self.incumbent = "replaced", entry
            self.kept.append(entry.id)
            self._outlasted = 0
            self._measure()
            for other in list(self._open.values()):
                self._close(other, "overtaken")

    def _close(self, entry: Entry, status: Status) -> None:
        entry.status = status
        del self._open[entry.id]

    def _oriented(self, entry: Entry) -> list[float]:
        return entry.finished if self.higher_is_better else [-value for value in entry.finished]
