"""The trials that importance compares, and how they are drawn again."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.statistics.intervals import FloatArray
from soundproof.common import record

LEAST_SEEDS = 3
LEAST_BEST = 5
BEST_SHARE = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """Losses (lower is better) and seeds of the trials compared (trials,), and how many of them are the best.

    `paired`: most variants have every seed, and `losses` are without what a seed does to all of them.
    """

    losses: FloatArray
    seeds: NDArray[np.int64]
    paired: bool
    best: int

    @property
    def by_seed(self) -> bool:
        """Whether there are seeds enough to resample them."""
        return len(np.unique(self.seeds)) >= LEAST_SEEDS

    @property
    def units(self) -> NDArray[np.int64]:
        """What is resampled as a whole: the number of each trial's seed, or of the trial itself."""
        return self.seeds if self.by_seed else np.arange(len(self.losses))

    def bootstrap_copies(self, generator: np.random.Generator, resamples: int) -> NDArray[np.int64]:
        """How often each trial is in each resample (resamples, trials), whole units drawn with replacement."""
        names, unit_of_trial = np.unique(self.units, return_inverse=True)
        drawn = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
        return drawn[:, unit_of_trial]

    def shuffled(self, generator: np.random.Generator) -> FloatArray:
        """The losses, shuffled among the trials of each seed where they are paired, else among all."""
        losses = self.losses.copy()
        blocks = self.seeds if self.paired else np.zeros_like(self.seeds)
        for block in np.unique(blocks):
            here = blocks == block
            losses[here] = generator.permutation(losses[here])
        return losses


def sample_of(trials: Sequence[TrialRecord], metric: str) -> Sample:
    """The numbers of comparable trials. The best are a quarter, at least 5, or half where that is fewer."""
    values = np.array([trial.metrics[metric] for trial in trials], dtype=np.float64)
    losses = -values if record.higher_is_better(metric) else values
    shared = _of_variants_with_every_seed(trials)
    seeds = np.array([trial.seed for trial in trials], dtype=np.int64)
    return Sample(
        losses=losses if shared is None else _without_seed_effect(losses, seeds, shared),
        seeds=seeds,
        paired=shared is not None,
        best=max(math.ceil(BEST_SHARE * len(trials)), min(LEAST_BEST, len(trials) // 2)),
    )


def _of_variants_with_every_seed(trials: Sequence[TrialRecord]) -> NDArray[np.bool_] | None:
    """Which trials (trials,) are of variants that every seed has; None where most variants lack some seed."""
    variants_of: dict[int | None, set[str]] = {}
    for trial in trials:
        variants_of.setdefault(trial.seed, set()).add(trial.variant)
    everywhere = set.intersection(*variants_of.values()) if variants_of else set()
    if len(everywhere) < 2 or 2 * len(everywhere) <= len({trial.variant for trial in trials}):
        return None
    return np.array([trial.variant in everywhere for trial in trials])


def _without_seed_effect(losses: FloatArray, seeds: NDArray[np.int64], shared: NDArray[np.bool_]) -> FloatArray:
    """`losses` less the mean that each seed gives to the variants that every seed has, rounded: equal stays equal.

    A seed that is hard for all would otherwise hide what the variants differ in.
    """
    centred = losses.copy()
    for seed in np.unique(seeds):
        centred[seeds == seed] -= losses[(seeds == seed) & shared].mean()
    size = float(np.abs(losses).max())
    return np.round(centred, 12 - math.ceil(math.log10(size))) if size > 0 else centred


def comparable(trials: Sequence[TrialRecord], metric: str) -> tuple[list[TrialRecord], dict[str, int]]:
    """The trials that have a number, in an order of their own, and how many of the others there are, by why."""
    kept: list[TrialRecord] = []
    left_out: Counter[str] = Counter()
    for trial in trials:
        if not trial.comparable:
            left_out[trial.status] += 1
        elif not math.isfinite(trial.metrics.get(metric, math.nan)):
            left_out[f"without a finite value of {metric}"] += 1
        else:
            kept.append(trial)
    return sorted(kept, key=lambda trial: (trial.variant, trial.seed or 0, trial.run_id)), dict(left_out)
