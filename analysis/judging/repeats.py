"""Runs that are there more than once, or that say the same though they should not."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.judging.faults import FEWEST_EQUAL, Arms, Fault
from soundproof.analysis.judging.runs import JudgedRun, Levels, name_of
from soundproof.analysis.sources.cells import number
from soundproof.common.counting import counted

COARSE_DECIMALS = 2
"""Decimals up to which equal values may be rounding alone."""

EXACT_DECIMALS = 5
"""Decimals from which on runs that nothing names are hardly equal by chance."""


def repeats(arms: Arms, runs: Sequence[JudgedRun], answers: Answers) -> Iterator[Fault]:
    """All of this room that is found."""
    yield from _listed_twice(runs, answers)
    yield from _one_seed_unlike(arms, answers)
    yield from _again(arms)
    yield from _nothing_changes(arms, runs, answers)


def _listed_twice(runs: Sequence[JudgedRun], answers: Answers) -> Iterator[Fault]:
    """Rows that say the same in every cell, of which the first counts; a question where nobody said so."""
    seen: dict[tuple[object, ...], JudgedRun] = {}
    again = []
    if answers.listed_twice == "each":
        return
    for run in runs:
        if not run.seed and _decimals(run.text) < EXACT_DECIMALS:
            continue  # of runs that nothing names a coarse value may come twice by chance
        key = (frozenset(run.cells.items()), run.curve)
        if key in seen:
            again.append(run)
        seen.setdefault(key, run)
    asks = answers.listed_twice is None
    if again:
        yield Fault(
            kind="listed twice",
            words=f"{counted(len(again), 'run')} listed twice, in all cells{'' if asks else ': each counts once'}",
            where=tuple(run.where for run in again),
            alarm=asks,
            dropped=tuple(again),
            ask="Is that one run, or two? Say --listed-twice once or --listed-twice each" if asks else None,
        )


def _one_seed_unlike(arms: Arms, answers: Answers) -> Iterator[Fault]:
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


def _again(arms: Arms) -> Iterator[Fault]:
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


def _nothing_changes(arms: Arms, runs: Sequence[JudgedRun], answers: Answers) -> Iterator[Fault]:
    """Arms of several seeds with one result, where other arms show that seeds do something."""
    coarse = all(_decimals(run.text) <= COARSE_DECIMALS and "." in run.text for run in runs if run.counts)
    values = [run.value for run in runs if run.counts]
    if coarse or not values:
        return
    constant = [arm for arm, members in arms.items() if len({run.value for run in members if run.counts}) == 1]
    if len(constant) == len(arms) > 1 and all(len(of_arm) >= FEWEST_EQUAL for of_arm in arms.values()):
        yield Fault(
            kind="seeds change nothing",
            words="in no arm does a seed change anything, to the last digit: nothing tells what chance does",
            where=tuple(members[0].where for members in arms.values()),
            alarm=True,
        )
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
