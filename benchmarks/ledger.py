"""Nights of a thousand proposals on real noise: what is wrongly kept, what is found, and how many runs it takes.

    python -m benchmarks.ledger [mlperf_rnnt.csv] [--nights N] [--batch 1536]

The table is that of `benchmarks.real_noise`; epochs to the target, fewer are better. Arms are centred, and runs drawn
with replacement, for a night takes more than there are:

- dealt: every run is one of any arm. A proposal that changes nothing has the incumbent's distribution.
- one arm: a night has one arm, and all its runs are of that.
- as they are: each proposal has an arm of its own at random, so spreads differ up to 3.5 times (batch 1536). These
  proposals do change something, the spread, though not the mean.
- normal: for comparison. "mirrored": the long tail lies on the side of improvement.

A real proposal improves by two standard deviations of the difference of two runs. Runs are a ratio to keeping what
looks better once: a run of each proposal, and one of the incumbent. The least ratio is by Wald's inequality
(`fewest_runs`): spread and the incumbent's mean known, runs normal, each proposal run at least once. Beside it stands
that of a t test of fixed size against a known mean: what it costs that a proposal is judged by its own spread.
"""

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.real_noise import read_arms
from benchmarks.scenarios import Losses
from soundproof.analysis.statistics.proposals import Guarantee, Plan, fewest_runs
from soundproof.api.ledger_book import Book

TABLE = Path("shared/data/real_noise/mlperf_rnnt.csv")
"""Looked for beside this checkout, and in the folders above it."""
SEED = 20_261_130
PROPOSALS, ERROR, WORTH, REAL, POWER = 1000, 0.05, 2.0, 0.05, 0.8
Draw = Callable[[int], Losses]


@dataclass(frozen=True, kw_only=True, slots=True)
class Noise:
    """Residuals of arms, (runs,) each, and how a night draws from them."""

    name: str
    arms: tuple[Losses, ...] = ()

    def night(self, generator: np.random.Generator) -> tuple[float, Callable[[], Draw]]:
        """The standard deviation of one run, and what makes a configuration: a function that draws its next runs."""
        if not self.arms:
            return 1.0, lambda: lambda count: generator.normal(size=count)
        if "as they are" in self.name:
            return _deviation(self.arms), lambda: _from(generator, self.arms[int(generator.integers(len(self.arms)))])
        arms = self.arms
        if "one arm" in self.name:
            arms = (self.arms[int(generator.integers(len(self.arms)))],)
        runs = np.concatenate(arms)
        return _deviation(arms), lambda: _from(generator, runs)


@dataclass(frozen=True, kw_only=True, slots=True)
class Night:
    """What a night came to."""

    wrong: int
    found: int
    real: int
    runs: int


def noises(table: Path, batch: str) -> list[Noise]:
    """Every noise of this file's first lines, for one batch size."""
    arms = tuple((arm - arm.mean()) * math.sqrt(len(arm) / (len(arm) - 1)) for arm in read_arms(table)[batch])
    mirrored = tuple(-arm for arm in arms)
    names = ("dealt", "one arm", "as they are")
    return [
        *(Noise(name=name, arms=arms) for name in names),
        *(Noise(name=f"{name}, mirrored", arms=mirrored) for name in names),
        Noise(name="normal"),
    ]


def simulate(noise: Noise, plan: Plan, share: float, seed: Sequence[int]) -> Night:
    """One night, a proposal after another, `share` of them real, through the ledger's own book."""
    generator = np.random.default_rng(seed)
    deviation, configure = noise.night(generator)
    real = set(generator.choice(plan.proposals, round(share * plan.proposals), replace=False).tolist())
    book, level = Book(plan, higher_is_better=False), 0.0
    pending = _values(configure(), level, plan)
    wrong = found = 0
    for number in range(plan.proposals):
        mean = level - (WORTH * math.sqrt(2) * deviation if number in real else 0.0)
        key, runs = book.propose(""), _values(configure(), mean, plan)
        while (step := book.next_step(key)).action == "run":
            assert step.of is not None
            entry = book.entry(step.of)
            values = runs if step.of == key else pending
            book.submit(step.of, values[len(entry.values)], len(entry.values))
        if step.action == "keep":
            level, pending = mean, runs
            found, wrong = found + (number in real), wrong + (number not in real)
    return Night(wrong=wrong, found=found, real=len(real), runs=book.budget.runs)


def looks_better_once(noise: Noise, plan: Plan, share: float, seed: Sequence[int]) -> Night:
    """One night of keeping what looks better in one run."""
    generator = np.random.default_rng(seed)
    deviation, configure = noise.night(generator)
    real = set(generator.choice(plan.proposals, round(share * plan.proposals), replace=False).tolist())
    level, best = 0.0, float(configure()(1)[0])
    wrong = found = 0
    for number in range(plan.proposals):
        mean = level - (WORTH * math.sqrt(2) * deviation if number in real else 0.0)
        value = mean + float(configure()(1)[0])
        if value < best:
            level, best = mean, value
            found, wrong = found + (number in real), wrong + (number not in real)
    return Night(wrong=wrong, found=found, real=len(real), runs=plan.proposals + 1)


def least_ratio(share: float) -> float:
    """The least mean ratio of runs of any procedure with this guarantee and power, by Wald's inequality.

    With equal and independent proposals a family error of 5% is one of 1 - 0.95^(1/N) each.
    """
    null, real = fewest_runs(POWER, 1 - (1 - ERROR) ** (1 / PROPOSALS), WORTH * math.sqrt(2))
    return (1 + PROPOSALS * ((1 - share) * null + share * real)) / (PROPOSALS + 1)


def t_test_ratio(share: float) -> float:
    """The ratio where nulls take one run, and real ones a t test of fixed size against a known mean."""
    runs = 2
    while _t_power(runs, 1 - (1 - ERROR) ** (1 / PROPOSALS)) < POWER:
        runs += 1
    return (1 + PROPOSALS * (1 - share + share * runs)) / (PROPOSALS + 1)


def _t_power(runs: int, level: float) -> float:
    effect = WORTH * math.sqrt(2 * runs)
    return float(stats.nct.sf(stats.t.isf(level, runs - 1), runs - 1, effect))


def _values(draw: Draw, mean: float, plan: Plan) -> list[float]:
    return [float(value) for value in mean + draw(plan.most_incumbent_runs)]


def _from(generator: np.random.Generator, runs: Losses) -> Draw:
    return lambda count: runs[generator.integers(len(runs), size=count)]


def _deviation(arms: Sequence[Losses]) -> float:
    return math.sqrt(float(np.mean(np.concatenate(arms) ** 2)))


def _row(name: str, nights: Sequence[Night]) -> None:
    ratio = np.array([night.runs for night in nights]) / (PROPOSALS + 1)
    wrong = np.array([night.wrong for night in nights])
    kept = np.array([night.wrong + night.found for night in nights])
    cells = [_mean((wrong > 0).astype(float)), _mean(wrong / np.maximum(kept, 1)), " " * 17]
    if nights[0].real:
        cells[2] = _mean([night.found / night.real for night in nights])
    error = ratio.std(ddof=1) / math.sqrt(len(nights))
    print(f"{name:44}{''.join(cells)}{ratio.mean():8.3f} +- {error:.3f}{len(nights):7}", flush=True)


def _mean(values: Sequence[float] | Losses) -> str:
    """Mean and standard error, which is at least that of one hit."""
    array = np.asarray(values, dtype=float)
    error = max(float(array.std(ddof=1)) / math.sqrt(len(array)), (1 / len(array)) if array.max() == 0 else 0.0)
    return f"{array.mean():8.2%} +- {error:.2%}"


def _table() -> Path:
    found = (folder / TABLE for folder in Path(__file__).resolve().parents)
    return next((path for path in found if path.exists()), TABLE)


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, nargs="?", default=_table())
    parser.add_argument("--nights", type=int, default=400)
    parser.add_argument("--batch", default="1536")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    print(f"{'':44}{'nights with one':>17}{'share wrong':>17}{'real kept':>17}{'runs':>17}{'nights':>7}")
    with Pool(arguments.processes) as pool:

        def nights(play: Callable[..., Night], noise: Noise, guarantee: Guarantee, share: float) -> list[Night]:
            plan = Plan(proposals=PROPOSALS, error=ERROR, worth=WORTH, guarantee=guarantee)
            seeds = [(noise, plan, share, (SEED, night)) for night in range(arguments.nights)]
            return pool.starmap(play, seeds, chunksize=10)

        for noise in noises(arguments.table, arguments.batch):
            for share, what in ((0.0, "none real"), (REAL, "5% real")):
                _row(f"{noise.name}, {what}", nights(simulate, noise, "family", share))
                if noise.name in ("dealt", "as they are"):
                    _row(f"{noise.name}, {what}, fdr", nights(simulate, noise, "fdr", share))
                if noise.name == "dealt":
                    _row(f"{noise.name}, {what}, looks better once", nights(looks_better_once, noise, "family", share))
    for share in (0.0, REAL):
        print(
            f"least ratio with {share:.0%} real, by Wald's inequality: {least_ratio(share):.3f}; a t test of "
            f"fixed size against a known mean: {t_test_ratio(share):.3f}"
        )


if __name__ == "__main__":
    main()
