"""Paired differences: the numbers of each row, of claims those of their comparisons; the axis, and what is drawn."""

import pytest

from soundproof.analysis.figures.differences import (
    DifferenceRow,
    Differences,
    baseline_differences,
    claim_pairs,
    deciding_pair,
    draw_differences,
)
from soundproof.analysis.statistics.intervals import Interval
from soundproof.analysis.summaries.study import summarise
from soundproof.search_spaces.claims import Better

LOSSES = ((10.0, 12.0, 14.0), (9.0, 10.0, 11.0), (13.0, 15.0, None))


def _row(label="b", mean=2.0, interval=None, against=None, emphasised=True):
    return DifferenceRow(
        label=label,
        against=against,
        seeds=((0, mean - 1), (2, mean + 1)),
        mean=mean,
        interval=interval,
        emphasised=emphasised,
    )


def test_rows_hold_the_improvement_of_every_seed(make):
    """A lower loss is an improvement, a seed that failed is absent, and the best variant comes first."""
    made = make(losses=LOSSES)
    data = baseline_differences(summarise(made.study, made.records))
    assert [row.label for row in data.rows] == ["level b", "level c"]
    assert data.rows[0].seeds == ((0, 1.0), (1, 2.0), (2, 3.0))
    assert data.rows[0].mean == 2.0
    assert data.rows[1].seeds == ((0, -3.0), (1, -3.0))
    assert data.margin == 2.0
    assert data.axis == "improvement in best validation loss (nats)"


def test_the_axis_shows_all_seeds_and_the_margin_but_not_an_endless_interval():
    """Seeds from 1 to 3 and a margin of 5 span 10; an interval may take one and a half times that on either side."""
    data = Differences(axis="x", margin=5.0, rows=(_row(interval=Interval(low=-1e6, high=8.0, confidence=0.95)),))
    low, high = data.limits
    air = 0.04 * (8 + 20)
    assert low == pytest.approx(-5 - 15 - air)
    assert high == pytest.approx(8 + air)
    assert data.clipped
    assert not Differences(axis="x", margin=5.0, rows=(_row(),)).clipped


def test_drawn_means_carry_their_intervals_and_the_deciding_one_its_colour():
    """Emphasised and other rows are two traces; error bars reach from the mean to the ends of the interval."""
    interval = Interval(low=1.0, high=4.0, confidence=0.99)
    rows = (_row(emphasised=False), _row(mean=3.0, interval=interval))
    drawn = draw_differences(Differences(axis="x", margin=1.0, rows=rows))
    seeds, others, deciding = drawn.data
    assert list(seeds.text) == ["seed 0", "seed 2"] * 2
    assert (list(others.x), list(others.error_x.array)) == ([2.0], [0])
    assert (list(deciding.x), list(deciding.error_x.array), list(deciding.error_x.arrayminus)) == ([3.0], [1.0], [2.0])
    assert others.marker.color != deciding.marker.color


def test_labels_are_text_to_plotly():
    """Plotly reads markup in labels, so that of users is escaped."""
    rows = (_row(label="<b>x</b>", against="a & b"),)
    drawn = draw_differences(Differences(axis="x", margin=1.0, rows=rows))
    assert list(drawn.layout.yaxis.ticktext) == ["&lt;b&gt;x&lt;/b&gt;<br>over a &amp; b"]


CLAIMED = ((10.0, 12.0, 14.0, 13.0), (15.0, 16.1, 18.9, 17.0), (12.0, 18.0, 14.0, 14.0))
CLAIM_LABELS = {"a": "level a", "b": "level b", "c": "level c"}


def _pairs(made):
    summary = summarise(made.study, made.records)
    claim = summary.claims[0]
    return claim, claim_pairs(claim, CLAIM_LABELS)


def test_a_row_for_each_comparison_with_the_interval_of_the_verdict(make):
    """Seeds, mean and interval are those of the comparison, and the pair that decides is emphasised, no other."""
    claims = (Better(text="t", source="s", pairs=(("a", "b"), ("a", "c"))),)
    claim, data = _pairs(make(losses=CLAIMED, claims=claims, planned_seeds=4))
    assert [(row.label, row.against) for row in data.rows] == [("level a", "level b"), ("level a", "level c")]
    assert data.rows[1].seeds == ((0, 2.0), (1, 6.0), (2, 0.0), (3, 1.0))
    assert [row.mean for row in data.rows] == [pair.effect for pair in claim.comparisons]
    assert [row.interval for row in data.rows] == [pair.interval for pair in claim.comparisons]
    emphasised = [pair for pair, row in zip(claim.comparisons, data.rows, strict=True) if row.emphasised]
    assert emphasised == [claim.deciding]
    assert deciding_pair(data).rows == tuple(row for row in data.rows if row.emphasised)


def test_seeds_after_one_that_is_missing_are_left_out_while_the_plan_is_open(make):
    """The dots are those that the verdict counts: up to the first seed that has not ended on both sides."""
    losses = ((10.0, 12.0, 14.0), (15.0, 16.0))
    _, data = _pairs(make(losses=losses, claims=(Better(text="t", source="s", pairs=(("a", "b"),)),)))
    assert [seed for seed, _ in data.rows[0].seeds] == [0, 1]
    assert data.rows[0].interval is None


def test_a_pair_without_a_common_seed_has_no_row(make):
    """Where nothing was compared yet there is nothing to show."""
    claims = (Better(text="t", source="s", pairs=(("a", "b"),)),)
    assert _pairs(make(losses=((10.0, 11.0), (None, None)), claims=claims))[1] is None
