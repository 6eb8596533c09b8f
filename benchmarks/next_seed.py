"""Which seed next: trials until all claims are decided, by the engine's rule, by seven others, and with hindsight.

    python -m benchmarks.next_seed [SET ...] [--studies N] [--rules RULE ...] [--processors N] [--json FILE]

Every rule chooses on the same simulated studies (`benchmarks.scenarios`), judged by the decisions of this checkout,
so many trials at a time. All begin with the engine's first look, and end when every claim is decided or
its variants have had 30 seeds; a study with a wrong verdict counts as one that used all of them. `anytime` is the mean
over claims of the trials that were used when the claim was decided (all that the study could have, where it was not):
what a rule is worth to somebody who stops early.

`today's, giving up` trains no more for a claim that 30 seeds do not decide even if its pairs lie at the better ends of
their 90% intervals; `decided` is the share of claims that are, in the end.

`with hindsight` is no rule: it knows every loss before it is measured, leaves claims alone that 30 seeds do not decide,
and gives the others the fewest seeds that decide them, as far as taking seeds away from one variant after the other
finds them. No rule can be expected to come near it. Ratios are of sums over studies, with the standard error of
paired studies.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import judge_simulated, scenarios
from benchmarks.next_seed_rules import RULES, Rule, variants_alive
from benchmarks.next_seed_rules import wanted as wanted_by
from benchmarks.scenarios import MAXIMUM_SEEDS, Losses, Scenario
from soundproof.analysis.verdicts.decisions import Decision, compared_variants, decide_claims
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.until_decided import SeedRequest, UntilDecided
from soundproof.common.record import EndedTrial
from soundproof.search_spaces.studies import Study

SEED = 20_261_130
TODAY = "today's rule"
GIVES_UP = "today's, giving up"
HINDSIGHT = "with hindsight"
GROUPS = 8
"""Of the documented studies, ordered by size, the middle one of so many groups stands for its group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulated:
    """One study whose losses (variants, seeds) are all known, but not to the rules."""

    scenario: Scenario
    study: Study
    every: Mapping[SeedRequest, EndedTrial] = field(repr=False)
    first_look: int
    """The seeds with which the engine begins."""

    @classmethod
    def of(cls, scenario: Scenario, study: Study, losses: Losses) -> "Simulated":
        """With its trials."""
        trials = {
            (variant, seed): EndedTrial(
                variant=variant, seed=seed, status="completed", metrics={scenario.metric: float(losses[row, seed])}
            )
            for row, variant in enumerate(scenario.variants)
            for seed in range(losses.shape[1])
        }
        schedule = UntilDecided(study, margin=scenario.margin, maximum_seeds=MAXIMUM_SEEDS)
        first_look = 1 + max(seed for _, seed in schedule.wanted((), ()))
        return cls(scenario=scenario, study=study, every=trials, first_look=first_look)

    @property
    def all_trials(self) -> int:
        """What the study may use."""
        return len(self.every)

    def decide(self, ended: Sequence[EndedTrial]) -> tuple[Outcomes, tuple[Decision, ...]]:
        """What these trials show."""
        outcomes = Outcomes(ended, compared=compared_variants(self.study))
        return outcomes, decide_claims(self.study, outcomes, self.scenario.margin)


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """What a rule made of a study: the trials it counts as, those at which each claim was decided, whether it erred.

    `decided` is the share of its claims.
    """

    trials: int
    anytime: float
    wrong: bool
    decided: float


def follow(simulated: Simulated, rule: Rule | None, processors: int, *, gives_up: bool = False) -> Course:
    """Train as the rule says, the engine's where it is None, until it wants nothing.

    Whoever `gives_up` trains no more for claims that 30 seeds would not decide, by an optimist's estimate.
    """
    schedule = UntilDecided(simulated.study, margin=simulated.scenario.margin, maximum_seeds=MAXIMUM_SEEDS)
    generator = np.random.default_rng(SEED)
    ended = [trial for (_, seed), trial in simulated.every.items() if seed < simulated.first_look]
    decided = [simulated.all_trials] * len(simulated.scenario.claims)
    while True:
        outcomes, decisions = simulated.decide(ended)
        for index, decision in enumerate(decisions):
            if decision.verdict != "undecided":
                decided[index] = min(decided[index], len(ended))
        if all(decision.verdict != "undecided" for decision in decisions):
            break
        wanted = schedule.wanted(ended, ()) if rule is None else wanted_by(rule, outcomes, decisions, generator)
        if gives_up:
            alive = variants_alive(outcomes, decisions)
            wanted = [request for request in wanted if request[0] in alive]
        if not wanted:
            break
        ended += [simulated.every[request] for request in wanted[:processors]]
    wrong = simulated.scenario.is_wrong([decision.verdict for decision in decisions])
    return Course(
        trials=simulated.all_trials if wrong else len(ended),
        anytime=float(np.mean(decided)),
        wrong=wrong,
        decided=_share_decided([decision.verdict for decision in decisions]),
    )


def _share_decided(verdicts: Sequence[str]) -> float:
    return float(np.mean([verdict != "undecided" for verdict in verdicts]))


def hindsight(simulated: Simulated) -> Course:
    """The fewest trials that decide what all of them do, as far as taking seeds from each variant in turn finds."""

    def verdicts(counts: Mapping[str, int]) -> list[str]:
        chosen = [trial for (variant, seed), trial in simulated.every.items() if seed < counts[variant]]
        return [decision.verdict for decision in simulated.decide(chosen)[1]]

    variants = simulated.scenario.variants
    at_last = verdicts(dict.fromkeys(variants, MAXIMUM_SEEDS))
    possible = [verdict != "undecided" for verdict in at_last]

    def suffices(counts: Mapping[str, int]) -> bool:
        return all(not can or verdict != "undecided" for can, verdict in zip(possible, verdicts(counts), strict=True))

    def fewest(make: Callable[[int], Mapping[str, int]], most: int) -> int:
        low, high = simulated.first_look - 1, most
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if suffices(make(middle)) else (middle, high)
        return high

    alike = fewest(lambda n: dict.fromkeys(variants, n), MAXIMUM_SEEDS)
    counts = dict.fromkeys(variants, alike)
    for variant in reversed(variants):
        counts[variant] = fewest(lambda n, name=variant: {**counts, name: n}, counts[variant])  # type: ignore[misc]
    found = verdicts(counts)
    wrong = simulated.scenario.is_wrong(found)
    used = simulated.all_trials if wrong else sum(counts.values())
    return Course(trials=used, anytime=math.nan, wrong=wrong, decided=_share_decided(found))


Set = Sequence[tuple[Scenario, int]]
"""Scenarios with their weights."""


def documented(effect: float) -> Set:
    """The documented studies' shapes: of each group of about one size the middle one, for as many as there are."""
    shapes = sorted(scenarios.shapes(effect), key=lambda shape: (_pairs(shape), len(shape.variants)))
    groups = np.array_split(np.arange(len(shapes)), GROUPS)
    return [(shapes[int(group[len(group) // 2])], len(group)) for group in groups]


def _pairs(scenario: Scenario) -> int:
    return sum(len(claim["pairs"]) for claim in scenario.claims)


def partly_hopeless() -> Scenario:
    """Four claims about five variants and their baseline: two of 2 sd, and two of nothing, which no rule can decide."""
    means = (0.0, 0.0, 0.0, -2.0, -2.0, -2.0)
    shown = frozenset({"contradicted", "negligible"})
    return replace(
        scenarios.family("six variants, two of four claims hopeless", scenarios.noise),
        draw=scenarios.around(means),
        wrong=(scenarios.EITHER, scenarios.EITHER, shown, shown),
        right=(),
    )


SETS: Mapping[str, Callable[[], Set]] = {
    "1 sd": lambda: documented(1.0),
    "2 sd": lambda: documented(2.0),
    "4 sd": lambda: documented(4.0),
    "family": lambda: [(scenarios.family("six variants", scenarios.noise, better_by=1.5, margin=0.5), 1)],
    "small": lambda: [(scenarios.family("six variants, small", scenarios.noise, better_by=0.7), 1)],
    "hopeless": lambda: [(partly_hopeless(), 1)],
    "factorial": lambda: [(scenarios.factorial(1.0, contrasts=True), 1)],
}


def studies_of(scenario: Scenario, count: int) -> Iterator[Simulated]:
    """So many simulated studies."""
    study = judge_simulated.declared(scenario.request())
    for losses in scenario.draw(np.random.default_rng([SEED, len(scenario.variants)]), count):
        yield Simulated.of(scenario, study, losses)


EVERY = (TODAY, *RULES, GIVES_UP, HINDSIGHT)


def courses(simulated: Simulated, processors: int, rules: Sequence[str] = EVERY) -> dict[str, Course]:
    """What became of one study by each of the rules."""
    found = {}
    for name in rules:
        if name == HINDSIGHT:
            found[name] = hindsight(simulated)
        else:
            found[name] = follow(simulated, RULES.get(name), processors, gives_up=name == GIVES_UP)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One rule on one set: trials a study, their ratio to those of today's rule, and how many studies were wrong."""

    of: str
    rule: str
    trials: float
    ratio: float
    ratio_error: float
    anytime_ratio: float
    anytime_error: float
    wrong: int
    decided: float
    studies: int


def ratio(new: Sequence[Losses], old: Sequence[Losses], weights: Sequence[int]) -> tuple[float, float]:
    """The ratio of weighted means over strata, and its standard error where studies are paired."""
    total = sum(weight * float(row.mean()) for row, weight in zip(old, weights, strict=True))
    found = sum(weight * float(row.mean()) for row, weight in zip(new, weights, strict=True)) / total
    rows = zip(new, old, weights, strict=True)
    variance = sum(weight**2 * float(np.var(a - found * b, ddof=1)) / len(a) for a, b, weight in rows)
    return found, math.sqrt(variance) / total


def lines(of: str, found: Sequence[Sequence[Mapping[str, Course]]], weights: Sequence[int]) -> Iterator[Line]:
    """A line for each rule, of courses by stratum and study."""

    def values(rule: str, what: str) -> list[Losses]:
        return [np.array([getattr(of_study[rule], what) for of_study in stratum], np.float64) for stratum in found]

    for rule in found[0][0]:
        trials, anytime = (values(rule, what) for what in ("trials", "anytime"))
        by_trials = ratio(trials, values(TODAY, "trials"), weights)
        by_time = ratio(anytime, values(TODAY, "anytime"), weights)
        mean = sum(weight * row.mean() for row, weight in zip(trials, weights, strict=True)) / sum(weights)
        decided = values(rule, "decided")
        wrong = [of_study[rule].wrong for stratum in found for of_study in stratum]
        yield Line(
            of=of,
            rule=rule,
            trials=float(mean),
            ratio=by_trials[0],
            ratio_error=by_trials[1],
            anytime_ratio=by_time[0],
            anytime_error=by_time[1],
            wrong=sum(wrong),
            decided=float(np.average([row.mean() for row in decided], weights=weights)),
            studies=len(wrong),
        )


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"all by default: {', '.join(SETS)}")
    parser.add_argument("--studies", type=int, default=80, help="simulated studies a set, at least two a shape")
    parser.add_argument("--rules", nargs="+", choices=EVERY, default=EVERY, help="beside today's; all by default")
    parser.add_argument("--processors", type=int, default=2, help="trials at once")
    parser.add_argument("--json", type=Path, help="also write the lines here")
    given = parser.parse_args()
    every: list[dict[str, Any]] = []
    for of in given.sets or SETS:
        began, rows = time.monotonic(), SETS[of]()
        count = max(2, given.studies // len(rows))
        rules = list(dict.fromkeys([TODAY, *given.rules]))
        found = [[courses(each, given.processors, rules) for each in studies_of(row, count)] for row, _ in rows]
        print(f"\n{of}, {count * len(rows)} studies, {given.processors} at once: trials a study, ratios to {TODAY}")
        for line in lines(of, found, [weight for _, weight in rows]):
            every.append(asdict(line))
            timely = "" if math.isnan(line.anytime_ratio) else f"{line.anytime_ratio:.3f} ± {line.anytime_error:.3f}"
            print(
                f"{line.rule:25}{line.trials:7.1f}  {line.ratio:.3f} ± {line.ratio_error:.3f}  anytime {timely:15}"
                f"{line.decided:6.1%} decided{line.wrong:4} of {line.studies} wrong",
                flush=True,
            )
        print(f"{time.monotonic() - began:.0f} s", flush=True)
        if given.json:
            given.json.write_text(json.dumps(every, indent=1))


if __name__ == "__main__":
    main()
