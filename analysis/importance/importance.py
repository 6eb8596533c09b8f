"""How much each factor matters for a metric, by PED-ANOVA, with intervals over seeds.

PED-ANOVA (Watanabe, Bansal and Hutter 2023, arXiv:2304.10255) asks: among the best trials, is a factor distributed
otherwise than among all? It measures that difference of the two marginal distributions by Pearson's divergence. Its
conditional form (arXiv:2601.20800, Optuna 5), used here, does so among the trials that have the factor, and so keeps
the factors that exist only beside certain values of others.

What it does not say:
- it is marginal: factors that work only together may each look idle, and in an unbalanced set of trials an idle
  factor that travels with a strong one looks strong;
- it is relative: the numbers sum to 1 over the factors that vary here, so they say nothing about the size of an
  effect, and something is at the top even where nothing matters: `by_chance` is there for that;
- it is exploratory: `by_chance` is not corrected for the number of factors. Verdicts come from claims, not from here;
- the intervals are rough: simulated over 5 seeds, those meant to hold 95% held 66% (a strong factor, whose share has
  little room above) to 99%, over 10 seeds 90% to 100%.

Where most variants have every seed, what a seed does to all of them is taken out first: like is compared with like.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from soundproof.analysis.importance.columns import Column, columns
from soundproof.analysis.importance.ped_anova import Divergences
from soundproof.analysis.importance.sample import Sample, comparable, sample_of
from soundproof.analysis.records.spec_parameters import Scalar, fill_absent, flatten_spec
from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.statistics.intervals import FloatArray, Interval

Granularity = Literal["levels", "params", "choices"]
"""Factors as the study declares them, the parameters of the trials' flattened specs, or the choices of a search."""

LEAST_TRIALS = 8
CONFIDENCE = 0.95
CHANCE_PARAMETER = "seed"
"""Not a factor: it names the draw of everything that is left to chance."""

IDLE = "among the best trials every factor is distributed as among all: there is nothing to explain"


@dataclass(frozen=True, kw_only=True, slots=True)
class Importance:
    """How much one factor matters, as a share of all factors that vary; the shares sum to 1.

    `interval` is the bootstrap's. `by_chance` is the share of shuffles in which the factor matters as much as here:
    values are shuffled among the trials of a seed where variants share seeds, else among all. `trials` have the
    factor, at `levels` values. `same_as` are factors that change exactly where this one does: the number is theirs as
    much as its own.
    """

    factor: str
    same_as: tuple[str, ...]
    importance: float
    interval: Interval
    by_chance: float
    trials: int
    levels: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FactorImportances:
    """All factors, the most important first, or the `reason` why there are no numbers.

    `n` trials were compared, from `seeds` seeds; the `best` trials are those that the others are held against.
    `left_out` counts the trials that were not compared, by why. `resampled` says what the intervals are over: "seeds",
    or "trials" where there are fewer than three seeds.
    """

    metric: str
    by: Granularity
    factors: tuple[Importance, ...]
    n: int
    seeds: int
    best: int
    resampled: Literal["seeds", "trials"]
    left_out: Mapping[str, int]
    reason: str | None


def factor_importances(
    trials: Sequence[TrialRecord],
    metric: str,
    *,
    generator: np.random.Generator,
    by: Granularity = "levels",
    resamples: int = 100,
) -> FactorImportances:
    """The importance of every factor that varies between `trials` for reaching the best quarter of `metric`.

    The best are at least 5 trials, or half of them where that is fewer. `trials` share a corpus and a preset.
    """
    compared, left_out = comparable(trials, metric)
    found = columns(_rows(compared, by))
    sample = sample_of(compared, metric)
    reason = _too_little(sample, found)
    factors = () if reason else _importances(found, sample, generator, resamples)
    return FactorImportances(
        metric=metric,
        by=by,
        factors=factors,
        n=len(compared),
        seeds=len(np.unique(sample.seeds)),
        best=sample.best,
        resampled="seeds" if sample.by_seed else "trials",
        left_out=left_out,
        reason=reason or (None if factors else IDLE),
    )


def _rows(trials: Sequence[TrialRecord], by: Granularity) -> Sequence[Mapping[str, Scalar]]:
    if by == "levels":
        return [dict(trial.levels) for trial in trials]
    if by == "choices":
        return [trial.choices for trial in trials]
    rows = fill_absent([flatten_spec(trial.spec) for trial in trials])
    return [{name: value for name, value in row.items() if name != CHANCE_PARAMETER} for row in rows]


def _too_little(sample: Sample, found: Sequence[Column]) -> str | None:
    if len(sample.losses) < LEAST_TRIALS:
        return f"importance needs at least {LEAST_TRIALS} trials with comparable numbers, got {len(sample.losses)}"
    if not found:
        return "importance needs a factor that takes at least two values among the trials, got none"
    if sample.losses.max() <= np.sort(sample.losses)[sample.best - 1]:
        return "the worst trials are as good as the best ones: there is nothing to explain"
    return None


def _importances(
    found: Sequence[Column], sample: Sample, generator: np.random.Generator, resamples: int
) -> tuple[Importance, ...]:
    """None at all where the best trials do not differ from the others in any factor."""
    trials = len(sample.losses)
    copies = sample.bootstrap_copies(generator, resamples)
    divergences = Divergences(found, trials, most_copies=int(copies.max()), best_share=(sample.best - 0.5) / trials)
    here = divergences.of(sample.losses)
    bootstrap = np.array([_shares(divergences.of(sample.losses, row)) for row in copies])
    bootstrap = bootstrap[np.isfinite(bootstrap[:, 0])]
    if here.sum() == 0 or not len(bootstrap):
        return ()
    shuffled = np.array([divergences.of(sample.shuffled(generator)) for _ in range(resamples)])
    by_chance = (1 + np.count_nonzero(shuffled >= here - 1e-12, axis=0)) / (1 + resamples)
    tail = _tail(len(np.unique(sample.units)))
    low, high = np.quantile(bootstrap, [tail, 1 - tail], axis=0)
    made = [
        Importance(
            factor=column.name,
            same_as=column.same_as,
            importance=float(share),
            interval=Interval(low=float(low[index]), high=float(high[index]), confidence=CONFIDENCE),
            by_chance=float(by_chance[index]),
            trials=len(column.values),
            levels=column.levels,
        )
        for index, (column, share) in enumerate(zip(found, _shares(here), strict=True))
    ]
    return tuple(sorted(made, key=lambda made: (-made.importance, made.factor)))


def _tail(units: int) -> float:
    """What lies beyond each end of an expanded percentile interval (Hesterberg 2015, section 5.3).

    Plain percentiles are too narrow for few units: they know neither Student's quantiles nor the divisor n - 1.
    """
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, units - 1)
    return float(stats.norm.cdf(-math.sqrt(units / (units - 1)) * quantile))


def _shares(divergences: FloatArray) -> FloatArray:
    total = divergences.sum()
    return divergences / total if total > 0 else np.full_like(divergences, math.nan)
