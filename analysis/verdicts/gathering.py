"""From trials to the evidence on a pair of variants, or on a contrast of several.

What is seen at a look is a function of the trials up to that seed, and of the first seeds of all variants: later trials
add looks, and change none. Runs that were lost (diverged, failed), and runs that did not train, give no difference;
what is shown has to hold, too, where each of them counts with what it reached, or, where that is nothing, as the worst
run seen by then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from soundproof.analysis.notation.quantities import Endpoint
from soundproof.analysis.statistics.intervals import FloatArray, IntegerArray
from soundproof.analysis.statistics.looks import (
    NO_COMMON_SPREAD,
    CommonSpread,
    Looks,
    blocked_looks,
    grouped_looks,
    paired_looks,
    shared_looks,
)
from soundproof.analysis.verdicts.evidence import FIRST_LOOK, LEAST_PAIRS, Evidence, Obstacle, View, too_many_lost
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.common import record
from soundproof.search_spaces.claims import Contrast, Pair, names_of, weights_of
from soundproof.search_spaces.studies import SpeaksFor


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    """One variant in a contrast: its values by seed, more being better, and the seeds that give none.

    Those of runs that did not train count among the latter unless the typical run is asked for; `reached` is what they
    ended with.
    """

    weight: float
    values: Mapping[int, float]
    reached: Mapping[int, float]
    lost: frozenset[int]


def gather(outcomes: Outcomes, compared: Pair | Contrast, endpoint: Endpoint, view: View = "trained") -> Evidence:
    """What the trials say about two variants or a contrast, measured by `endpoint`."""
    weights, measured = weights_of(compared), endpoint.quantity
    apart = tuple(outcomes.untrained(name, endpoint) if view == "trained" else frozenset[int]() for name in weights)
    common = outcomes.common_spread(endpoint) if view == "trained" else NO_COMMON_SPREAD
    # the margin matters through these two alone, and evidence is asked for at many
    key = (tuple(weights.items()), names_of(compared), measured.metric, measured.resolution, view, apart, common)
    found = outcomes.gathered(key, lambda: _gather(outcomes, compared, endpoint, view, apart=apart, common=common))
    return found if found.margin == endpoint.margin else replace(found, margin=endpoint.margin)


def _gather(
    outcomes: Outcomes,
    compared: Pair | Contrast,
    endpoint: Endpoint,
    view: View,
    *,
    apart: Sequence[frozenset[int]],
    common: CommonSpread,
) -> Evidence:
    weights, names = weights_of(compared), names_of(compared)
    seeds = outcomes.seeds(min(outcomes.counted(variant) for variant in weights))
    sides = [
        _side(outcomes, part, endpoint, seeds, apart=of_side)
        for part, of_side in zip(weights.items(), apart, strict=True)
    ]
    lost = frozenset[int]().union(*(side.lost for side in sides))
    whole = [seed for seed in seeds if seed not in lost]
    values = np.array([[side.values[seed] for seed in whole] for side in sides]).reshape(len(sides), len(whole))
    weighed = [side.weight for side in sides]
    differences: FloatArray = np.array(weighed) @ values
    # the least deviation is that of a pair, whose squared weights add up to 2
    least = outcomes.least_deviation(endpoint.quantity, weights) * float(np.sqrt(np.square(weighed).sum() / 2))
    groups = _groups(outcomes, weights, whole)
    alike = _alike(outcomes, weights, endpoint, whole)
    if len(set(groups)) > 1:
        looks = group_looks(differences, groups, outcomes.speaks_for, least, outcomes.shared_training)
    elif view == "trained" and not FIRST_LOOK <= alike == len(whole):
        looks = shared_looks(
            values, weighed, common, variants=outcomes.compared, least_deviation=least, paired=outcomes.paired
        )
    else:
        looks = paired_looks(differences, least)
    evidence = Evidence(
        first=names[0],
        second=names[1],
        variants=tuple(weights),
        with_difference=tuple(whole),
        differences=differences,
        looks=looks,
        worst=None,
        judged=np.ones(len(looks), dtype=bool),
        seeds=len(seeds),
        margin=endpoint.margin,
        least_deviation=least,
        planned=outcomes.planned,
        looked_once=outcomes.looked_once,
        obstacle=_obstacle(outcomes, weights, endpoint.quantity.metric, looks),
        alike=alike,
        groups=groups if len(set(groups)) > 1 else (),
        shared_training=outcomes.shared_training,
        view=view,
        clean=outcomes.clean_seeds,
        paired=outcomes.paired,
    )
    if view == "all runs":
        return replace(evidence, judged=_all_runs_known(looks, sides, whole) & (looks.counts >= outcomes.clean_seeds))
    if all(not side.lost for side in sides):
        return evidence
    return _typical(evidence, sides, seeds) if view == "typical" else _with_losses(evidence, sides, seeds, whole)


def group_looks(
    differences: FloatArray, groups: tuple[str, ...], speaks_for: SpeaksFor, least: float, shared_training: float
) -> Looks:
    """Looks at differences (n,) of seeds that held out different `groups`, by what they are to speak for."""
    if speaks_for == "these groups":
        return blocked_looks(differences, groups, least)
    return grouped_looks(differences, groups, least_deviation=least, shared_training=shared_training)


def _side(
    outcomes: Outcomes, part: tuple[str, float], endpoint: Endpoint, seeds: Sequence[int], *, apart: frozenset[int]
) -> _Side:
    """One variant with its weight; runs `apart` give no value."""
    variant, weight = part
    measured = endpoint.quantity
    sign = 1.0 if measured.higher_is_better else -1.0
    found = outcomes.values(variant, measured.metric)
    values = {seed: sign * found[seed] for seed in seeds if seed in found and seed not in apart}
    reached = {seed: sign * found[seed] for seed in seeds if seed in apart}
    return _Side(weight=weight, values=values, reached=reached, lost=frozenset(seeds) - values.keys())


def _with_losses(evidence: Evidence, sides: Sequence[_Side], seeds: Sequence[int], whole: Sequence[int]) -> Evidence:
    """The same, looked at after every seed, and where each run that gave no value counts as the worst one so far."""
    counts = np.searchsorted(whole, np.array(seeds), side="right")
    return replace(
        evidence,
        looks=_at(evidence.looks, counts),
        worst=_counting_worst(sides, seeds, evidence.least_deviation),
        judged=_judged(sides, seeds),
    )


def _at(looks: Looks, counts: IntegerArray) -> Looks:
    """The looks after so many values each; one after none shows nothing."""

    def taken(values: FloatArray) -> FloatArray:
        return np.concatenate([[np.nan], values])[counts]

    return replace(
        looks, counts=counts, means=taken(looks.means), errors=taken(looks.errors), freedom=taken(looks.freedom)
    )


def _counting_worst(sides: Sequence[_Side], seeds: Sequence[int], least_deviation: float) -> Looks:
    """Looks after every seed at contrasts in which every run counts: whoever reached nothing as the worst seen by then.

    Those before the first such run show nothing that the others do not, and are NaN.
    """
    values = np.array([[side.values.get(seed, side.reached.get(seed, np.nan)) for seed in seeds] for side in sides])
    weights = np.array([side.weight for side in sides])
    with np.errstate(invalid="ignore"):
        lowest = np.minimum.accumulate(np.where(np.isnan(values), np.inf, values).min(axis=0))
    found = np.full((3, len(seeds)), np.nan)
    first_lost = int(np.argmax([any(seed in side.lost for side in sides) for seed in seeds]))
    for look in range(max(first_lost, 1), len(seeds)):
        if np.isfinite(lowest[look]):
            filled = np.where(np.isnan(values[:, : look + 1]), lowest[look], values[:, : look + 1])
            contrast = weights @ filled
            spread = max(float(np.std(contrast, ddof=1)), least_deviation)
            found[:, look] = contrast.mean(), spread / np.sqrt(look + 1), look
    return Looks(counts=np.arange(1, len(seeds) + 1), means=found[0], errors=found[1], freedom=found[2])


def _judged(sides: Sequence[_Side], seeds: Sequence[int]) -> NDArray[np.bool_]:
    """At which looks no variant had certainly lost too many of its runs."""
    fit = np.ones(len(seeds), dtype=bool)
    for side in sides:
        lost = np.cumsum([seed in side.lost for seed in seeds]).tolist()
        fit &= [not too_many_lost(count, total) for total, count in enumerate(lost, start=1)]
    return fit


def _all_runs_known(looks: Looks, sides: Sequence[_Side], whole: Sequence[int]) -> NDArray[np.bool_]:
    """The looks by which no run was lost: what has no number has no mean."""
    first_lost = min((seed for side in sides for seed in side.lost), default=None)
    known = len(whole) if first_lost is None else int(np.searchsorted(whole, first_lost))
    return looks.counts <= known


def _typical(evidence: Evidence, sides: Sequence[_Side], seeds: Sequence[int]) -> Evidence:
    """Differences of every seed, endless where one side alone gave no value, NaN where all sides did not."""
    differences = np.zeros(len(seeds))
    with np.errstate(invalid="ignore"):
        for side in sides:
            values = np.array([side.values.get(seed, -np.inf) for seed in seeds])
            differences += side.weight * values
    return replace(evidence, differences=differences)


def _groups(outcomes: Outcomes, weights: Mapping[str, float], seeds: Sequence[int]) -> tuple[str, ...]:
    """What validated on each of the seeds, as far as it was recorded; empty where it was not."""
    variant = next(iter(weights))
    groups = []
    for seed in seeds:
        held_out = outcomes.trial(variant, seed).held_out
        if held_out is None:
            return ()
        groups.append(held_out.group)
    return tuple(groups)


def _alike(outcomes: Outcomes, weights: Mapping[str, float], endpoint: Endpoint, seeds: Sequence[int]) -> int:
    """On how many of the first seeds every loss of two variants is the same to the last bit."""
    if len(weights) != 2 or not seeds:
        return 0
    metrics = dict.fromkeys((endpoint.quantity.metric, record.best(record.VALIDATION_LOSS)))
    first, second = weights
    continuous = record.best(record.VALIDATION_LOSS) in outcomes.trial(
        first, seeds[0]
    ).metrics or not outcomes.least_deviation(endpoint.quantity, weights)
    same = (
        all(
            outcomes.trial(first, seed).metrics.get(metric) == outcomes.trial(second, seed).metrics.get(metric)
            for metric in metrics
        )
        for seed in seeds
    )
    return len(list(takewhile(bool, same))) if continuous else 0


def _obstacle(outcomes: Outcomes, weights: Mapping[str, float], metric: str, looks: Looks) -> Obstacle | None:
    unfit = [found for variant in weights if (found := outcomes.unfit(variant, metric)) is not None]
    if unfit:
        return min(unfit, key=lambda found: found.kind != "infeasible")
    least = LEAST_PAIRS if outcomes.looked_once else FIRST_LOOK - looks.early
    pairs = int(looks.counts[-1]) if len(looks) else 0
    return Obstacle(kind="too few", variant=None, count=pairs, total=least) if pairs < least else None
