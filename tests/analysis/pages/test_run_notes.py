"""The description of a study's or a search's run in MLflow."""

from html import escape as html_escape

import pytest
from markdown_it import MarkdownIt
from search_writer import LOSS, SearchWriter

from soundproof.analysis.pages.run_notes import LONGEST_NOTE, search_note, study_note
from soundproof.analysis.prose.study import answer
from soundproof.analysis.reports import report_search
from soundproof.analysis.summaries.study import summarise
from soundproof.search_spaces import Better

HOSTILE = 'a | b*c* <script>alert("1")</script> [x](http://y) `z` \\n &amp; أم 🎵'


def _html(note: str) -> str:
    return MarkdownIt("commonmark", {"html": True}).enable("table").render(note)


@pytest.fixture
def summary_with(make):
    """A summary of two variants with as many claims as are asked for."""

    def made(count: int):
        claims = tuple(Better(text=f"{number} {HOSTILE}", source="s", pairs=(("b", "a"),)) for number in range(count))
        study = make([[50.0, 52.0, 51.0, 51.0], [40.0, 42.0, 41.0, 40.5]], claims=claims)
        return summarise(study.study, study.records)

    return made


def test_a_study_says_question_answer_and_verdicts(summary_with) -> None:
    """As a reference reads the Markdown: the texts of users are text, and a claim is a row with its numbers."""
    summary = summary_with(1)
    html = _html(study_note(summary))
    assert f"<strong>{summary.study.question}</strong>" in html
    assert html_escape(answer(summary)) in html
    assert html.count("<tr>") == 2
    assert '<td style="text-align:left">supported</td>' in html
    assert "<script" not in html
    assert "<a " not in html
    assert "<em>" not in html
    assert "0 a | b*c* &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; [x](http://y) `z` \\n &amp;amp; أم 🎵" in html
    assert f"run_search.py report {summary.study.id}" in html


def test_no_note_is_longer_than_mlflow_keeps(summary_with) -> None:
    """Claims that do not fit are counted, and the way to the whole report is still told."""
    note = study_note(summary_with(60))
    assert LONGEST_NOTE - 500 < len(note) <= LONGEST_NOTE
    rows = _html(note).count("<tr>") - 1
    assert f"and {60 - rows} more in the report" in note
    assert "report.html" in note


def test_a_study_without_claims_has_no_table(summary_with) -> None:
    """The answer stands alone."""
    assert "<table>" not in _html(study_note(summary_with(0)))


def test_a_search_says_what_fresh_seeds_confirm(writer) -> None:
    """The winner and its numbers are in the note, and so is the name of the search that makes the report again."""
    search = SearchWriter(writer, "noted")
    search.trial("noted/1", {"layers": 1}, number=0, metrics={LOSS: 60.0})
    for seed in (1, 2, 3):
        search.trial("noted/1", {"layers": 1}, seed=seed, metrics={LOSS: 61.0 + seed})
    html = _html(search_note(report_search("noted", HOSTILE, writer.tracking_uri).summary))
    assert "The one confirmed variant, noted/1, has a best validation loss of 63.0" in html
    assert html.count("<tr>") == 2
    assert "<script" not in html
    assert "report noted --search tpe.asha.0" in html
