"""What is compared of a source's runs: runs by seed, arms with their means, or data sets with theirs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from soundproof.analysis.judging.runs import JudgedRun, Levels, name_of
from soundproof.analysis.sources.found import SourceError
from soundproof.common.counting import counted

Kind = Literal["seed", "run", "arm", "data set"]
"""What one unit is. Seeds and data sets pair variants; runs and arms do not."""

ByVariant = Mapping[Levels, Mapping[str, JudgedRun]]
"""What is compared: by variant, and by the name of what pairs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Units:
    """What is compared, what it is, and what has to be said of it."""

    by_variant: ByVariant
    kind: Kind
    notes: tuple[str, ...] = ()

    @property
    def paired(self) -> bool:
        """Whether units of one name have something in common."""
        return self.kind in ("seed", "data set")

    @property
    def counting(self) -> list[JudgedRun]:
        """Those of all variants that have a number."""
        return [run for of_variant in self.by_variant.values() for run in of_variant.values() if run.counts]


def units_of(runs: Sequence[JudgedRun], *, paired: bool) -> Units:
    """The units of the runs. `paired`: their seeds may pair them. Raises `SourceError` for fewer than two variants."""
    by_variant: dict[Levels, list[JudgedRun]] = defaultdict(list)
    for run in runs:
        by_variant[run.levels].append(run)
    if len(by_variant) < 2:
        (only,) = by_variant or ((),)
        raise SourceError(
            f"judging takes two variants or more, got {counted(len(by_variant), 'variant')}"
            f"{f', {name_of(only)!r}' if only else ''}: name the columns that tell them apart with --variant"
        )
    if any(run.data_set for run in runs):
        return _data_sets(by_variant)
    if any(len({run.arm for run in members}) > 1 for members in by_variant.values()):
        note = (
            "a variant has several arms, whose runs share more than the variant does: each arm counts once, with its "
            "mean, so that verdicts speak of new arms"
        )
        arms = {levels: _arm_means(members) for levels, members in by_variant.items()}
        return Units(by_variant=arms, kind="arm", notes=(note,))
    if not paired:
        numbered = {levels: {str(at): run for at, run in enumerate(members)} for levels, members in by_variant.items()}
        return Units(by_variant=numbered, kind="run")
    return _seeds(by_variant)


def _data_sets(by_variant: Mapping[Levels, Sequence[JudgedRun]]) -> Units:
    """One mean for each data set; of a variant's arms there each counts once, its mean."""
    found: dict[Levels, dict[str, JudgedRun]] = {}
    for levels, members in by_variant.items():
        by_data_set: dict[str, list[JudgedRun]] = defaultdict(list)
        for run in members:
            by_data_set[run.data_set or "none"].append(run)
        found[levels] = {name: _mean_of(list(_arm_means(of_set).values())) for name, of_set in by_data_set.items()}
    count = len({name for of_variant in found.values() for name in of_variant})
    note = (
        f"each of {counted(count, 'data set')} counts once, with the mean of a variant's runs on it: verdicts speak of "
        "new data sets, and where they say seeds, data sets are the pairs"
    )
    return Units(by_variant=found, kind="data set", notes=(note,))


def _seeds(by_variant: Mapping[Levels, Sequence[JudgedRun]]) -> Units:
    found: dict[Levels, dict[str, JudgedRun]] = {}
    repeated = 0
    for levels, members in by_variant.items():
        by_seed: dict[str, list[JudgedRun]] = defaultdict(list)
        for run in members:
            by_seed[run.seed or f"none ({run.where})"].append(run)  # what has no seed is no pair
        repeated += sum(len(of_seed) > 1 for of_seed in by_seed.values())
        found[levels] = {seed: _mean_of(of_seed) for seed, of_seed in by_seed.items()}
    several = f"{counted(repeated, 'seed')} with several runs of one variant: each counts once, with its mean"
    return Units(by_variant=found, kind="seed", notes=(several,) if repeated else ())


def _arm_means(members: Sequence[JudgedRun]) -> dict[str, JudgedRun]:
    by_arm: dict[Levels, list[JudgedRun]] = defaultdict(list)
    for run in members:
        by_arm[run.arm].append(run)
    return {name_of(arm) if arm else "": _mean_of(of_arm) for arm, of_arm in by_arm.items()}


def _mean_of(runs: Sequence[JudgedRun]) -> JudgedRun:
    counting = [run for run in runs if run.counts]
    if len(runs) == 1 or not counting:
        return runs[0]
    value = fmean(run.value for run in counting)
    return replace(counting[0], value=value, text=repr(value))
