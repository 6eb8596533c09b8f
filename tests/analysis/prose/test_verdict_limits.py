"""Words beside a verdict: its margins, and how far an early one flatters."""

import numpy as np
from letters import records_of, study_of

from soundproof.analysis.json_forms.study import to_plain
from soundproof.analysis.pages.study import render_page
from soundproof.analysis.prose.verdict_limits import exaggeration_words, margin_words
from soundproof.analysis.summaries.study import summarise
from soundproof.search_spaces.claims import Better, Equivalent, Infeasible

STEPS = np.array([0.0, 0.3, -0.2, 0.1, -0.1, 0.2])
WORDS = {"text": "t", "source": "s"}
CLAIMS = (
    Better(**WORDS, pairs=(("a", "b"),)),
    Equivalent(**WORDS, pairs=(("a", "b"),)),
    Better(**WORDS, pairs=(("b", "a"),)),
    Infeasible(**WORDS, variants=("b",)),
)


def _summary(planned_seeds):
    study = study_of(*CLAIMS, ids="ab")
    records = records_of({"a": (80 + STEPS).tolist(), "b": (84 + STEPS[::-1]).tolist()}, planned_seeds=planned_seeds)
    return summarise(study, records), records


def test_margins_are_told_from_the_smallest_up():
    """Every verdict that another margin would give, with where it changes; one that never changes says so."""
    summary, _ = _summary(6)
    better, alike, worse, _ = summary.claims
    assert margin_words(better) == (
        f"With another margin: supported below {better.endpoint.quantity.amount(better.flips_at[0].margin)}, "
        "negligible above that."
    )
    first, second = (alike.endpoint.quantity.amount(flip.margin) for flip in alike.flips_at)
    assert margin_words(alike) == (
        f"With another margin: contradicted below {first}, undecided from there to {second}, supported above that."
    )
    assert margin_words(worse) == "Contradicted with any margin from 0.2 nats to 48.0 nats."


def test_json_and_page_have_them():
    """`flips_at` beside each claim of statistics, null for one of arithmetic; the page has the words."""
    summary, records = _summary(6)
    better, alike, worse, exact = to_plain(summary)["claims"]
    assert [flip["verdict_below"] for flip in alike["flips_at"]] == ["contradicted", "undecided"]
    assert alike["flips_at"][0]["verdict_above"] == "undecided"
    assert (len(better["flips_at"]), worse["flips_at"], exact["flips_at"]) == (1, [], None)
    page = render_page(summary, records)
    assert all(margin_words(judged) in page for judged in summary.claims[:3])
    assert "Decided after" not in page


def test_an_early_decision_says_that_it_flatters():
    """Where the data were looked at after every seed, and the third decided."""
    summary, records = _summary(None)
    judged = summary.claims[0]
    assert judged.deciding.n == 3
    words = exaggeration_words(judged)
    assert words.startswith("Decided after 3 seeds: effects of claims decided this early are about 1.3 times as large")
    assert words in render_page(summary, records)
    assert to_plain(summary)["claims"][0]["exaggeration"] == judged.exaggeration
    assert exaggeration_words(_summary(6)[0].claims[0]) is None
