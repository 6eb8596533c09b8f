"""From a store to JSON, tables, and a page: complete, safe against hostile text, and without a network."""

from __future__ import annotations

import json
import re

import pytest
from rich.console import Console

from analysis import report_study
from analysis.transcripts import departures
from search_spaces import find_study, record

STUDY = find_study("asr-dilation")
HOSTILE = '<script>alert("x")</script>'
TEXTS = [HOSTILE, "שלום עולם", "🎉 [bold]party[/bold]", 'she said "no" & left', "seven red birds"]


def _predictions():
    rows = [
        {"key": f"u{i}", "speaker": "s", "reference": text, "hypothesis": text[1:], "cer": 0.1}
        for i, text in enumerate(TEXTS)
    ]
    return {"validation": rows, "test": []}


@pytest.fixture(scope="module")
def report(writer):
    """A study with three seeds, one infeasible variant, and one failed trial with a hostile reason."""
    parent = writer.study(STUDY.id, margin=3.0)
    for number, variant in enumerate(STUDY.variants):
        if variant.id.endswith("7-layers"):
            writer.trial(parent, variant.id, None, status="infeasible", reason="too short")
            continue
        for seed in range(3):
            loss = 80.0 + number + 0.1 * seed * number
            if (number, seed) == (1, 2):
                writer.trial(parent, variant.id, seed, status="failed", reason=HOSTILE)
                continue
            metrics = {
                record.best(record.VALIDATION_LOSS): loss,
                record.best(record.VALIDATION_CER): 0.3,
                record.PARAMETERS: 1234,
                record.TRAIN_SECONDS: 4.5,
            }
            curve = (200.0, 100.0, loss)
            writer.trial(parent, variant.id, seed, metrics=metrics, curve=curve, predictions=_predictions())
    return report_study(STUDY, writer.tracking_uri)


@pytest.fixture(scope="module")
def page(report, tmp_path_factory):
    """The page's text."""
    return report.write(tmp_path_factory.mktemp("report")).read_text(encoding="utf-8")


def _own(page):
    """The page without Plotly's own script, which is longer than all else by far."""
    return re.sub(r"<script>.{1000000,}?</script>", "", page, flags=re.DOTALL)


def test_hostile_transcripts_are_shown_as_text(page):
    """A transcript that is a script appears on the page, escaped, and nowhere as markup."""
    own = _own(page)
    assert "&lt;script&gt;alert" in own
    assert "<script>alert" not in own


def test_right_to_left_and_emoji_survive(page):
    """Text of other scripts arrives as it was, in elements that find their direction."""
    own = _own(page)
    assert "שלום עולם" in own
    assert "🎉 [bold]party[/bold]" in own
    assert 'dir="auto"' in own


def test_the_page_loads_nothing_from_a_network(page):
    """No element points outside, the policy forbids it, and Plotly is there exactly once."""
    own = _own(page)
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"']?\s*(?:https?:)?//", own)
    assert "url(" not in own
    assert "default-src 'none'" in own
    assert len(re.findall(r"plotly\.js v\d", page)) == 1


def test_the_page_says_what_a_reader_looks_for(page):
    """Question, verdicts, variants in words, reasons of failures, caveats, and the method are all there."""
    own = _own(page)
    claims = [claim.text for claim in STUDY.claims]
    for text in (STUDY.question, *claims, *STUDY.caveats, "too short", "How verdicts are made", "1, 2, 4, 8"):
        assert text in own
    for figure in ("figure-differences", "figure-seeds", "figure-curves"):
        assert f'id="{figure}"' in own


def test_json_has_the_promised_keys_and_no_nan(report):
    """The keys of the design are there, a variant without numbers has nulls, and strict JSON reads it back."""

    def refuse(constant):
        raise AssertionError(constant)

    plain = json.loads(report.json(), parse_constant=refuse)
    assert plain == report.plain()
    assert {"study", "preset", "variants", "claims"} <= set(plain)
    assert [variant["id"] for variant in plain["variants"]] == [variant.id for variant in STUDY.variants]
    for variant in plain["variants"]:
        assert {"id", "n", "mean", "interval", "statuses"} <= set(variant)
    for claim in plain["claims"]:
        assert {"text", "verdict", "effect", "interval", "n", "seeds_needed"} <= set(claim)
    infeasible = plain["variants"][5]
    assert (infeasible["n"], infeasible["mean"], infeasible["interval"]) == (0, None, None)
    assert infeasible["statuses"] == {"infeasible": 1}
    assert plain["claims"][1]["verdict"] == "supported"


def test_writing_again_replaces_and_leaves_nothing_beside(report, tmp_path):
    """Both files are whole, a second writing replaces them, and no temporary file stays."""
    report.write(tmp_path / "deep" / "folder")
    report.write(tmp_path / "deep" / "folder")
    assert sorted(path.name for path in (tmp_path / "deep" / "folder").iterdir()) == ["report.html", "report.json"]


def test_tables_fit_a_terminal(report):
    """At 100 columns each variant, its statuses, and each verdict can be read in full."""
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        for table in report.tables():
            console.print(table)
        text = console.export_text()
    assert "1 infeasible" in text
    assert "1 failed" in text
    assert "1,234" in text
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= 100


def test_a_study_without_a_single_number_still_reports(writer, tmp_path):
    """Before the first trial ends, the page and the tables exist, and every claim is undecided."""
    study = find_study("asr-merge-mode")
    writer.study(study.id)
    report = report_study(study, writer.tracking_uri)
    page = report.write(tmp_path).read_text(encoding="utf-8")
    assert {claim["verdict"] for claim in report.plain()["claims"]} == {"undecided"}
    assert "No trial has completed yet" in page
    assert len(report.tables()) == 2


def test_departures_mark_the_words_that_differ():
    """Equal words are plain, others are marked, and words left out leave no trace."""
    assert departures("the old clock is slow", "the odd clock slow") == (
        ("the", False),
        ("odd", True),
        ("clock", False),
        ("slow", False),
    )
    assert departures("anything", "") == ()
