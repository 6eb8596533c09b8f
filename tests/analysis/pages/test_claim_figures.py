"""The pictures of claims: what is shown at once, what is folded away, and what the words say."""

from soundproof.analysis.pages.claim_figures import claim_figures
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.verdicts.verdicts import outcomes_of
from soundproof.search_spaces.claims import Better, Equivalent, Infeasible, WorstOf, every_pair

LOSSES = [[20.0 + 3 * variant + 0.3 * (seed * (variant + 1) % 4) for seed in range(6)] for variant in range(6)]


def _figures(make, *claims):
    made = make(losses=LOSSES, claims=claims, planned_seeds=6)
    return claim_figures(summarise(made.study, made.records), outcomes_of(made.study, made.records))


def test_few_pairs_are_all_shown(make):
    """Two rows, the deciding one in colour, and the caption says so and at which confidence."""
    (figures,) = _figures(make, Better(text="t", source="s", pairs=(("a", "b"), ("a", "c"))))
    (shown,) = figures.shown
    assert (shown.id, figures.folded) == ("claim-1", ())
    assert len(shown.plain["layout"]["yaxis"]["ticktext"]) == 2
    assert "92.8% interval" in shown.caption
    assert "±2.0 nats" in shown.caption
    assert "Blue: the pair that decides." in shown.caption


def test_many_pairs_are_folded_away_but_the_deciding_one(make):
    """Fifteen pairs: one at once, all on demand, and the caption tells."""
    (figures,) = _figures(make, Equivalent(text="t", source="s", pairs=every_pair(*"abcdef")))
    (shown,) = figures.shown
    assert len(shown.plain["layout"]["yaxis"]["ticktext"]) == 1
    assert "all 15 are folded away below" in shown.caption
    assert len(figures.folded[0].plain["layout"]["yaxis"]["ticktext"]) == 15


def test_a_claim_about_some_variants_has_its_own_ranks(make):
    """Four of six variants are ranked among themselves; a claim about all six is served by the study's diagram."""
    some, everything = _figures(
        make,
        Better(text="t", source="s", pairs=(("a", "b"), ("c", "d"))),
        Better(text="t", source="s", pairs=(("a", "b"), ("c", "d"), ("e", "f"))),
    )
    (ranks,) = some.folded
    assert ranks.id == "claim-1-ranks"
    assert len(ranks.plain["layout"]["yaxis"]["ticktext"]) == 4
    assert everything.folded == ()


def test_a_claim_about_the_worst_marks_the_worst(make):
    """The diagram fills what cannot be excluded as the worst, and says so."""
    (figures,) = _figures(make, WorstOf(text="t", source="s", worst=("f",), others=("a", "b", "c", "d", "e")))
    (ranks,) = figures.folded
    assert "cannot be excluded as the worst" in ranks.caption
    assert ranks.plain["data"][-1]["marker"]["symbol"][-1] == "circle"
    assert ranks.plain["data"][-1]["marker"]["symbol"][0] == "circle-open"


def test_claims_of_arithmetic_have_no_picture(make):
    """Their place is kept, so that pictures and claims stay in step."""
    first, second = _figures(
        make,
        Infeasible(text="t", source="s", variants=("a",)),
        Better(text="t", source="s", pairs=(("a", "b"),)),
    )
    assert (first.shown, first.folded) == ((), ())
    assert second.shown[0].id == "claim-2"
