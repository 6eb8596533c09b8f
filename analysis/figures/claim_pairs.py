"""The picture of a claim: the paired differences of each of its pairs, at the confidence that the verdict used."""

from collections.abc import Mapping
from dataclasses import replace

from soundproof.analysis.figures.differences import DifferenceRow, Differences, seed_differences
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.verdicts.comparisons import Comparison
from soundproof.analysis.verdicts.evidence import Outcomes
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict

MOST_ROWS = 8
"""The pairs that a claim shows at once; of more, the deciding one, and all of them on demand."""


def claim_pairs(judged: StatisticalVerdict, outcomes: Outcomes, labels: Mapping[str, str]) -> Differences | None:
    """A row for each pair with a common seed; the pair that decides is emphasised. None where no pair has one."""
    measured = judged.endpoint.quantity
    rows = [
        _row(pair, outcomes, labels, measured, emphasised=pair == judged.deciding)
        for pair in judged.comparisons
        if pair.effect is not None
    ]
    if not rows:
        return None
    return Differences(axis=measured.difference_axis, margin=measured.shown(judged.endpoint.margin), rows=tuple(rows))


def deciding_pair(pairs: Differences) -> Differences:
    """The emphasised rows alone."""
    return replace(pairs, rows=tuple(row for row in pairs.rows if row.emphasised))


def _row(
    pair: Comparison, outcomes: Outcomes, labels: Mapping[str, str], measured: Quantity, *, emphasised: bool
) -> DifferenceRow:
    assert pair.effect is not None
    first, second = (outcomes.values(variant, measured.metric) for variant in (pair.first, pair.second))
    return DifferenceRow(
        label=labels[pair.first],
        against=labels[pair.second],
        seeds=seed_differences(first, second, measured),
        mean=measured.shown(pair.effect),
        interval=measured.shown_interval(pair.interval),
        emphasised=emphasised,
    )
