"""What is wrong with a set of runs, found by arithmetic alone: each fault with its rows, and what is made of it.

A run is left out only where that is right: a row that is listed twice counts once, an arm that is another one again
counts as that one, a run that has not ended has no result. All else is said, and stays.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.judging.faults import FEWEST_EQUAL, Arms, Fault
from soundproof.analysis.judging.mixed_metrics import mixed_metrics
from soundproof.analysis.judging.repeats import repeats
from soundproof.analysis.judging.runs import JudgedRun, Levels, name_of
from soundproof.common.counting import counted

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


def faults_in(runs: Sequence[JudgedRun], answers: Answers) -> tuple[Fault, ...]:
    """All that is found, alarms first."""
    arms: dict[Levels, list[JudgedRun]] = defaultdict(list)
    for run in runs:
        block = () if run.data_set is None else ((str(answers.data_set), run.data_set),)
        arms[(*run.levels, *(level for level in (*run.arm, *block) if level not in run.levels))].append(run)
    found = [
        *repeats(arms, runs, answers),
        *mixed_metrics(arms, runs, answers),
        *_seeds(arms, runs, answers),
        *_budgets(arms, answers),
        *_unfinished(runs),
        *_sizes(arms),
    ]
    return tuple(sorted(found, key=lambda fault: not fault.alarm))


def _seeds(arms: Arms, runs: Sequence[JudgedRun], answers: Answers) -> Iterator[Fault]:
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
        answers.data_set is None
        and len(arms) > 1
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
    elif not answers.arm and answers.data_set is None:
        yield from _unshared(runs)


_FEWEST_SHARED = 3
"""Pairs from which on a test can say something."""


def _unshared(runs: Sequence[JudgedRun]) -> Iterator[Fault]:
    """Variants that have runs, and hardly a seed in common with any other one."""
    seeds: dict[Levels, set[str]] = defaultdict(set)
    for run in runs:
        if run.seed:
            seeds[run.levels].add(run.seed)
    for levels, own in seeds.items():
        enough = min(_FEWEST_SHARED, len(own))
        if any(len(own & others) >= enough for other, others in seeds.items() if other != levels):
            continue
        shared = max((len(own & others) for other, others in seeds.items() if other != levels), default=0)
        yield Fault(
            kind="seeds of its own",
            words=f"{name_of(levels)} shares {shared or 'none'} of its {counted(len(own), 'seed')} with any other "
            "variant, and runs are compared in pairs of one seed (--seed none compares them unpaired)",
            where=tuple(run.where for run in runs if run.levels == levels),
            alarm=True,
        )


def _budgets(arms: Arms, answers: Answers) -> Iterator[Fault]:
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


def _sizes(arms: Arms) -> Iterator[Fault]:
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
