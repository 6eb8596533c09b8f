"""What is wrong with a set of runs, found by arithmetic alone: each fault with its rows, and what is made of it.

A run is left out only where that is right: a row that is listed twice counts once, an arm that is another one again
counts as that one, a run that has not ended has no result. All else is said, and stays.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.judging.runs import JudgedRun, Levels, name_of
from soundproof.analysis.sources.cells import number
from soundproof.common.counting import counted

FEWEST_EQUAL = 3
"""Runs of an arm from which on equal results tell that seeds change nothing."""

COARSE_DECIMALS = 2
"""Decimals up to which equal values may be rounding alone."""

EXACT_DECIMALS = 5
"""Decimals from which on runs that nothing names are hardly equal by chance."""

SCALE = 20.0
"""How many times as large values of one metric have to be as others for a change of unit."""

_BUDGETS = (
    "epoch",
    "epochs",
    "steps",
    "max_steps",
    "max_epochs",
    "budget",
    "iterations",
    "training_iteration",
    "updates",
)
MOST_ROWS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """Something that a reader has to know: of what `kind`, in words, and the rows that it is about.

    `alarm`: it may make verdicts wrong. Otherwise it is a remark. `dropped` are runs that count for nothing because of
    it.
    """

    kind: str
    words: str
    where: tuple[str, ...]
    alarm: bool
    dropped: tuple[JudgedRun, ...] = ()

    @property
    def sentence(self) -> str:
        """The words with the first rows."""
        rows = "; ".join(self.where[:MOST_ROWS]) + (
            f" and {len(self.where) - MOST_ROWS} more" if len(self.where) > MOST_ROWS else ""
        )
        return f"{self.words} ({rows})." if rows else f"{self.words}."


def faults_in(runs: Sequence[JudgedRun], answers: Answers) -> tuple[Fault, ...]:
    """All that is found, alarms first."""
    arms: dict[Levels, list[JudgedRun]] = defaultdict(list)
    for run in runs:
        block = () if run.data_set is None else ((str(answers.data_set), run.data_set),)
        arms[(*run.levels, *(level for level in (*run.arm, *block) if level not in run.levels))].append(run)
    found = [
        *_listed_twice(runs),
        *_one_seed_unlike(arms, answers),
        *_again(arms),
        *_nothing_changes(arms, runs, answers),
        *_scales(arms),
        *_seeds(arms, runs, answers),
        *_budgets(arms, answers),
        *_unfinished(runs),
        *_sizes(arms),
    ]
    return tuple(sorted(found, key=lambda fault: not fault.alarm))


def _listed_twice(runs: Sequence[JudgedRun]) -> Iterator[Fault]:
    """Rows that say the same in every cell; of which the first counts."""
    seen: dict[tuple[object, ...], JudgedRun] = {}
    again = []
    for run in runs:
        if not run.seed and _decimals(run.text) < EXACT_DECIMALS:
            continue  # of runs that nothing names a coarse value may come twice by chance
        key = (frozenset(run.cells.items()), run.curve)
        if key in seen:
            again.append(run)
        seen.setdefault(key, run)
    if again:
        yield Fault(
            kind="listed twice",
            words=f"{counted(len(again), 'run')} listed twice, cell by cell: each counts once",
            where=tuple(run.where for run in again),
            alarm=True,
            dropped=tuple(again),
        )


def _one_seed_unlike(arms: Mapping[Levels, Sequence[JudgedRun]], answers: Answers) -> Iterator[Fault]:
    """One seed of an arm with several results."""
    if answers.seed == NO_SEED:
        return
    for arm, members in arms.items():
        by_seed: dict[str, list[JudgedRun]] = defaultdict(list)
        for run in members:
            if run.seed and run.counts:
                by_seed[run.seed].append(run)
        if len(by_seed) == 1 and len(members) >= FEWEST_EQUAL:
            ((seed, of_seed),) = by_seed.items()
            if len(of_seed) > 1:
                spread = "all with one result" if len({run.value for run in of_seed}) == 1 else "with unlike results"
                yield Fault(
                    kind="one seed",
                    words=f"{name_of(arm)}: one seed, {seed}, was run {len(of_seed)} times, {spread}: "
                    "one repetition as far as seeds go",
                    where=tuple(run.where for run in of_seed),
                    alarm=True,
                )
            continue
        unlike = [of_seed for of_seed in by_seed.values() if len({run.text for run in of_seed}) > 1]
        if unlike:
            yield Fault(
                kind="unlike results of one seed",
                words=f"{name_of(arm)}: {counted(len(unlike), 'seed')} with several unlike results",
                where=tuple(run.where for of_seed in unlike for run in of_seed),
                alarm=True,
            )


def _again(arms: Mapping[Levels, Sequence[JudgedRun]]) -> Iterator[Fault]:
    """Arms whose runs are those of an earlier one, number for number."""
    seen: dict[tuple[tuple[str, ...], ...], Levels] = {}
    for arm, members in arms.items():
        told = {name for name, _ in arm}
        numbers = tuple(sorted(_numbers(run, told) for run in members))
        values = {run.value for run in members if run.counts}
        if len(members) < FEWEST_EQUAL or len(values) < 2:
            continue
        if numbers in seen:
            yield Fault(
                kind="an arm again",
                words=f"{name_of(arm)} is {name_of(seen[numbers])} again, run for run: it counts once",
                where=tuple(run.where for run in members),
                alarm=True,
                dropped=tuple(members),
            )
        seen.setdefault(numbers, arm)


def _numbers(run: JudgedRun, told: set[str]) -> tuple[str, ...]:
    """What was measured of a run: its cells with decimals, and its value."""
    return (
        run.text,
        *sorted(
            text for name, text in run.cells.items() if name not in told and "." in text and number(text) is not None
        ),
    )


def _nothing_changes(
    arms: Mapping[Levels, Sequence[JudgedRun]], runs: Sequence[JudgedRun], answers: Answers
) -> Iterator[Fault]:
    """Arms of several seeds with one result, where other arms show that seeds do something."""
    coarse = all(_decimals(run.text) <= COARSE_DECIMALS and "." in run.text for run in runs if run.counts)
    values = [run.value for run in runs if run.counts]
    if coarse or not values:
        return
    counts = Counter(values)
    for arm, members in arms.items():
        found = [run for run in members if run.counts]
        seeds = {run.seed for run in found}
        if len(found) < FEWEST_EQUAL or len({run.value for run in found}) > 1:
            continue
        if answers.seed != NO_SEED and len(seeds) < FEWEST_EQUAL:
            continue  # said elsewhere: one seed, many times
        # how improbable are so many equal values, if they were drawn from all others?
        others = counts - Counter(run.value for run in found)
        total = others.total()
        if total < FEWEST_EQUAL or len(others) < 2:
            continue
        chance = sum((count / total) ** len(found) for count in others.values())
        if chance * len(arms) < 0.001:
            yield Fault(
                kind="seeds change nothing",
                words=f"{name_of(arm)}: {counted(len(found), 'run')} with one result to the last digit, "
                f"{found[0].text}: its seeds change nothing, and it has no spread to go by",
                where=tuple(run.where for run in found),
                alarm=True,
            )


def _decimals(text: str) -> int:
    return len(text.lower().partition("e")[0].rpartition(".")[2]) if "." in text else 0


def _scales(arms: Mapping[Levels, Sequence[JudgedRun]]) -> Iterator[Fault]:
    """Values of one metric as shares of one in some rows and in per cent in others."""
    runs = [run for members in arms.values() for run in members if run.counts and run.value != 0]
    small = [run for run in runs if abs(run.value) <= 1]
    large = [run for run in runs if 1 < abs(run.value) <= 100]
    if not small or not large or len(small) + len(large) < len(runs):
        return
    ratio = median(abs(run.value) for run in large) / median(abs(run.value) for run in small)
    apart = min(abs(run.value) for run in large) / max(abs(run.value) for run in small)
    if ratio > SCALE and apart > SCALE / 4:
        fewer = min(small, large, key=len)
        yield Fault(
            kind="two scales",
            words=f"values from {_range(small)} stand beside {_range(large)}: shares of one and per cent, it seems. "
            "Bring them to one scale",
            where=tuple(run.where for run in fewer),
            alarm=True,
        )


def _range(runs: Sequence[JudgedRun]) -> str:
    return f"{min(run.value for run in runs):g} to {max(run.value for run in runs):g}"


def _seeds(arms: Mapping[Levels, Sequence[JudgedRun]], runs: Sequence[JudgedRun], answers: Answers) -> Iterator[Fault]:
    """Seeds that are missing, or that no two runs share."""
    if answers.seed == NO_SEED:
        return
    for arm, members in arms.items():
        bare = [run for run in members if not run.seed]
        if bare:
            yield Fault(
                kind="no seed",
                words=f"{name_of(arm)}: {counted(len(bare), 'run')} without a seed",
                where=tuple(run.where for run in bare),
                alarm=True,
            )
    seeds = [run.seed for run in runs if run.seed]
    numbers = sorted(int(seed) for seed in seeds if seed.isdecimal())
    counter = (
        len(arms) > 1
        and len(numbers) == len(seeds) >= 2 * FEWEST_EQUAL
        and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    )
    if counter:
        yield Fault(
            kind="a counter",
            words=f"{answers.seed!r} counts the rows, {numbers[0]} to {numbers[-1]}: no two variants share a seed, so "
            "runs are compared unpaired",
            where=(),
            alarm=True,
        )


def _budgets(arms: Mapping[Levels, Sequence[JudgedRun]], answers: Answers) -> Iterator[Fault]:
    """Runs of one arm that were trained for unlike times, as far as a column or the curves tell."""
    taken = {answers.metric, answers.seed, *answers.variant, *answers.arm}
    for arm, members in arms.items():
        found = [run for run in members if run.counts]
        columns = {name for run in found for name in run.cells if name.lower().rpartition("/")[2] in _BUDGETS} - taken
        for name in sorted(columns):
            values = Counter(run.cells.get(name, "") for run in found)
            if len(values) > 1:
                usual = values.most_common(1)[0][0]
                yield Fault(
                    kind="mixed budgets",
                    words=f"{name_of(arm)}: {name} differs between runs ({', '.join(sorted(values))})",
                    where=tuple(run.where for run in found if run.cells.get(name, "") != usual),
                    alarm=True,
                )
        lengths = Counter(run.curve[-1][0] for run in found if run.curve)
        if len(lengths) > 1:
            usual_end = lengths.most_common(1)[0][0]
            short = [run for run in found if run.curve and run.curve[-1][0] < 0.9 * usual_end]
            if short:
                yield Fault(
                    kind="mixed budgets",
                    words=f"{name_of(arm)}: curves of {counted(len(short), 'run')} end long before step {usual_end}",
                    where=tuple(run.where for run in short),
                    alarm=True,
                )


def _unfinished(runs: Sequence[JudgedRun]) -> Iterator[Fault]:
    going = [run for run in runs if run.status == "interrupted"]
    if going:
        yield Fault(
            kind="still going",
            words=f"{counted(len(going), 'run')} not ended: left out",
            where=tuple(run.where for run in going),
            alarm=False,
            dropped=tuple(going),
        )
    lost = [run for run in runs if not run.counts and run.status != "interrupted"]
    if lost:
        with_value = sum(math.isfinite(run.value) for run in lost)
        had = f", though {with_value} left a number," if with_value else ""
        yield Fault(
            kind="no result",
            words=f"{counted(len(lost), 'run')} ended without a result{had} and {'are' if len(lost) > 1 else 'is'} "
            "missing, not slow and not bad: what is shown has to hold where each counts as the worst run, too",
            where=tuple(f"{run.where} ({run.status})" for run in lost),
            alarm=False,
        )


def _sizes(arms: Mapping[Levels, Sequence[JudgedRun]]) -> Iterator[Fault]:
    sizes = {arm: sum(run.counts for run in members) for arm, members in arms.items()}
    single = [arm for arm, size in sizes.items() if size == 1]
    if single and len(single) < len(sizes):
        yield Fault(
            kind="one run only",
            words=f"{counted(len(single), 'variant')} with one run only, which shows no spread",
            where=tuple(name_of(arm) for arm in single),
            alarm=False,
        )
    if len(set(sizes.values())) > 1:
        least, most = min(sizes.values()), max(sizes.values())
        yield Fault(
            kind="unlike sizes",
            words=f"variants have between {least} and {most} runs",
            where=(),
            alarm=False,
        )
