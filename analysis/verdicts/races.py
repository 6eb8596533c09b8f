"""Which of two variants reaches a target in fewer epochs, seed by seed, where some runs never do.

A run that ended without reaching the target is censored at its last epoch: all that is known is that it would have
taken longer. What that leaves open is not guessed: a seed counts as sooner or later only where the epochs that both
variants trained show it, and otherwise as neither (`search_spaces.claims.ReachesSooner`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from soundproof.analysis.statistics.intervals import FloatArray, Interval
from soundproof.analysis.statistics.looks import paired_looks
from soundproof.analysis.verdicts.evidence import FIRST_LOOK, LEAST_PAIRS, Ended, Evidence, Obstacle, Race, Run
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.common import record
from soundproof.search_spaces.claims import Pair, ReachesSooner


def race(outcomes: Outcomes, pair: Pair, claim: ReachesSooner) -> Evidence:
    """What the trials say about which of two variants reaches the claim's target sooner.

    The differences are 1 where the first is sooner, -1 where it is later, and 0 where that cannot be told.
    """
    seeds = outcomes.seeds(min(outcomes.counted(variant) for variant in pair))
    runs = [(_run(outcomes.trial(pair[0], seed), claim), _run(outcomes.trial(pair[1], seed), claim)) for seed in seeds]
    differences = np.array([_sooner(first, second, claim.margin) for first, second in runs], dtype=np.float64)
    looks = paired_looks(differences)
    return Evidence(
        first=pair[0],
        second=pair[1],
        variants=pair,
        with_difference=tuple(seeds),
        differences=differences,
        looks=looks,
        worst=None,
        judged=np.ones(len(looks), dtype=bool),
        seeds=len(seeds),
        margin=float(claim.margin),
        least_deviation=0.0,
        planned=outcomes.planned,
        looked_once=outcomes.looked_once,
        obstacle=_obstacle(outcomes, pair, len(seeds)),
        view="typical",
        race=Race(runs=tuple(runs)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrivals:
    """How one variant came to the target: `reached` of `runs`, those that failed left out.

    `median_epochs` is Kaplan and Meier's median, in which censored runs count as long as they were trained; None where
    fewer than half are seen to arrive.
    """

    reached: int
    runs: int
    median_epochs: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RaceResult:
    """A race over all its seeds: on how many the first was sooner, later, or neither; and both sides' arrivals."""

    sooner: int
    later: int
    neither: int
    first: Arrivals
    second: Arrivals


def race_result(evidence: Evidence) -> RaceResult | None:
    """The result; None of evidence that is no race."""
    if evidence.race is None:
        return None
    signs = np.sign(evidence.differences)
    first, second = ([runs[side] for runs in evidence.race.runs] for side in (0, 1))
    return RaceResult(
        sooner=int(np.sum(signs > 0)),
        later=int(np.sum(signs < 0)),
        neither=int(np.sum(signs == 0)),
        first=arrivals(first),
        second=arrivals(second),
    )


def epochs_saved(evidence: Evidence) -> tuple[tuple[int, float], ...]:
    """By seed, how many epochs fewer the first took; of the seeds on which both arrived."""
    assert evidence.race is not None
    seeds = zip(evidence.with_difference, evidence.race.runs, strict=True)
    return tuple(
        (seed, float(second.reached - first.reached))
        for seed, (first, second) in seeds
        if first.reached is not None and second.reached is not None
    )


def median_interval(values: FloatArray, confidence: float) -> Interval | None:
    """The interval of a median by order statistics (Conover 1999), which holds for every distribution.

    None where the values are too few for any of this confidence.
    """
    if len(values) < LEAST_PAIRS:
        return None
    found = stats.quantile_test(values, p=0.5).confidence_interval(confidence)
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return None
    return Interval(low=float(found.low), high=float(found.high), confidence=confidence)


def arrivals(runs: Sequence[Run]) -> Arrivals:
    """Of the runs of one variant."""
    known = [run for run in runs if run.last > 0]
    reached = [float(run.reached) for run in known if run.reached is not None]
    censored = [run.last for run in known if run.reached is None]
    return Arrivals(reached=len(reached), runs=len(known), median_epochs=_median(reached, censored))


def _median(reached: Sequence[float], censored: Sequence[float]) -> float | None:
    """The first epoch by which half are estimated to have arrived."""
    if not reached:
        return None
    latest = max((*reached, *(last for last in censored if math.isfinite(last)))) + 1
    still_out = stats.ecdf(stats.CensoredData(uncensored=reached, right=np.minimum(censored, latest))).sf
    by_half = still_out.quantiles[(still_out.probabilities <= 0.5) & (still_out.quantiles < latest)]
    return float(by_half[0]) if len(by_half) else None


def _run(trial: Ended, claim: ReachesSooner) -> Run:
    if trial.status == "diverged":
        return Run(reached=None, last=math.inf)
    curve = trial.history.get(claim.metric, ())
    if trial.status not in record.COMPARABLE or not curve:
        return Run(reached=None, last=0.0)
    sign = 1 if record.higher_is_better(claim.metric) else -1
    reached = next((epoch for epoch, value in curve if sign * value >= sign * claim.target), None)
    return Run(reached=reached, last=float(curve[-1][0]))


def _sooner(first: Run, second: Run, margin: int) -> int:
    """1 where the first is sooner by the margin or more, -1 where the second is, 0 where neither can be told."""
    return int(_is_sooner(first, second, margin)) - int(_is_sooner(second, first, margin))


def _is_sooner(one: Run, other: Run, margin: int) -> bool:
    """A censored run takes at least one epoch more than it was trained."""
    if one.reached is None:
        return False
    return one.reached + margin <= (other.last + 1 if other.reached is None else other.reached)


def _obstacle(outcomes: Outcomes, pair: Pair, seeds: int) -> Obstacle | None:
    infeasible = [variant for variant in pair if variant in outcomes.infeasible]
    if infeasible:
        return Obstacle(kind="infeasible", variant=infeasible[0])
    least = LEAST_PAIRS if outcomes.looked_once else FIRST_LOOK
    return Obstacle(kind="too few", variant=None, count=seeds, total=least) if seeds < least else None
