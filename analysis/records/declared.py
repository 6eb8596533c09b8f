"""Whether what a report decides was declared before its data: by what the record keeps of declarations and trials.

What was edited and then put back counts from when it was put back: which of the two is reported was chosen with the
data at hand.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from soundproof.common.counting import counted
from soundproof.search_spaces.declarations import Statement

ReasonKind = Literal[
    "no declaration recorded",
    "trials ended before it",
    "claims edited after data",
    "margin edited after data",
    "metric edited after data",
    "seeds raised after data",
]
_EDITED: Mapping[str, ReasonKind] = {
    "claims": "claims edited after data",
    "margin": "margin edited after data",
    "metric": "metric edited after data",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A statement with the moment at which it was written, in UTC.

    `digest` is the SHA-256 of the artifact that has the statement in full, the claims in words.
    """

    at: datetime
    digest: str
    statement: Statement


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why the record does not show a declaration before the data. `count` trials had ended by then."""

    kind: ReasonKind
    words: str
    count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """Since when, by the record, that stands declared which is reported, of which so many `trials` have ended.

    `at` is None where it was never declared.
    """

    at: datetime | None
    trials: int
    reasons: tuple[Reason, ...] = ()

    @property
    def before(self) -> bool:
        """Whether all of it was declared before any of the trials had ended."""
        return not self.reasons


def judge_declared(
    entries: Sequence[Entry], ended_at: Collection[int], *, claims: str | None = None, metric: str | None = None
) -> Declared:
    """What the entries say of trials that ended at these moments, in milliseconds since 1970.

    `claims` and `metric` are what the report is on, where that may be another than what was declared last.
    """
    ended = [datetime.fromtimestamp(moment / 1000, UTC) for moment in ended_at]
    if not entries:
        words = "the record does not show that anything was declared before the data"
        missing = Reason(kind="no declaration recorded", words=words, count=len(ended))
        return Declared(at=None, trials=len(ended), reasons=(missing,))
    last = entries[-1].statement
    of_report = {"claims": claims, "metric": metric}
    unlike = [what for what, value in of_report.items() if value is not None and value != getattr(last, what)]
    reasons = [
        Reason(kind=_EDITED[what], words=f"the {what} of this report are not as they were declared last")
        for what in unlike
    ]
    reasons += [*_too_late(entries, ended), *_raised(entries, ended)]
    at = None if unlike else entries[_standing(entries)].at
    return Declared(at=at, trials=len(ended), reasons=tuple(reasons))


def written(moment: datetime) -> str:
    """A moment as reports write it: `2026-11-30 04:43 UTC`."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _standing(entries: Sequence[Entry]) -> int:
    """The first entry from which on claims, metric and margin are those of the last one."""
    first = len(entries) - 1
    while first > 0 and not _differing(entries[first - 1].statement, entries[-1].statement):
        first -= 1
    return first


def _differing(one: Statement, other: Statement) -> list[str]:
    return [what for what in _EDITED if getattr(one, what) != getattr(other, what)]


def _too_late(entries: Sequence[Entry], ended: Sequence[datetime]) -> Iterator[Reason]:
    first = _standing(entries)
    moment = entries[first].at
    early = sum(end < moment for end in ended)
    if not early:
        return
    yield Reason(
        kind="trials ended before it",
        words=f"{early} of {counted(len(ended), 'trial')} ended before this was declared ({written(moment)})",
        count=early,
    )
    if first:
        for what in _differing(entries[first - 1].statement, entries[first].statement):
            verb = "were" if what == "claims" else "was"
            words = f"the {what} {verb} edited at {written(moment)}, after {counted(early, 'trial')} had ended"
            yield Reason(kind=_EDITED[what], words=words, count=early)


def _raised(entries: Sequence[Entry], ended: Sequence[datetime]) -> Iterator[Reason]:
    """The first change of the plan after data. To ask for fewer seeds than were planned takes nothing back."""
    plan = entries[0].statement
    for entry in entries[1:]:
        wanted, seen = entry.statement, sum(end < entry.at for end in ended)
        if (wanted.seeds, wanted.first_seed) == (plan.seeds, plan.first_seed) or _fewer(wanted, plan):
            continue
        if seen:
            words = (
                f"the seeds were changed from {_plan_words(plan)} to {_plan_words(wanted)} at {written(entry.at)}, "
                f"after {counted(seen, 'trial')} had ended"
            )
            yield Reason(kind="seeds raised after data", words=words, count=seen)
            return
        plan = wanted


def _fewer(wanted: Statement, plan: Statement) -> bool:
    if wanted.fixed is None or plan.fixed is None or wanted.first_seed != plan.first_seed:
        return False
    return wanted.fixed <= plan.fixed


def _plan_words(statement: Statement) -> str:
    """`6`, `until decided`, or `6 from 100 on`."""
    return statement.seeds + (f" from {statement.first_seed} on" if statement.first_seed else "")
