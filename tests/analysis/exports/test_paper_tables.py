"""Tables of papers say what the summary says."""

import pytest

from soundproof.analysis.notation.quantities import MINUS
from soundproof.analysis.records.loading import load_search
from soundproof.analysis.summaries.search import summarise_search
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.tables.model import NOTHING
from soundproof.analysis.tables.paper import PaperTable, paper_table
from soundproof.analysis.tables.search import search_paper_tables
from soundproof.analysis.tables.study import study_tables
from soundproof.search_spaces import Better, Infeasible, Larger


def study_paper_tables(summary) -> tuple[PaperTable, ...]:
    """The tables of a study as papers have them."""
    return tuple(map(paper_table, study_tables(summary)))


@pytest.fixture
def tables(make):
    """Of two variants on four seeds, one trial of which failed, and three claims."""
    claims = (
        Better(text="b is better", source="s", pairs=(("b", "a"),)),
        Larger(text="b is as large", source="s", pair=("b", "a"), ratio=2.0, tolerance=0.1),
        Infeasible(text="a cannot be trained", source="s", variants=("a",)),
    )
    made = make([[50.0, 52.0, 51.0, 51.0], [40.0, 42.0, 41.0, None]], claims=claims, parameters=[1000, 2000])
    return study_paper_tables(summarise(made.study, made.records))


def test_variants_are_as_in_the_report(tables) -> None:
    """Best first, with mean, half interval, difference, parameters, and how many trials have no number."""
    table, _ = tables
    headings = [column.heading for column in table.columns]
    assert headings[:6] == ["variant", "n", "mean (nats)", "±", "vs baseline (nats)", "95% interval"]
    assert headings[6:] == ["CER (%)", "parameters", "not completed"]
    best, baseline = table.rows
    assert best == ("level b", "3", "41.0", "2.5", "+10.0", "9.5 to 10.5", NOTHING, "2,000", "1 failed")
    assert baseline == ("level a", "4", "51.0", "1.3", "baseline", NOTHING, NOTHING, "1,000", "")


def test_claims_come_with_their_own_numbers(tables) -> None:
    """A difference has its unit, a ratio is one, and what arithmetic decides has no p value."""
    _, table = tables
    better, larger, infeasible = table.rows
    assert better[:2] == ("b is better", "supported")
    assert better[4] == "3"
    assert larger == ("b is as large", "supported", "2.00 times", NOTHING, "2", NOTHING)
    assert infeasible == ("a cannot be trained", "contradicted", NOTHING, NOTHING, "1", NOTHING)


def test_numbers_hold_nothing_that_users_wrote(make) -> None:
    """A negative difference has a true minus sign, in a column that says it is numeric."""
    made = make([[40.0, 41.0, 42.0], [50.0, 51.0, 52.5]], labels=["<a>", "$b$"])
    (table,) = study_paper_tables(summarise(made.study, made.records))
    words = [index for index, column in enumerate(table.columns) if not column.numeric]
    assert words == [0]
    assert table.rows[1][4].startswith(MINUS)
    assert [row[0] for row in table.rows] == ["<a>", "$b$"]


def test_an_interval_that_was_cut_shows_both_ends(make) -> None:
    """No loss is below 0: what is left of the interval does not lie evenly about the mean, and has no half."""
    made = make([[0.1, 9.0, 0.2], [50.0, 51.0, 52.0]])
    (table,) = study_paper_tables(summarise(made.study, made.records))
    assert [row[3] for row in table.rows] == ["0.0 to 15.8", "2.5"]


def test_a_search_shows_what_fresh_seeds_confirmed(exported_search) -> None:
    """The mean over fresh seeds beside the search's own number."""
    records = load_search(exported_search, "speech-recipe", "quick", "synthetic-speech")
    (table,) = map(paper_table, search_paper_tables(summarise_search("?", records)))
    (row,) = table.rows
    assert row[0] == records.searched[0].variant
    assert row[2:4] == ("2", "43.5")
    assert row[5] == "40.0"
