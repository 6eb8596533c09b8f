"""Simulated studies whose truth is known, judged by the code that judges real ones."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from soundproof.analysis.statistics.intervals import FloatArray
from soundproof.analysis.verdicts.decisions import Verdict, compared_variants, decide_claims
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.until_decided import UntilDecided
from soundproof.common.record import EndedTrial
from soundproof.search_spaces import find_study
from soundproof.search_spaces.claims import Better, Claim
from soundproof.search_spaces.studies import Level, Study, Variant

MAXIMUM_SEEDS = 30
MANY_PROCESSORS = 12

Noise = Callable[[np.random.Generator, tuple[int, int]], FloatArray]
"""Values of shape (variants, seeds) with mean 0 and standard deviation √½."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """A study, the true mean loss of its variants, and the verdicts on each claim that would be wrong or right."""

    study: Study
    losses: Mapping[str, float]
    margin: float
    wrong: tuple[frozenset[Verdict], ...]
    right: tuple[Verdict, ...] = ()
    noise: Noise


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How one simulated study ended."""

    verdicts: tuple[Verdict, ...]
    trials: int


def declare(claims: Sequence[Claim], variants: Sequence[str]) -> Study:
    """A study of those variants; what they are does not matter here."""
    model = find_study("asr-cnn-sublayer-order").variants[0]
    return Study(
        id="simulated",
        question="Is it calibrated?",
        source="simulation",
        baseline=variants[0],
        variants=tuple(
            Variant(
                id=variant,
                levels=(Level(factor="letter", value=variant),),
                features=model.features,
                network=model.network,
                recipe=model.recipe,
                epochs=1,
            )
            for variant in variants
        ),
        claims=tuple(claims),
    )


def better(*pairs: tuple[str, str]) -> Better:
    """The claim that the first of each pair is better."""
    return Better(text="better", source="simulation", pairs=pairs)


def normal(generator: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Normal noise."""
    noise: FloatArray = generator.normal(0, math.sqrt(0.5), shape)
    return noise


def unequal(generator: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Normal noise whose standard deviation grows sixfold from the first variant to the last."""
    deviations = np.geomspace(1, 6, shape[0])[:, None]
    noise: FloatArray = normal(generator, shape) * deviations / np.sqrt(np.mean(deviations**2))
    return noise


def heavy(generator: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Student's t with 4 degrees of freedom."""
    noise: FloatArray = generator.standard_t(4, shape) / 2
    return noise


def skewed_once(generator: np.random.Generator, shape: tuple[int, int]) -> FloatArray:
    """Exponential noise on the first variant, none on the others: differences as skewed as their parts."""
    noise = np.zeros(shape)
    noise[0] = generator.exponential(1, shape[1]) - 1
    return noise


def fixed(scenario: Scenario, seeds: int, generator: np.random.Generator) -> Outcome:
    """One study of so many seeds, looked at once."""
    losses = _losses(scenario, seeds, generator)
    trials = [_trial(scenario.study, losses, variant, seed) for seed in range(seeds) for variant in range(len(losses))]
    outcomes = Outcomes(trials, compared=compared_variants(scenario.study), planned_seeds=seeds)
    assert outcomes.looked_once
    return _outcome(scenario, outcomes, len(trials))


def until_decided(scenario: Scenario, generator: np.random.Generator, processors: int = MANY_PROCESSORS) -> Outcome:
    """One study that trains until its claims are decided, so many trials at a time."""
    study = scenario.study
    losses = _losses(scenario, MAXIMUM_SEEDS, generator)
    rows = {variant.id: row for row, variant in enumerate(study.variants)}
    trials: list[EndedTrial] = []
    schedule = UntilDecided(study, margin=scenario.margin, maximum_seeds=MAXIMUM_SEEDS)
    while wanted := schedule.wanted(trials, ()):
        trials += [_trial(study, losses, rows[variant], seed) for variant, seed in wanted[:processors]]
    return _outcome(scenario, Outcomes(trials, compared=compared_variants(study)), len(trials))


def _losses(scenario: Scenario, seeds: int, generator: np.random.Generator) -> FloatArray:
    means = np.array([scenario.losses[variant.id] for variant in scenario.study.variants])
    return means[:, None] + scenario.noise(generator, (len(means), seeds))


def _trial(study: Study, losses: FloatArray, row: int, seed: int) -> EndedTrial:
    metrics = {study.metric: float(losses[row, seed])}
    return EndedTrial(variant=study.variants[row].id, seed=seed, status="completed", metrics=metrics)


def _outcome(scenario: Scenario, outcomes: Outcomes, trials: int) -> Outcome:
    decisions = decide_claims(scenario.study, outcomes, scenario.margin)
    return Outcome(verdicts=tuple(decision.verdict for decision in decisions), trials=trials)


def any_wrong(scenario: Scenario, outcome: Outcome) -> bool:
    """Whether the study has even one wrong verdict."""
    return any(verdict in wrong for verdict, wrong in zip(outcome.verdicts, scenario.wrong, strict=True))


def all_right(scenario: Scenario, outcome: Outcome) -> bool:
    """Whether every claim has the right verdict."""
    return outcome.verdicts == scenario.right
