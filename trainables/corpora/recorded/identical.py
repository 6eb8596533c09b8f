"""Recordings that are the same bytes: they are one group, and whoever trusts the corpus is told of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from soundproof.common.counting import counted
from soundproof.trainables.corpora.corpus import Remark
from soundproof.trainables.corpora.recorded.folder_listing import printable

KIND = "identical"

Targets = Literal["classes", "transcripts", "values"]
"""What the right answers of a corpus are."""

_MOST_NAMED = 3
"""Sets of identical recordings that a remark names; `describe` is read by people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A recording as far as its copies go: its name, right answer, speaker, group (itself where it has none), bytes."""

    name: str
    target: str
    speaker: str | None
    group: str
    digest: str


def identical_sets(copies: Sequence[Copy]) -> list[tuple[Copy, ...]]:
    """Recordings of the same bytes, by name; those that have no copy are in none of the sets."""
    by_digest: dict[str, list[Copy]] = {}
    for copy in copies:
        by_digest.setdefault(copy.digest, []).append(copy)
    return [tuple(sorted(same, key=lambda one: one.name)) for same in by_digest.values() if len(same) > 1]


def joined_groups(copies: Sequence[Copy], targets: Targets) -> Mapping[str, str]:
    """The group in whose place another one is, for each group that identical recordings join with others.

    A recording with a speaker stays where that speaker is, so its group joins nothing. Nor do recordings that are more
    than half of a class, or without classes of the corpus: no side could hold them. Nor do copies in different
    classes, where half of the corpus is such.
    """
    parents: dict[str, str] = {}

    def root(group: str) -> str:
        while (parent := parents.get(group, group)) != group:
            group = parent
        return group

    for same in _joinable(copies, targets):
        roots = sorted({root(copy.group) for copy in same})
        for group in roots:
            parents[group] = roots[0]
    return {group: root(group) for group in parents if root(group) != group}


def _joinable(copies: Sequence[Copy], targets: Targets) -> list[tuple[Copy, ...]]:
    """The identical sets that one side is to hold."""
    sets = identical_sets([copy for copy in copies if copy.speaker is None])
    if targets != "classes":
        return [same for same in sets if 2 * len(same) <= len(copies)]
    totals = Counter(copy.target for copy in copies)
    contradicting = sum(len(same) for same in sets if _contradict(same))
    return [
        same
        for same in sets
        if all(2 * count <= totals[target] for target, count in Counter(copy.target for copy in same).items())
        and (2 * contradicting <= len(copies) or not _contradict(same))
    ]


def _contradict(same: Sequence[Copy]) -> bool:
    return len({copy.target for copy in same}) > 1


def identical_remarks(copies: Sequence[Copy], targets: Targets) -> Iterator[Remark]:
    """What has to be known of identical recordings: how many there are, which, and whether they contradict."""
    sets = identical_sets(copies)
    if not sets:
        return
    more = sum(len(same) - 1 for same in sets)
    groups = joined_groups(copies, targets)
    apart = [same for same in sets if len({copy.speaker or groups.get(copy.group, copy.group) for copy in same}) > 1]
    where = "copies stay on one side of a split by groups"
    if apart:
        where += (
            f", but for {counted(len(apart), 'set')} of different speakers, or of more than half of "
            f"{'a class' if targets == 'classes' else 'the corpus'}: leave copies out"
        )
    yield Remark(
        kind=KIND,
        text=(
            f"{counted(more, 'recording')} of {len(copies):,} {'is a copy' if more == 1 else 'are copies'} of another, "
            f"byte by byte ({_named(sets)}); {where}"
        ),
    )
    contradicting = [same for same in sets if _contradict(same)]
    if contradicting:
        yield Remark(
            kind="contradicting",
            text=(
                f"{counted(len(contradicting), 'set')} of identical recordings {_are(contradicting)} of different "
                f"{targets} ({_named(contradicting)}): at most one of these is right"
            ),
        )


def _are(things: Sequence[object]) -> str:
    return "is" if len(things) == 1 else "are"


def _named(sets: Sequence[Sequence[Copy]]) -> str:
    shown = "; ".join(" = ".join(printable(copy.name) for copy in same[:3]) for same in sets[:_MOST_NAMED])
    return shown + (f"; and {len(sets) - _MOST_NAMED:,} more" if len(sets) > _MOST_NAMED else "")
