"""What ended trials give a pair of variants to be decided on: paired differences, and what stands in the way.

Two rules keep the choice of trials from speaking for itself. A seed counts only when it and every smaller seed have
ended, so that trials that happen to end early are not preferred (`Outcomes.looked_once` is the exception: all that was
planned has ended). And a variant that lost more than a quarter of its seeds is not judged by the ones that survived.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from soundproof.analysis.notation.quantities import Endpoint, Quantity, least_deviation, recorded_resolution
from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.statistics.intervals import FloatArray, improvements
from soundproof.common import record
from soundproof.common.record import EndedTrial

MOST_MISSING = 0.25
"""The share of a variant's ended seeds that may lack a comparable number."""

FIRST_LOOK = 3
"""The pairs at which a test that may be looked at again and again begins."""

LEAST_PAIRS = 2
"""The pairs that show a spread at all."""


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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Evidence:
    """Two variants and their paired differences (n,) in the order of seeds, positive where the first is better.

    `seeds` are those that count: ended on both sides, with a comparable number or not.
    """

    first: str
    second: str
    differences: FloatArray
    seeds: int
    margin: float
    least_deviation: float
    looked_once: bool
    obstacle: Obstacle | None


class Outcomes:
    """The ended trials of a study by variant and seed.

    An interrupted trial has not ended: it will be run again. `compared` are the variants that statistical claims
    speak of, and `planned_seeds` their seeds where the number was fixed before any data.
    """

    def __init__(
        self,
        trials: Iterable[Ended],
        *,
        compared: Collection[str],
        planned_seeds: int | None = None,
        infeasible: Collection[str] = (),
    ) -> None:
        self._trials: dict[str, dict[int, Ended]] = {}
        found_infeasible = set(infeasible)
        for trial in trials:
            if trial.status == "infeasible":
                found_infeasible.add(trial.variant)
            elif trial.seed is not None and trial.status != "interrupted":
                self._trials.setdefault(trial.variant, {})[trial.seed] = trial
        self.infeasible = frozenset(found_infeasible)
        self.looked_once = self._as_planned(compared, planned_seeds)
        self._counted = {
            variant: next((seed for seed in range(len(trials)) if seed not in trials), len(trials))
            for variant, trials in self._trials.items()
        }
        self._values: dict[tuple[str, str], dict[int, float]] = {}

    def ended(self, variant: str) -> Collection[int]:
        """The seeds that have ended, in any order."""
        return self._trials.get(variant, {}).keys()

    def counted(self, variant: str) -> int:
        """How many seeds count, from 0 on: those before the first that has not ended."""
        return self._counted.get(variant, 0)

    def values(self, variant: str, metric: str) -> Mapping[int, float]:
        """The metric by seed, of the seeds that count and have a comparable number."""
        key = (variant, metric)
        if key not in self._values:
            counted = {seed: self._trials[variant][seed] for seed in range(self.counted(variant))}
            comparable = {seed: trial for seed, trial in counted.items() if trial.status in record.COMPARABLE}
            values = {seed: trial.metrics.get(metric, math.nan) for seed, trial in comparable.items()}
            self._values[key] = {seed: value for seed, value in values.items() if math.isfinite(value)}
        return self._values[key]

    def pair(self, first: str, second: str, endpoint: Endpoint) -> Evidence:
        """What the trials say about the two, measured by `endpoint`."""
        measured = endpoint.quantity
        sides = [self.values(variant, measured.metric) for variant in (first, second)]
        differences = improvements(*sides, higher_is_better=measured.higher_is_better)
        return Evidence(
            first=first,
            second=second,
            differences=differences,
            seeds=min(self.counted(first), self.counted(second)),
            margin=endpoint.margin,
            least_deviation=self.least_deviation(measured, (first, second)),
            looked_once=self.looked_once,
            obstacle=self._obstacle(first, second, measured.metric, len(differences)),
        )

    def judged(self, variants: Iterable[str], metric: str) -> list[str]:
        """Those of the variants that are judged by their numbers: they have some, and lost too few seeds to matter."""
        return [variant for variant in variants if self.values(variant, metric) and self.unfit(variant, metric) is None]

    def matrix(self, variants: Iterable[str], metric: str) -> FloatArray:
        """The values (variants, seeds) over the seeds that any of the variants has, NaN for what is missing."""
        sides = [self.values(variant, metric) for variant in variants]
        seeds = sorted({seed for side in sides for seed in side})
        return np.array([[side.get(seed, math.nan) for seed in seeds] for side in sides])

    def least_deviation(self, measured: Quantity, variants: Iterable[str]) -> float:
        """The least standard deviation that differences between `variants` are taken to have, by the coarsest trial."""
        trials = (trial for variant in variants for trial in self._trials.get(variant, {}).values())
        steps = (recorded_resolution(measured.metric, trial.metrics) for trial in trials)
        return least_deviation(max(measured.resolution, *steps, 0.0))

    def unfit(self, variant: str, metric: str) -> Obstacle | None:
        """Why a variant is not judged by its numbers: it cannot be trained, or too few of its trials survived."""
        if variant in self.infeasible:
            return Obstacle(kind="infeasible", variant=variant)
        total = self.counted(variant)
        missing = total - len(self.values(variant, metric))
        if missing > MOST_MISSING * total:
            return Obstacle(kind="failures", variant=variant, count=missing, total=total)
        return None

    def _obstacle(self, first: str, second: str, metric: str, pairs: int) -> Obstacle | None:
        unfit = [found for variant in (first, second) if (found := self.unfit(variant, metric)) is not None]
        if unfit:
            return min(unfit, key=lambda found: found.kind != "infeasible")
        least = LEAST_PAIRS if self.looked_once else FIRST_LOOK
        return Obstacle(kind="too few", variant=None, count=pairs, total=least) if pairs < least else None

    def _as_planned(self, compared: Collection[str], planned_seeds: int | None) -> bool:
        if planned_seeds is None:
            return False
        planned = set(range(planned_seeds))
        feasible = [variant for variant in compared if variant not in self.infeasible]
        return all(self._trials.get(variant, {}).keys() == planned for variant in feasible)
