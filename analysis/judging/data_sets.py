"""Variants on several data sets: their mean ranks, and whether values of unlike data sets may be averaged at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from soundproof.analysis.judging.runs import name_of
from soundproof.analysis.judging.units import Units
from soundproof.analysis.statistics.rank_tests import FEWEST_BLOCKS, FEWEST_ROWS, RankTest, rank_test

if TYPE_CHECKING:
    from soundproof.analysis.tables.model import Table

UNLIKE = 10.0
"""How many times as far apart variants lie on one data set as on another, for values that are of unlike scale."""

LEVEL = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSetRanks:
    """Ranks of `variants` over `data_sets`, on which all of them have a result; `left_out` lack some.

    `test` is None where there are too few of either: `why_not` says so.
    """

    variants: tuple[str, ...]
    data_sets: tuple[str, ...]
    left_out: tuple[str, ...]
    test: RankTest | None
    why_not: str | None

    def sentence(self) -> str:
        """What the ranks say together."""
        if self.test is None:
            return f"No ranks over data sets: {self.why_not}."
        ways = "differ" if self.test.p_value <= LEVEL else "could all be equal"
        lacking = f" Left out, since a variant lacks them: {', '.join(self.left_out)}." if self.left_out else ""
        return (
            f"By Friedman's test over {len(self.data_sets)} data sets mean ranks {ways} (p = {self.test.p_value:.2g}). "
            f"Two variants can be told apart from a difference of {self.test.critical_difference:.2f} on (Nemenyi's "
            f"critical difference at {LEVEL:.0%})." + lacking
        )


def ranks_of(units: Units, *, higher_is_better: bool) -> DataSetRanks | None:
    """The ranks, where units are data sets."""
    if units.kind != "data set":
        return None
    having = [{name for name, run in of_variant.items() if run.counts} for of_variant in units.by_variant.values()]
    named = dict.fromkeys(name for of_variant in units.by_variant.values() for name in of_variant)
    complete = [name for name in named if all(name in of_variant for of_variant in having)]
    variants = tuple(map(name_of, units.by_variant))
    why_not = None
    if len(variants) < FEWEST_ROWS:
        why_not = f"they take {FEWEST_ROWS} variants or more, and there are {len(variants)}"
    elif len(complete) < FEWEST_BLOCKS:
        why_not = (
            f"they take {FEWEST_BLOCKS} data sets or more on which every variant has a result, and there "
            f"{'is' if len(complete) == 1 else 'are'} {len(complete)}"
        )
    values = np.array([[of_variant[name].value for name in complete] for of_variant in units.by_variant.values()])
    return DataSetRanks(
        variants=variants,
        data_sets=tuple(complete),
        left_out=tuple(name for name in named if name not in complete),
        test=None if why_not else rank_test(values, higher_is_better=higher_is_better, level=LEVEL),
        why_not=why_not,
    )


def scale_notes(units: Units) -> Iterator[str]:
    """A sentence where variants lie much farther apart on some data sets than on others."""
    if units.kind != "data set":
        return
    by_data_set: dict[str, list[float]] = {}
    for of_variant in units.by_variant.values():
        for name, run in of_variant.items():
            if run.counts:
                by_data_set.setdefault(name, []).append(run.value)
    spreads = {name: float(np.std(values)) for name, values in by_data_set.items() if len(values) > 1}
    apart = {name: spread for name, spread in spreads.items() if spread > 0}
    if len(apart) < 2:
        return
    widest, usual = max(apart, key=apart.__getitem__), median(apart.values())
    if apart[widest] > UNLIKE * usual:
        yield (
            f"variants lie {apart[widest] / usual:,.0f} times as far apart on {widest!r} as on most data sets: a mean "
            "difference over all is mostly that of the widest. Ranks count all data sets alike; for means, bring the "
            "metric to one scale in the table first"
        )


def ranks_tables(ranks: DataSetRanks | None) -> tuple["Table", ...]:
    """The mean ranks, best first."""
    if ranks is None or ranks.test is None:
        return ()
    from soundproof.analysis.tables.model import Cell, Column, Table  # a verdict alone needs none

    rows = sorted(zip(ranks.test.mean_ranks, ranks.variants, strict=True), key=lambda row: row[0])
    return (
        Table(
            name="ranks",
            title=f"Mean ranks over {len(ranks.data_sets)} data sets, 1 for the best",
            columns=(Column(heading="variant", role="name"), Column(heading="mean rank")),
            rows=tuple((Cell(text=name), Cell(text=f"{rank:.2f}", value=rank)) for rank, name in rows),
            note=ranks.sentence(),
        ),
    )


def ranks_plain(ranks: DataSetRanks | None) -> dict[str, Any] | None:
    """The same as JSON values."""
    if ranks is None:
        return None
    test = ranks.test
    return {
        "data_sets": list(ranks.data_sets),
        "left_out": list(ranks.left_out),
        "why_not": ranks.why_not,
        "mean_ranks": None if test is None else dict(zip(ranks.variants, test.mean_ranks, strict=True)),
        "friedman": None if test is None else {"statistic": test.statistic, "p_value": test.p_value},
        "critical_difference": None if test is None else test.critical_difference,
        "level": LEVEL,
    }
