"""Critical-difference diagrams: ranks, groups and marks of a table that can be checked by hand."""

from soundproof.analysis.figures.ranks import draw_ranks, ranks
from soundproof.analysis.notation.quantities import quantity
from soundproof.analysis.verdicts.verdicts import outcomes_of
from soundproof.common import record

LOSS = quantity(record.best(record.VALIDATION_LOSS), 2.0)
# c is best at every seed by about 10; a and b share ranks 2 and 3, and are told apart by nothing; d is far worse.
LOSSES = (
    (20.0, 21.0, 20.5, 21.5, 20.0, 21.0),
    (21.0, 20.0, 21.5, 20.5, 21.0, 20.0),
    (10.0, 10.4, 10.9, 11.1, 10.2, 10.3),
    (40.0, 41.3, 40.6, 41.4, 40.9, 41.0),
)
LABELS = {variant: f"level {variant}" for variant in "abcd"}


def _ranks(made, variants="abcd", marked=None):
    return ranks(list(variants), outcomes_of(made.study, made.records), LOSS, LABELS, marked)


def test_mean_ranks_groups_and_the_best(make):
    """Ranks 1, 2.5, 2.5, 4; one bar over the middle two; only the best is marked."""
    data = _ranks(make(losses=LOSSES, planned_seeds=6))
    assert [(variant.label, variant.rank) for variant in data.variants] == [
        ("level c", 1.0),
        ("level a", 2.5),
        ("level b", 2.5),
        ("level d", 4.0),
    ]
    assert data.joined == ((1, 2),)
    assert [variant.marked for variant in data.variants] == [True, False, False, False]
    assert data.seeds == 6


def test_marks_can_be_given(make):
    """A claim about the worst marks those that its own verdict could not exclude."""
    data = _ranks(make(losses=LOSSES, planned_seeds=6), marked=("d",))
    assert [variant.label for variant in data.variants if variant.marked] == ["level d"]


def test_few_variants_or_seeds_make_no_diagram(make):
    """Three variants are shown better by their differences, and one seed has no spread."""
    assert _ranks(make(losses=LOSSES, planned_seeds=6), variants="abc") is None
    assert _ranks(make(losses=[losses[:1] for losses in LOSSES], planned_seeds=1)) is None


def test_a_variant_that_lost_too_many_seeds_is_left_out(make):
    """What survives a selection has no rank; with it gone, three are left, too few."""
    made = make(losses=(*LOSSES[:3], (40.0, None, None, None, None, 41.0)), planned_seeds=6)
    assert _ranks(made) is None


def test_bars_are_drawn_across_the_stems(make):
    """Traces: all stems, a bar for each group that joins, all points, filled where marked."""
    drawn = draw_ranks(_ranks(make(losses=LOSSES, planned_seeds=6)))
    _, bar, points = drawn.data
    assert min(bar.x) < 2.5 < max(bar.x)
    assert bar.y[0] == bar.y[1] > max(points.y)
    assert list(points.x) == [1.0, 2.5, 2.5, 4.0]
    assert list(points.marker.symbol) == ["circle", "circle-open", "circle-open", "circle-open"]
