"""The ended trials of a study, as decisions read them: by variant and seed, in the order of seeds.

A seed counts only when it and every smaller seed have ended, so that trials that happen to end early are not preferred
(`Outcomes.looked_once` is the exception: all that was planned has ended).
"""

import math
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from functools import cached_property

import numpy as np

from soundproof.analysis.notation.quantities import Endpoint, Quantity, least_deviation, recorded_resolution
from soundproof.analysis.statistics.intervals import FloatArray
from soundproof.analysis.statistics.looks import FIRST_STAGE, CommonSpread, common_spread
from soundproof.analysis.statistics.untrained import GAP, clean_seeds_needed, untrained
from soundproof.analysis.verdicts.evidence import Ended, Evidence, Obstacle, too_many_lost
from soundproof.common import record
from soundproof.search_spaces.studies import SpeaksFor

FOLD = "fold"
"""What is held out where seeds are turns of a cross-validation."""

FEWEST_FOLDS = 3
"""One that trains, one that validates, one that tests."""


class Outcomes:
    """The ended trials of a study by variant and seed.

    An interrupted trial has not ended: it will be run again. `compared` are the variants that statistical claims
    speak of, and `planned_seeds` their seeds where the number was fixed before any data, counted from `first_seed`.
    `rare_failure` is the study's: of so many clean seeds as it asks for, variants without any spread are believed to be
    the same, and a mean over all runs is believed at all. `speaks_for` is the study's, too. `paired`: trials of one
    seed have it in common.
    """

    def __init__(
        self,
        trials: Iterable[Ended],
        *,
        compared: Collection[str],
        planned_seeds: int | None = None,
        infeasible: Collection[str] = (),
        first_seed: int = 0,
        rare_failure: float | None = None,
        speaks_for: SpeaksFor = "new groups",
        paired: bool = True,
    ) -> None:
        self._trials: dict[str, dict[int, Ended]] = {}
        found_infeasible = set(infeasible)
        for trial in trials:
            if trial.status == "infeasible":
                found_infeasible.add(trial.variant)
            elif trial.seed is not None and trial.status != "interrupted":
                self._trials.setdefault(trial.variant, {})[trial.seed] = trial
        self.infeasible = frozenset(found_infeasible)
        self.first_seed, self.planned = first_seed, planned_seeds is not None
        self.speaks_for: SpeaksFor = speaks_for
        self.paired = paired
        self.clean_seeds = 0 if rare_failure is None else clean_seeds_needed(rare_failure)
        self._compared = sorted(variant for variant in compared if variant not in self.infeasible)
        self.looked_once = planned_seeds is not None and self._have_just(self.seeds(planned_seeds))
        self._counted = {variant: self._count(trials) for variant, trials in self._trials.items()}
        self._values: dict[tuple[str, str], dict[int, float]] = {}
        self._untrained: dict[Endpoint, Mapping[str, frozenset[int]]] = {}
        self._common: dict[Endpoint, CommonSpread] = {}
        self._every_seed: dict[str, FloatArray] = {}
        self._steps: dict[tuple[str, str], float] = {}
        self._gathered: dict[Hashable, Evidence] = {}

    def seeds(self, count: int) -> range:
        """The first so many seeds."""
        return range(self.first_seed, self.first_seed + count)

    def ended(self, variant: str) -> Collection[int]:
        """The seeds that have ended, in any order."""
        return self._trials.get(variant, {}).keys()

    def trial(self, variant: str, seed: int) -> Ended:
        """A trial that has ended."""
        return self._trials[variant][seed]

    def counted(self, variant: str) -> int:
        """How many seeds count, from the first on: those before the first that has not ended."""
        return self._counted.get(variant, 0)

    def values(self, variant: str, metric: str) -> Mapping[int, float]:
        """The metric by seed, of the seeds that count and have a comparable number."""
        key = (variant, metric)
        if key not in self._values:
            counted = {seed: self._trials[variant][seed] for seed in self.seeds(self.counted(variant))}
            comparable = {seed: trial for seed, trial in counted.items() if trial.status in record.COMPARABLE}
            values = {seed: trial.metrics.get(metric, math.nan) for seed, trial in comparable.items()}
            self._values[key] = {seed: value for seed, value in values.items() if math.isfinite(value)}
        return self._values[key]

    def gathered(self, key: Hashable, gather: Callable[[], Evidence]) -> Evidence:
        """What was gathered under the key, which says all that it hangs on beside these trials: once."""
        if key not in self._gathered:
            self._gathered[key] = gather()
        return self._gathered[key]

    def untrained(self, variant: str, endpoint: Endpoint) -> frozenset[int]:
        """The seeds on which the variant's runs ended with a number, and did not train."""
        if endpoint not in self._untrained:
            measured = endpoint.quantity
            values = self._of_every_seed(measured.metric)
            # of a metric that moves in steps, a few of them are no failure, however alike the first seeds are
            least_gap = max(endpoint.margin, GAP * self.least_deviation(measured, self._compared))
            found = untrained(values, least_gap, higher_is_better=measured.higher_is_better)
            self._untrained[endpoint] = {
                variant: frozenset((np.flatnonzero(row) + self.first_seed).tolist())
                for variant, row in zip(self._compared, found, strict=True)
            }
        return self._untrained[endpoint].get(variant, frozenset())

    def common_spread(self, endpoint: Endpoint) -> CommonSpread:
        """What the first seeds of all compared variants say together of the spread, runs that did not train apart."""
        if endpoint not in self._common:
            values = self._of_every_seed(endpoint.quantity.metric)[:, :FIRST_STAGE].copy()
            for row, variant in zip(values, self._compared, strict=True):
                stage = [seed - self.first_seed for seed in self.untrained(variant, endpoint)]
                row[[index for index in stage if index < FIRST_STAGE]] = math.nan
            self._common[endpoint] = common_spread(values)
        return self._common[endpoint]

    def _of_every_seed(self, metric: str) -> FloatArray:
        """The values of all compared variants (variants, seeds), not to be changed."""
        if metric not in self._every_seed:
            self._every_seed[metric] = self.matrix(self._compared, metric, every_seed=True)
        return self._every_seed[metric]

    @cached_property
    def shared_training(self) -> float:
        """The ratio of the clips that a fold holds out for validation to those it trains on; 0 without folds.

        Of k folds one validates, one tests, and the others train.
        """
        held_out = [trial.held_out for trials in self._trials.values() for trial in trials.values()]
        folds = {held.group for held in held_out if held is not None and held.kind == FOLD}
        return 1 / (max(len(folds), FEWEST_FOLDS) - 2) if folds else 0.0

    @property
    def compared(self) -> int:
        """How many variants statistical claims compare."""
        return len(self._compared)

    def judged(self, variants: Iterable[str], metric: str) -> list[str]:
        """Those of the variants that are judged by their numbers: they have some, and lost too few seeds to matter."""
        return [variant for variant in variants if self.values(variant, metric) and self.unfit(variant, metric) is None]

    def matrix(self, variants: Iterable[str], metric: str, *, every_seed: bool = False) -> FloatArray:
        """The values (variants, seeds), NaN for what is missing, over the seeds that any of the variants has.

        With `every_seed`, over all seeds from the first to the last that any of them has.
        """
        sides = [self.values(variant, metric) for variant in variants]
        seeds = sorted({seed for side in sides for seed in side})
        if every_seed and seeds:
            seeds = list(range(self.first_seed, seeds[-1] + 1))
        found = [[side.get(seed, math.nan) for seed in seeds] for side in sides]
        return np.array(found, dtype=np.float64).reshape(len(sides), len(seeds))

    def least_deviation(self, measured: Quantity, variants: Iterable[str]) -> float:
        """The least standard deviation that differences between `variants` are taken to have, by the coarsest trial."""
        steps = (self._step(variant, measured.metric) for variant in variants)
        return least_deviation(max(measured.resolution, *steps, 0.0))

    def _step(self, variant: str, metric: str) -> float:
        """The coarsest step of the metric in trials of the variant."""
        if (variant, metric) not in self._steps:
            trials = self._trials.get(variant, {}).values()
            steps = (recorded_resolution(metric, trial.metrics) for trial in trials)
            self._steps[variant, metric] = max(steps, default=0.0)
        return self._steps[variant, metric]

    def unfit(self, variant: str, metric: str) -> Obstacle | None:
        """Why a variant is not judged by its numbers: it cannot be trained, or too few of its trials survived."""
        if variant in self.infeasible:
            return Obstacle(kind="infeasible", variant=variant)
        total = self.counted(variant)
        missing = total - len(self.values(variant, metric))
        if too_many_lost(missing, total):
            return Obstacle(kind="failures", variant=variant, count=missing, total=total)
        return None

    def _count(self, trials: Collection[int]) -> int:
        seeds = self.seeds(len(trials))
        return next((seed for seed in seeds if seed not in trials), seeds.stop) - self.first_seed

    def _have_just(self, planned: range) -> bool:
        return all(self._trials.get(variant, {}).keys() == set(planned) for variant in self._compared)
