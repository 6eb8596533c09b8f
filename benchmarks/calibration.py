"""How often verdicts are wrong, and what they cost: simulated studies of known truth, judged by two versions at once.

    python -m benchmarks.calibration [--studies N] [--before COMMIT] [--json FILE] [PART ...]

The version of this checkout and the one of another commit judge the same simulated studies (`benchmarks.scenarios`),
each in a process of its own (`benchmarks/judge_simulated.py`). `fixed` looks once at seeds fixed beforehand; `until
decided` trains what `UntilDecided` wants first, 12 trials at a time (2 in the part `cost`), with at most 30 seeds.
Shares come with their Monte Carlo standard error; a promise of 5% is kept where the share is at most 5% and two of
them.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import scenarios
from benchmarks.scenarios import MAXIMUM_SEEDS, SPEAKERS, Scenario
from soundproof.trainables.training.data.random_streams import numpy_generator

HERE = Path(__file__).resolve().parents[1]
BEFORE = "28af10c"
SEED = 20_261_130
FIXED = (3, 6, 10, 20)
PROCESSORS, FEW_PROCESSORS = 12, 2
LOOKS = tuple(range(3, 21))

Answer = Mapping[str, Any]
"""What one version says of one study: verdicts by design and view."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of a table: shares of studies with a wrong verdict and with all verdicts right, and the trials used."""

    part: str
    scenario: str
    design: str
    version: str
    wrong: float
    error: float
    right: float | None
    trials: float | None
    studies: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A checkout whose code judges."""

    name: str
    checkout: Path

    def judge(self, scenario: Scenario, losses: scenarios.Losses, folder: Path, **designs: Any) -> list[Answer]:
        """Its answers on losses (studies, variants, seeds)."""
        request, values, answer = (folder / f"{self.name}.{name}" for name in ("request.json", "npz", "answer.json"))
        request.write_text(json.dumps(scenario.request(**designs)))
        np.savez(values, values=losses)
        worker = HERE / "benchmarks" / "judge_simulated.py"
        environment = os.environ | {"PYTHONPATH": str(self.checkout), "OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, worker, request, values, answer], env=environment, check=True)
        found: list[Answer] = json.loads(answer.read_text())
        return found


def compare(
    part: str, scenario: Scenario, versions: Sequence[Version], studies: int, **designs: Any
) -> Iterator[tuple[Version, list[Answer]]]:
    """The answers of every version on the same studies."""
    losses = scenario.draw(np.random.default_rng([SEED, len(part)]), studies)
    with tempfile.TemporaryDirectory() as folder:
        for version in versions:
            yield version, version.judge(scenario, losses, Path(folder), **designs)


def lines(
    part: str,
    scenario: Scenario,
    version: Version,
    answers: Sequence[Answer],
    view: str = "trained",
) -> Iterator[Line]:
    """A line for every design that was asked for."""
    designs = [(f"fixed {seeds}", [answer["fixed"][seeds] for answer in answers]) for seeds in answers[0]["fixed"]]
    if "open" in answers[0]:
        designs.append(("until decided", [answer["open"] for answer in answers]))
    for design, verdicts in designs:
        found = [of_study.get(view, of_study["trained"]) for of_study in verdicts]
        wrong = [scenario.is_wrong(of_study) for of_study in found]
        right = float(np.mean([scenario.is_right(of_study) for of_study in found])) if scenario.right else None
        used = None
        if design == "until decided":
            all_seeds = len(scenario.variants) * MAXIMUM_SEEDS
            counts = [
                all_seeds if bad else answer["open"]["trials"] for answer, bad in zip(answers, wrong, strict=True)
            ]
            used = float(np.mean(counts))
        yield line(part, scenario.name, design, version, wrong, right=right, trials=used)


def line(part: str, name: str, design: str, version: Version, wrong: Sequence[bool], **more: float | None) -> Line:
    """A line with the standard error of its share."""
    share, studies = float(np.mean(wrong)), len(wrong)
    return Line(
        part=part,
        scenario=name,
        design=design,
        version=version.name,
        wrong=share,
        error=math.sqrt(max(share * (1 - share), 1 / studies) / studies),
        right=more.get("right"),
        trials=more.get("trials"),
        studies=studies,
    )


def wrong_verdicts(part: str, rows: Sequence[Scenario], versions: Sequence[Version], studies: int) -> Iterator[Line]:
    """Every scenario, looked at once and until decided."""
    for scenario in rows:
        for version, answers in compare(part, scenario, versions, studies, fixed=FIXED, processors=PROCESSORS):
            yield from lines(part, scenario, version, answers)


def three_questions(versions: Sequence[Version], studies: int) -> Iterator[Line]:
    """Noise that makes the mean another question than the typical run: each question by itself.

    The truth is of the mean of all runs, where no variant differs. Of runs that train, and of the typical run, the
    baseline with the failures is the better one, so only its opposite is wrong; of the skewed one anything is.
    """
    for scenario in scenarios.skewed():
        for version, answers in compare("questions", scenario, versions, studies, fixed=FIXED, processors=PROCESSORS):
            views = ("trained",) if version.name == "before" else ("trained", "typical", "all runs")
            for view in views:
                fails = "fails" in scenario.name and version.name != "before" and view != "all runs"
                asked = replace(scenario, wrong=(frozenset({"supported"}),) * 4) if fails else scenario
                named = replace(asked, name=f"{scenario.name}: {view}", right=())
                yield from lines("questions", named, version, answers, view)


def speakers(versions: Sequence[Version], studies: int) -> Iterator[Line]:
    """Each version deals the speakers to seeds as its own training does."""
    names = [f"speaker {number}" for number in range(SPEAKERS)]
    drawn = [names[numpy_generator(seed, "split").permutation(SPEAKERS)[-1]] for seed in range(MAXIMUM_SEEDS)]
    turns = {"before": drawn, "after": [names[seed % SPEAKERS] for seed in range(MAXIMUM_SEEDS)]}
    for better_by in (0.0, 2.0):
        for version in versions:
            scenario = scenarios.speakers(turns[version.name], better_by)
            ((_, answers),) = compare("speakers", scenario, [version], studies, fixed=FIXED, processors=PROCESSORS)
            yield from lines("speakers", scenario, version, answers)


def speakers_and_losses(versions: Sequence[Version], studies: int) -> Iterator[Line]:
    """Speakers come again in turn, and runs are lost: by this version alone."""
    rows = scenarios.speakers_and_losses([f"speaker {seed % SPEAKERS}" for seed in range(MAXIMUM_SEEDS)])
    return wrong_verdicts("speakers and losses", rows, versions[1:], studies)


def looking(versions: Sequence[Version], studies: int) -> Iterator[Line]:
    """A plan that is written after looking: at some number of seeds up to so many, something is declared.

    Before, every such plan was taken for one that was fixed beforehand; now the record tells.
    """
    scenario = scenarios.equivalences()[0]
    alike = replace(
        scenario,
        name="a plan written after looking",
        claims=(scenarios.pairs("Better", ("b", "a")),),
        margin=scenarios.NEAR_ZERO,
        draw=scenarios.around((0.0, 0.0)),
    )
    for version in versions:
        designs = {"looks": LOOKS, "replanned": version.name == "before"}
        ((_, answers),) = compare("looking", alike, [version], studies, **designs)
        for most in (6, 10, 20):
            wrong = [
                any(answer["looks"][str(n)]["trained"][0] in scenarios.EITHER for n in range(3, most + 1))
                for answer in answers
            ]
            yield line("looking", alike.name, f"3 to {most} seeds", version, wrong)


def reversals(versions: Sequence[Version], studies: int) -> Iterator[Line]:
    """Verdicts that a later look turns into their opposite, or takes back, of an improvement of half a margin."""
    scenario = replace(scenarios.rules()[4], name="d = M/2, M = 1 sd: a verdict taken back")
    for version, answers in compare("reversals", scenario, versions, studies, looks=range(3, MAXIMUM_SEEDS + 1)):
        wrong = []
        for answer in answers:
            course = [answer["looks"][str(n)]["trained"][0] for n in range(3, MAXIMUM_SEEDS + 1)]
            steps = set(pairwise(course))
            taken_back = {step for step in steps if step[0] != step[1] and step[1] in ("undecided", "supported")}
            wrong.append(bool((taken_back - {("undecided", "supported")}) | (steps & {("supported", "contradicted")})))
        yield line("reversals", scenario.name, "every look to 30", version, wrong)


def warnings(versions: Sequence[Version], studies: int) -> Iterator[Line]:
    """Warnings that a run did not train, or that the typical run says the opposite, in studies whose runs all train."""
    for scenario in [*scenarios.families(), *scenarios.steps()]:
        for version, answers in compare("warnings", scenario, versions[1:], studies, fixed=FIXED):
            for seeds in map(str, FIXED):
                warned = [answer["fixed"][seeds]["warned"] for answer in answers]
                yield line("warnings", scenario.name, f"fixed {seeds}", version, warned)


def cost(versions: Sequence[Version], studies: int) -> Iterator[Line]:
    """Trials until claims are decided: those of the documented studies' shapes, and a factorial design by both kinds.

    A study with a wrong verdict counts as one that used all of its 30 seeds.
    """
    repetitions = max(1, studies // 40)
    for effect in (1.0, 2.0, 4.0):
        for scenario in scenarios.shapes(effect):
            named = replace(scenario, name=f"effect {effect:g} sd: {scenario.name}")
            for version, answers in compare("cost", named, versions, repetitions, processors=FEW_PROCESSORS):
                yield from lines("cost", named, version, answers)
        for version in versions:
            scenario = scenarios.factorial(effect, contrasts=version.name == "after")
            named = replace(scenario, name=f"effect {effect:g} sd: {scenario.name}")
            ((_, answers),) = compare("cost", named, [version], 4 * repetitions, processors=FEW_PROCESSORS)
            yield from lines("cost", named, version, answers)


PARTS: Mapping[str, Callable[[Sequence[Version], int], Iterator[Line]]] = {
    "rules": lambda versions, studies: wrong_verdicts("rules", scenarios.rules(), versions, studies),
    "families": lambda versions, studies: wrong_verdicts("families", scenarios.families(), versions, studies),
    "equivalences": lambda versions, studies: wrong_verdicts(
        "equivalences", scenarios.equivalences(), versions, studies
    ),
    "questions": three_questions,
    "speakers": speakers,
    "speakers and losses": speakers_and_losses,
    "steps": lambda versions, studies: wrong_verdicts(
        "steps", [*scenarios.steps(), *scenarios.ceilings()], versions, studies
    ),
    "diverged": lambda versions, studies: wrong_verdicts("diverged", scenarios.diverged(), versions, studies),
    "looking": looking,
    "reversals": reversals,
    "warnings": warnings,
    "cost": cost,
}


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all by default: {', '.join(PARTS)}")
    parser.add_argument("--studies", type=int, default=1000, help="simulated studies a scenario")
    parser.add_argument("--before", default=BEFORE, metavar="COMMIT", help="the version to compare with")
    parser.add_argument("--json", type=Path, help="also write the lines here")
    arguments = parser.parse_args()
    found: list[Line] = []
    with other_version(arguments.before) as before:
        versions = [before, Version(name="after", checkout=HERE)]
        heading = f"{'wrong':>8}{'± se':>8}{'right':>8}{'trials':>8}{'n':>7}"
        print(f"{'':21}{'scenario':48}{'design':18}{'version':9}{heading}")
        for part in arguments.parts or PARTS:
            for row in PARTS[part](versions, arguments.studies):
                found.append(row)
                print(_printed(row), flush=True)
                if arguments.json:
                    arguments.json.write_text(json.dumps([asdict(row) for row in found], indent=1))
    summarise(found)


@contextmanager
def other_version(commit: str) -> Iterator[Version]:
    """A checkout of another commit, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "before"
        git = ["git", "-C", str(HERE), "worktree"]
        subprocess.run([*git, "add", "-q", "--detach", str(checkout), commit], check=True)
        try:
            yield Version(name="before", checkout=checkout)
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)


def _printed(row: Line) -> str:
    right = "" if row.right is None else f"{row.right:.1%}"
    used = "" if row.trials is None else f"{row.trials:.1f}"
    shares = f"{row.wrong:8.2%}{row.error:8.2%}{right:>8}{used:>8}{row.studies:7}"
    return f"{row.part:21}{row.scenario[:47]:48}{row.design:18}{row.version:9}{shares}"


def summarise(found: Sequence[Line]) -> None:
    """Print the ratios of trials, by effect and kind of claim."""
    for effect in ("1", "2", "4"):
        for kind in ("pairs", "contrasts"):
            chosen = [row for row in found if row.part == "cost" and row.scenario.startswith(f"effect {effect} sd")]
            chosen = [row for row in chosen if ("2 x 2 x 2" in row.scenario) == (kind == "contrasts")]
            before, after = (
                sum(row.trials or 0.0 for row in chosen if row.version == version) for version in ("before", "after")
            )
            if before:
                print(f"{kind}, effect {effect} sd: {after / before:.2f} of the trials")


if __name__ == "__main__":
    main()
