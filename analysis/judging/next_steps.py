"""What would decide the first claim that is not decided: which runs of which variants."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from soundproof.analysis.judging.runs import name_of
from soundproof.analysis.judging.units import Kind, Units
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict
from soundproof.common.counting import counted


@dataclass(frozen=True, kw_only=True, slots=True)
class NextRuns:
    """What to run of a variant: `seeds` where they are whole numbers that are counted on, else `more` of its `kind`.

    None of both where nothing tells how many.
    """

    variant: str
    kind: Kind
    seeds: tuple[int, ...] | None
    more: int | None

    @property
    def words(self) -> str:
        """`seeds 7 to 9`, `3 more runs`."""
        if self.seeds is None:
            return f"more {self.kind}s" if self.more is None else counted(self.more, f"more {self.kind}")
        listed = [str(seed) for seed in self.seeds]
        if len(listed) > 2 and self.seeds == tuple(range(self.seeds[0], self.seeds[-1] + 1)):
            return f"seeds {listed[0]} to {listed[-1]}"
        return f"seed{'s' if len(listed) > 1 else ''} {', '.join(listed)}"

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        seeds = None if self.seeds is None else list(self.seeds)
        return {"variant": self.variant, "of": self.kind, "seeds": seeds, "more": self.more}


def next_runs(summary: StudySummary, units: Units) -> tuple[NextRuns, ...]:
    """What to run of both variants of the first claim that is undecided; nothing where there is none."""
    had = {name_of(levels): list(of_variant) for levels, of_variant in units.by_variant.items()}
    for judged in summary.claims:
        if judged.verdict == "undecided" and isinstance(judged, StatisticalVerdict):
            pair = (judged.deciding.first, judged.deciding.second)
            more = None if judged.seeds_needed is None else max(1, judged.seeds_needed - judged.deciding.n)
            return _of_pair(pair, [had.get(name, []) for name in pair], units.kind, more)
    return ()


def _of_pair(pair: Sequence[str], had: Sequence[Collection[str]], kind: Kind, more: int | None) -> tuple[NextRuns, ...]:
    """Seeds that one of the two lacks come first, then those after the last."""
    known = _counted_on({seed for of_variant in had for seed in of_variant}) if kind == "seed" else None
    if known is None or more is None:
        return tuple(NextRuns(variant=name, kind=kind, seeds=None, more=more) for name in pair)
    of_both = [seed for seed in known if all(str(seed) in of_variant for of_variant in had)]
    lacking = [seed for seed in known if seed not in of_both]
    wanted = [*lacking, *range(known.stop, known.stop + more)][:more]
    found = []
    for name, of_variant in zip(pair, had, strict=True):
        seeds = tuple(seed for seed in wanted if str(seed) not in of_variant)
        if seeds:
            found.append(NextRuns(variant=name, kind=kind, seeds=seeds, more=len(seeds)))
    return tuple(found)


def _counted_on(seeds: Collection[str]) -> range | None:
    """The seeds as a range, where they are whole numbers that follow each other."""
    if not seeds or not all(seed.isdecimal() and str(int(seed)) == seed for seed in seeds):
        return None
    numbers = [int(seed) for seed in seeds]
    counted_on = range(min(numbers), max(numbers) + 1)
    return counted_on if len(counted_on) == len(numbers) else None


def next_words(runs: Sequence[NextRuns]) -> str | None:
    """`run seeds 7 to 9 of “B”, then judge again`; None where there is nothing to run."""
    if not runs:
        return None
    if len({run.words for run in runs}) == 1:
        of = " and of ".join(f"“{run.variant}”" for run in runs)
        return f"run {runs[0].words} of {of}, then judge again"
    return f"run {' and '.join(f'{run.words} of “{run.variant}”' for run in runs)}, then judge again"
