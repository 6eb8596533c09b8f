"""The rows of a claim are its comparisons, with the numbers that its verdict used."""

from soundproof.analysis.figures.differences import claim_pairs, deciding_pair
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.verdicts.verdicts import outcomes_of
from soundproof.search_spaces.claims import Better

LOSSES = ((10.0, 12.0, 14.0, 13.0), (15.0, 16.1, 18.9, 17.0), (12.0, 18.0, 14.0, 14.0))
LABELS = {"a": "level a", "b": "level b", "c": "level c"}


def _pairs(made):
    summary = summarise(made.study, made.records)
    claim = summary.claims[0]
    return claim, claim_pairs(claim, outcomes_of(made.study, made.records), LABELS)


def test_a_row_for_each_comparison_with_the_interval_of_the_verdict(make):
    """Seeds, mean and interval are those of the comparison, and the pair that decides is emphasised, no other."""
    claims = (Better(text="t", source="s", pairs=(("a", "b"), ("a", "c"))),)
    claim, data = _pairs(make(losses=LOSSES, claims=claims, planned_seeds=4))
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
