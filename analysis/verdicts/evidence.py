"""What was seen of a pair of variants, or of a contrast of several: differences, looks, and what stands in the way."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.statistics.intervals import FloatArray
from soundproof.analysis.statistics.looks import FIRST_STAGE, Looks
from soundproof.common.record import EndedTrial

MOST_MISSING = 0.25
"""The share of a variant's seeds that may be lost: more, and those that survive are a selection."""

LOST_CONFIDENCE = 0.9
"""How sure it has to be that more are lost, before a variant is not judged any more."""

FIRST_LOOK = FIRST_STAGE
"""The pairs at which a test that may be looked at again and again begins."""

LEAST_PAIRS = 2
"""The pairs that show a spread at all."""

View = Literal["trained", "typical", "all runs"]
"""What is asked of the runs: the mean of those that trained; which is better on a typical seed; the mean of all."""


Ended = TrialRecord | EndedTrial
"""A trial that has ended, whether read from a store or just received."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """Why a pair cannot be decided, whatever its numbers.

    `infeasible`: `variant` cannot be trained. `failures`: `count` of the `total` ended seeds of `variant` have no
    comparable number. `too few`: `count` pairs, where `total` are the least that can decide.
    """

    kind: Literal["infeasible", "failures", "too few"]
    variant: str | None
    count: int = 0
    total: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """When a run first reached a target, None where it never did, and its last epoch.

    Endless where it could never have, 0 where nothing is known of it.
    """

    reached: int | None
    last: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Race:
    """The runs of the first and of the second variant on each seed."""

    runs: tuple[tuple[Run, Run], ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Evidence:
    """Two variants or sides of a contrast, and what was seen of the mean improvement of the first over the second.

    `variants` are those in it, `with_difference` (n,) the seeds of the differences.

    `differences` (n,) are those of the seeds that gave one, in their order, positive where the first is better; `looks`
    (m,) what was seen after each seed from the second stage on, `worst` the same where each run that gave none counts
    as the worst seen. `judged` (m,) are the looks that count: at the others a variant had lost too many runs. `seeds`
    are those that ended on both sides. `planned`: their number was fixed beforehand; `looked_once`: just these have
    ended. `alike` of the first differences are of losses that equal each other to the last bit. `groups` are what
    validated each of the differences, where that varies. `clean` is the number of clean seeds at which sameness without
    spread may be believed. `race` is what differences that only say who was sooner were made of. `paired`:
    seeds have something in common; where not, they only number the runs.
    """

    first: str
    second: str
    variants: tuple[str, ...]
    with_difference: tuple[int, ...]
    differences: FloatArray
    looks: Looks
    worst: Looks | None
    judged: NDArray[np.bool_]
    seeds: int
    margin: float
    least_deviation: float
    planned: bool
    looked_once: bool
    obstacle: Obstacle | None
    alike: int = 0
    groups: tuple[str, ...] = ()
    shared_training: float = 0.0
    view: View = "trained"
    clean: int = 0
    race: Race | None = None
    paired: bool = True

    @property
    def identical(self) -> bool:
        """Whether the two are one function: from three seeds on every loss of both is the same to the last bit."""
        return FIRST_LOOK <= self.alike == len(self.differences)

    def first_looks(self, n: int) -> "Evidence":
        """The evidence as it was after its first n looks."""
        kept = int(self.looks.counts[n - 1]) if n else 0
        return replace(
            self,
            with_difference=self.with_difference[:kept],
            differences=self.differences[:kept],
            looks=self.looks.first(n),
            worst=None if self.worst is None else self.worst.first(n),
            judged=self.judged[:n],
            alike=min(self.alike, kept),
            groups=self.groups[:kept],
            race=None if self.race is None else Race(runs=self.race.runs[:kept]),
            looked_once=self.looked_once and n == len(self.looks),
        )


def too_many_lost(lost: int, total: int) -> bool:
    """Whether it is sure, at `LOST_CONFIDENCE`, that a variant loses more than `MOST_MISSING` of its seeds.

    By the lower end of the exact interval of Clopper and Pearson (1934), not by the share that happens to be seen.
    """
    return lost > 0 and float(stats.beta.ppf(1 - LOST_CONFIDENCE, lost, total - lost + 1)) > MOST_MISSING
