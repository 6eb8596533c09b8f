"""The best few of a search, trained again on seeds that it has not seen: the only numbers of a search to rely on.

The best of many noisy numbers is best partly by luck, so the number by which a search picks a variant flatters it. What
the variant reaches on fresh seeds does not know of that luck.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from soundproof.analysis.notation.bounds import reported_difference, reported_mean
from soundproof.analysis.notation.quantities import Quantity, least_deviation, quantity, recorded_resolution
from soundproof.analysis.records.spec_parameters import Scalar
from soundproof.analysis.records.trials import SearchRecords, TrialRecord, count_statuses, values_by_seed
from soundproof.analysis.statistics.intervals import Estimate, improvements, mean_interval
from soundproof.analysis.statistics.looks import last_interval, paired_looks
from soundproof.analysis.statistics.multiple_comparisons import holm
from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sequential import sequential_interval, sequential_p_value
from soundproof.analysis.verdicts.evidence import MOST_MISSING
from soundproof.common import record
from soundproof.common.record import Status

CONFIDENCE = 0.95
LEVEL = 0.05
"""The chance of telling apart even one pair that is alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed:
    """One variant of the best few, over its fresh seeds.

    `own` is the number by which the search picked it, and `optimism` how much better that is than the mean of the
    fresh seeds: positive where the search flattered. `test` is the test metric over the same seeds, by which nothing
    is chosen. `unfit`: so many of its trials ended without a number that those that survive are a selection.
    """

    variant: str
    trial_id: str
    number: int | None
    choices: Mapping[str, Scalar]
    values: Mapping[int, float]
    estimate: Estimate
    own: float | None
    optimism: float | None
    test: Estimate | None
    statuses: Mapping[Status, int]
    unfit: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmedPair:
    """Two confirmed variants over the seeds that both have; a positive `effect` means: the first is better.

    `p_value` is that of the two-sided paired t test, or of the one that is valid at every look (see `Confirmation`),
    `adjusted_p_value` after Holm's correction over all pairs.
    """

    first: str
    second: str
    effect: Estimate
    p_value: float
    adjusted_p_value: float

    @property
    def apart(self) -> bool:
        """Whether the two can be told apart."""
        return self.adjusted_p_value <= LEVEL


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """The confirmed variants, the best mean first, those that cannot be judged last, and all pairs that can.

    `looked_once`: the number of fresh seeds was declared before any of them had ended, so that pairs get Student's
    paired t test. Where it was raised after looking, or nobody can tell, they get the sequential one.
    """

    looked_once: bool
    test_measured: Quantity | None
    variants: tuple[Confirmed, ...]
    pairs: tuple[ConfirmedPair, ...]

    @property
    def winner(self) -> Confirmed | None:
        """The first of those that can be judged."""
        return next((variant for variant in self.variants if not variant.unfit), None)

    @property
    def against_winner(self) -> tuple[ConfirmedPair, ...]:
        """The pairs of the winner with each other."""
        winner = self.winner
        return tuple(pair for pair in self.pairs if winner is not None and pair.first == winner.variant)


def confirm(records: SearchRecords, measured: Quantity) -> Confirmation:
    """What the fresh seeds say by `measured`, the first objective of the search."""
    test_metric = _test_metric(measured.metric)
    by_variant: dict[str, list[TrialRecord]] = {}
    for trial in records.confirmations:
        by_variant.setdefault(trial.variant, []).append(trial)
    searched = {trial.variant: trial for trial in records.searched}  # of a lineage, its last generation
    variants = [
        _confirmed(trials, searched.get(variant), measured, test_metric) for variant, trials in by_variant.items()
    ]
    variants.sort(key=lambda confirmed: (confirmed.unfit, _loss(confirmed, measured)))
    fit = [variant for variant in variants if not variant.unfit]
    looked_once = records.declared is None or records.declared.before
    return Confirmation(
        looked_once=looked_once,
        test_measured=None if test_metric is None else quantity(test_metric, records.margin),
        variants=tuple(variants),
        pairs=_pairs(fit, measured, _least_deviation(records, measured), looked_once=looked_once),
    )


def _confirmed(
    trials: Sequence[TrialRecord], searched: TrialRecord | None, measured: Quantity, test_metric: str | None
) -> Confirmed:
    values = values_by_seed(trials, measured.metric)
    estimate = _estimate(trials, measured.metric)
    ended = [trial for trial in trials if trial.status != "interrupted"]
    known = searched or trials[0]
    own = None if searched is None else searched.value(measured.metric)
    sign = 1.0 if measured.higher_is_better else -1.0
    test = None if test_metric is None else _estimate(trials, test_metric)
    return Confirmed(
        variant=known.variant,
        trial_id=known.trial_id,
        number=known.number,
        choices=known.choices,
        values=values,
        estimate=estimate,
        own=own,
        optimism=None if own is None or estimate.value is None else sign * (own - estimate.value),
        test=test if test is not None and test.n else None,
        statuses=count_statuses(trial.status for trial in trials),
        unfit=not values or len(ended) - len(values) > MOST_MISSING * len(ended),
    )


def _pairs(
    variants: Sequence[Confirmed], measured: Quantity, least: float, *, looked_once: bool
) -> tuple[ConfirmedPair, ...]:
    """Every pair, since which variant leads is only known from the same data."""
    one_sided = t_p_value if looked_once else sequential_p_value
    interval = last_interval if looked_once else sequential_interval
    drawn = [
        (first, second, improvements(first.values, second.values, higher_is_better=measured.higher_is_better))
        for first, second in combinations(variants, 2)
    ]
    p_values = [
        min(1.0, 2 * min(one_sided(differences * sign, least_deviation=least) for sign in (1.0, -1.0)))
        for _, _, differences in drawn
    ]
    adjusted = holm(np.array(p_values, dtype=np.float64))
    return tuple(
        ConfirmedPair(
            first=first.variant,
            second=second.variant,
            effect=reported_difference(interval(paired_looks(differences, least), CONFIDENCE), measured),
            p_value=p_value,
            adjusted_p_value=float(corrected),
        )
        for (first, second, differences), p_value, corrected in zip(drawn, p_values, adjusted, strict=True)
    )


def _estimate(trials: Sequence[TrialRecord], metric: str) -> Estimate:
    values = np.array(list(values_by_seed(trials, metric).values()), dtype=np.float64)
    resolution = max((recorded_resolution(metric, trial.metrics) for trial in trials), default=0.0)
    found = mean_interval(values, CONFIDENCE, least_deviation(resolution) / math.sqrt(2))
    return reported_mean(found, quantity(metric))


def _least_deviation(records: SearchRecords, measured: Quantity) -> float:
    steps = (recorded_resolution(measured.metric, trial.metrics) for trial in records.confirmations)
    return least_deviation(max(measured.resolution, *steps, 0.0))


def _loss(confirmed: Confirmed, measured: Quantity) -> float:
    mean = confirmed.estimate.value
    return math.inf if mean is None else -mean if measured.higher_is_better else mean


def _test_metric(metric: str) -> str | None:
    """The test metric that goes with a validation metric; None for what is measured on no examples, such as costs."""
    validation = record.best(record.VALIDATION_PREFIX)
    return record.TEST_PREFIX + metric.removeprefix(validation) if metric.startswith(validation) else None
