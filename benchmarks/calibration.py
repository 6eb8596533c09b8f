"""How often verdicts are wrong, and what they cost: simulated studies whose truth is known, judged by the real code.

    python -m benchmarks.calibration [--studies N] [--json FILE] [PART ...]

Every study has normal values unless said otherwise, independent between variants and seeds, scaled so that the
differences of a pair have a standard deviation of 1. `fixed` looks once at seeds fixed beforehand; `until decided`
trains what `UntilDecided` wants first, with at most 30 seeds: 2 trials at a time in part b, 12 in the others. Shares
come with their Monte Carlo standard error.
"""

import argparse
import json
import math
import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.simulated_studies import (
    Outcome,
    Scenario,
    all_right,
    any_wrong,
    better,
    declare,
    fixed,
    heavy,
    normal,
    skewed_once,
    unequal,
    until_decided,
)
from soundproof.analysis.verdicts.decisions import Verdict
from soundproof.search_spaces.claims import Equivalent
from soundproof.search_spaces.studies import Study

PROCESSORS = 2
FIXED_PER_ADAPTIVE = 3
FEWEST_FIXED, MOST_FIXED = 4, 36
SEED = 20_261_121


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A line of the table. `error` is the Monte Carlo standard error of `share`; `trials` the mean number used."""

    part: str
    scenario: str
    design: str
    share: float
    error: float
    trials: float
    studies: int


def families() -> Iterator[tuple[str, Scenario]]:
    """Part a: four claims over six variants, and every way to be wrong."""
    variants = tuple("abcdef")
    pairs = [(variant, "a") for variant in variants[1:]]
    study = declare([better(pairs[0]), better(pairs[1]), better(pairs[2]), better(*pairs[3:])], variants)
    level = dict.fromkeys(variants, 0.0)
    either: frozenset[Verdict] = frozenset({"supported", "contradicted"})
    supported: frozenset[Verdict] = frozenset({"supported"})
    contradicted: frozenset[Verdict] = frozenset({"contradicted"})
    tiny, real = 0.001, 0.5
    noises = {"normal": normal, "unequal": unequal, "t(4)": heavy, "exponential baseline": skewed_once}
    for name, noise in noises.items():
        yield (
            f"no difference, margin ~0, {name}",
            Scenario(study=study, losses=level, margin=tiny, wrong=(either,) * 4, noise=noise),
        )
    yield (
        "no difference, margin 0.5",
        Scenario(study=study, losses=level, margin=real, wrong=(supported,) * 4, noise=normal),
    )
    at_margin = {variant: 0.0 if variant == "a" else -real for variant in variants}
    yield (
        "all better by the margin, 0.5",
        Scenario(study=study, losses=at_margin, margin=real, wrong=(contradicted,) * 4, noise=normal),
    )
    two_better = level | {"b": -3.0, "c": -3.0}
    yield (
        "two better by 3, margin ~0",
        Scenario(
            study=study,
            losses=two_better,
            margin=tiny,
            wrong=(contradicted, contradicted, either, either),
            noise=normal,
        ),
    )


def equivalences() -> Iterator[tuple[str, Scenario]]:
    """Part c: differences exactly as large as the margin."""
    claim = Equivalent(text="equal", source="simulation", pairs=(("a", "b"),))
    study = declare([claim], ("a", "b"))
    wrong = (frozenset[Verdict]({"supported"}),)
    for margin in (0.5, 1.0, 2.0):
        losses = {"a": 0.0, "b": margin}
        yield (
            f"different by the margin, {margin}",
            Scenario(study=study, losses=losses, margin=margin, wrong=wrong, noise=normal),
        )


def one_claim() -> Scenario:
    """Part b: a difference of one standard deviation."""
    study = declare([better(("b", "a"))], ("a", "b"))
    return _powered(study, {"a": 0.0, "b": -1.0}, 0.1, ("supported",))


def four_claims(better_by: Sequence[float]) -> Scenario:
    """Part b: four variants against one baseline at a margin of 0.5. A variant that is not better is said to be."""
    study = declare([better((variant, "a")) for variant in "bcde"], tuple("abcde"))
    losses = {"a": 0.0} | {variant: -effect for variant, effect in zip("bcde", better_by, strict=True)}
    return _powered(study, losses, 0.5, tuple("supported" if effect > 0 else "contradicted" for effect in better_by))


def _powered(study: Study, losses: Mapping[str, float], margin: float, right: tuple[Verdict, ...]) -> Scenario:
    opposite: dict[Verdict, Verdict] = {"supported": "contradicted", "contradicted": "supported"}
    wrong = tuple(frozenset({opposite[verdict]}) for verdict in right)
    return Scenario(study=study, losses=losses, margin=margin, wrong=wrong, right=right, noise=normal)


def errors(part: str, scenarios: Iterator[tuple[str, Scenario]], studies: int) -> Iterator[Row]:
    """The share of studies with a wrong verdict: two fixed numbers of seeds, and until decided."""
    for name, scenario in scenarios:
        for seeds in (6, 10):
            generator = np.random.default_rng(SEED)
            outcomes = [fixed(scenario, seeds, generator) for _ in range(FIXED_PER_ADAPTIVE * studies)]
            yield _row(
                part, name, f"fixed, {seeds} seeds", [any_wrong(scenario, outcome) for outcome in outcomes], outcomes
            )
        generator = np.random.default_rng(SEED)
        outcomes = [until_decided(scenario, generator) for _ in range(studies)]
        yield _row(part, name, "until decided", [any_wrong(scenario, outcome) for outcome in outcomes], outcomes)


def efficiency(name: str, scenario: Scenario, studies: int) -> Iterator[Row]:
    """The share of studies with every verdict right, and the fixed plan that reaches it."""
    generator = np.random.default_rng(SEED)
    outcomes = [until_decided(scenario, generator, PROCESSORS) for _ in range(studies)]
    row = _row("b", name, "until decided", [all_right(scenario, outcome) for outcome in outcomes], outcomes)
    yield row
    yield _row("b", f"{name}: wrong", "until decided", [any_wrong(scenario, outcome) for outcome in outcomes], outcomes)
    plans: dict[int, Row] = {}

    def reaches(seeds: int) -> bool:
        generator = np.random.default_rng(SEED + 1)
        plan = [fixed(scenario, seeds, generator) for _ in range(FIXED_PER_ADAPTIVE * studies)]
        plans[seeds] = _row("b", name, f"fixed, {seeds} seeds", [all_right(scenario, trial) for trial in plan], plan)
        return plans[seeds].share >= row.share

    enough = bisect_left(range(FEWEST_FIXED, MOST_FIXED), True, key=reaches) + FEWEST_FIXED
    yield plans[enough - 1]
    yield plans[enough]


def _row(part: str, scenario: str, design: str, hits: Sequence[bool], outcomes: Sequence[Outcome]) -> Row:
    share, studies = float(np.mean(hits)), len(hits)
    return Row(
        part=part,
        scenario=scenario,
        design=design,
        share=share,
        error=math.sqrt(max(share * (1 - share), 1 / studies) / studies),
        trials=float(np.mean([outcome.trials for outcome in outcomes])),
        studies=studies,
    )


def measure(part: str, studies: int) -> Iterator[Row]:
    """The rows of one part: `a` wrong verdicts, `b` power and cost, `c` equivalence."""
    match part:
        case "a":
            yield from errors("a", families(), studies)
        case "b":
            yield from efficiency("one claim, 1 sd", one_claim(), studies)
            yield from efficiency("four claims, better by 4, 2, 1, -0.5", four_claims((4, 2, 1, -0.5)), studies)
            yield from efficiency("four claims, better by 1, 1, 1, 1", four_claims((1, 1, 1, 1)), studies)
        case "c":
            yield from errors("c", equivalences(), studies)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["a", "b", "c"], metavar="PART", help="a, b or c; all by default")
    parser.add_argument(
        "--studies", type=int, default=500, help="simulated studies until decided; three times as many fixed"
    )
    parser.add_argument("--json", type=Path, help="also write the rows here")
    arguments = parser.parse_args()
    start, rows = time.process_time(), []
    print(f"{'':2}{'scenario':48}{'design':32}{'share':>8}{'± se':>8}{'trials':>8}{'studies':>9}")
    for part in arguments.parts:
        for row in measure(part, arguments.studies):
            rows.append(row)
            print(
                f"{row.part:2}{row.scenario:48}{row.design:32}{row.share:8.2%}{row.error:8.2%}{row.trials:8.1f}{row.studies:9}",
                flush=True,
            )
    print(f"{time.process_time() - start:.0f} s of processor time")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
