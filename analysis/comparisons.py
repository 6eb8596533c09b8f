"""The three rules by which one pair of variants is compared. What they mean for a claim is in `verdicts`.

d is the mean improvement of the first variant over the second, oriented so that positive is better; the margin is
the smallest difference that matters. With interval (low, high):

| rule | supported | contradicted |
|---|---|---|
| better | low > 0 and high > margin | high < margin: worse, or equal up to the margin |
| not better | high < margin | low > 0 and d > margin |
| equivalent | both one-sided tests reject: -margin < low and high < margin | low > margin or high < -margin |

Anything else is undecided, and so is every pair with fewer than two paired seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from analysis.statistics import (
    Estimate,
    FloatArray,
    Interval,
    equivalence_interval,
    paired_interval,
    seeds_for_half_width,
)

Verdict = Literal["supported", "contradicted", "undecided"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorLevels:
    """The probability of a false verdict that one pair may use up: of `supported`, and of `contradicted`."""

    supported: float
    contradicted: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two variants and their paired differences (n,), positive where the first is better."""

    first: str
    second: str
    differences: FloatArray
    margin: float
    resolution: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """One pair, judged. `room` is how far the interval stays clear of the boundary that decided, 0 if undecided.

    `seeds_needed` and `heading` say, for an undecided pair, after how many seeds it would be decided, and how, were
    mean and spread to stay as they are.
    """

    first: str
    second: str
    effect: float | None
    interval: Interval | None
    n: int
    verdict: Verdict
    room: float = 0.0
    seeds_needed: int | None = None
    heading: Verdict = "undecided"


Rule = Callable[[Pair, ErrorLevels], Comparison]


def better(pair: Pair, levels: ErrorLevels) -> Comparison:
    """Whether the first is better than the second, by a difference that is not shown to be negligible."""
    narrow, wide = _two_sided(pair, levels.supported), _two_sided(pair, levels.contradicted)
    if narrow.value is None or narrow.interval is None or wide.interval is None:
        return _undecided(pair, narrow)
    if narrow.interval.low > 0 and narrow.interval.high > pair.margin:
        return _decided(pair, narrow, "supported", narrow.interval.low)
    if wide.interval.high < pair.margin:
        return _decided(pair, wide, "contradicted", pair.margin - wide.interval.high)
    to_support, to_contradict = narrow.value, pair.margin - narrow.value
    if to_support > to_contradict:
        return _undecided(pair, narrow, "supported", to_support, 1 - levels.supported)
    return _undecided(pair, narrow, "contradicted", to_contradict, 1 - levels.contradicted)


def not_better(pair: Pair, levels: ErrorLevels) -> Comparison:
    """Whether the first is not better than the second by the margin or more."""
    narrow, wide = _two_sided(pair, levels.supported), _two_sided(pair, levels.contradicted)
    if narrow.value is None or narrow.interval is None or wide.interval is None:
        return _undecided(pair, narrow)
    if narrow.interval.high < pair.margin:
        return _decided(pair, narrow, "supported", pair.margin - narrow.interval.high)
    if wide.interval.low > 0 and narrow.value > pair.margin:
        return _decided(pair, wide, "contradicted", wide.interval.low)
    if narrow.value > pair.margin:
        return _undecided(pair, narrow, "contradicted", narrow.value, 1 - levels.contradicted)
    return _undecided(pair, narrow, "supported", pair.margin - narrow.value, 1 - levels.supported)


def equivalent(pair: Pair, levels: ErrorLevels) -> Comparison:
    """Whether the two differ by less than the margin: two one-sided tests, never a missing significance."""
    tests = equivalence_interval(pair.differences, levels.supported, pair.resolution)
    wide = _two_sided(pair, levels.contradicted)
    if tests.value is None or tests.interval is None or wide.interval is None:
        return _undecided(pair, tests)
    farthest = max(-tests.interval.low, tests.interval.high)
    if farthest < pair.margin:
        return _decided(pair, tests, "supported", pair.margin - farthest)
    nearest = max(wide.interval.low, -wide.interval.high)
    if nearest > pair.margin:
        return _decided(pair, wide, "contradicted", nearest - pair.margin)
    beyond = abs(tests.value) - pair.margin
    if beyond > 0:
        return _undecided(pair, tests, "contradicted", beyond, 1 - levels.contradicted)
    return _undecided(pair, tests, "supported", -beyond, 1 - 2 * levels.supported)


def _two_sided(pair: Pair, level: float) -> Estimate:
    return paired_interval(pair.differences, 1 - level, pair.resolution)


def _decided(pair: Pair, estimate: Estimate, verdict: Verdict, room: float) -> Comparison:
    return Comparison(
        first=pair.first,
        second=pair.second,
        effect=estimate.value,
        interval=estimate.interval,
        n=estimate.n,
        verdict=verdict,
        room=room,
        heading=verdict,
    )


def _undecided(
    pair: Pair, estimate: Estimate, heading: Verdict = "undecided", half_width: float = 0.0, confidence: float = 0.95
) -> Comparison:
    """An undecided pair; it would be decided once the interval at `confidence` is narrower than `half_width`."""
    return Comparison(
        first=pair.first,
        second=pair.second,
        effect=estimate.value,
        interval=estimate.interval,
        n=estimate.n,
        verdict="undecided",
        seeds_needed=seeds_for_half_width(pair.differences, half_width, confidence, pair.resolution),
        heading=heading,
    )
