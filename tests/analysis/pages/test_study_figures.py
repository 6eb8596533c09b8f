"""The figures of a study: those that there is something to show for, with words that fit them."""

from soundproof.analysis.pages.study_figures import study_figures
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.verdicts.verdicts import outcomes_of


def _figures(made):
    figures = study_figures(summarise(made.study, made.records), made.records, outcomes_of(made.study, made.records))
    return {figure.id: figure for figure in figures}


def test_a_study_with_many_levels_has_all_figures(make):
    """Differences, ranks, cost, runs and curves, each with a height for the page to keep free."""
    losses = [[10.0 + variant + seed / 7 for seed in range(3)] for variant in range(4)]
    figures = _figures(make(losses=losses, seconds=(1.0, 2.0, 3.0, 40.0)))
    assert list(figures) == ["differences", "ranks", "cost", "seeds", "curves"]
    assert all(figure.height > 100 for figure in figures.values())
    assert "(logarithmic)" in figures["cost"].caption
    assert len(figures["cost"].key) == 4


def test_ranks_without_a_bar_say_so(make):
    """Where all can be told apart, the caption does not speak of a bar that joins."""
    losses = [[10.0 + 10 * variant + 0.1 * (seed * (variant + 2) % 3) for seed in range(8)] for variant in range(4)]
    figures = _figures(make(losses=losses))
    assert figures["ranks"].plain["data"][1]["mode"] == "markers"
    assert "All can be told apart" in figures["ranks"].caption


def test_a_study_without_numbers_has_no_figure(make):
    """Nothing is drawn of nothing."""
    assert _figures(make(losses=((None, None), (None,)))) == {}
