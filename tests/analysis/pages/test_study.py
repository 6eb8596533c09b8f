"""From a store to JSON, tables, and a page: complete, safe against hostile text, and without a network."""

import base64
import gzip
import json
import re
from dataclasses import replace

import pytest
from balanced_pages import assert_balanced
from markupsafe import escape
from rich.console import Console

from soundproof.analysis.notation.quantities import p_value
from soundproof.analysis.pages.environment import ReportError
from soundproof.analysis.pages.study import seeds_fact, write_report
from soundproof.analysis.reports import report_study
from soundproof.analysis.statistics.intervals import Estimate, Interval
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.summaries.transcripts import departures
from soundproof.analysis.tables.study import variants_table
from soundproof.analysis.tables.terminal import terminal_table
from soundproof.common import record
from soundproof.search_spaces import Better, Equivalent, find_study
from soundproof.search_spaces.claims import every_pair

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
    return page.replace(_packed(page), "")


def _packed(page):
    (packed,) = re.findall(r'<script type="text/plain" id="plotly">([A-Za-z0-9+/=]+)</script>', page)
    return packed


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
    """Nothing but links to runs points outside, the policy forbids it, and Plotly is there exactly once."""
    own, links = re.subn(r'<a href="http://127\.0\.0\.1:5000/#/runs/\w+"', "<a", _own(page))
    assert links == 19
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"']?\s*(?:https?:)?//", own)
    assert "url(" not in own
    assert "default-src 'none'" in own
    assert len(re.findall(r"plotly\.js v\d", gzip.decompress(base64.b64decode(_packed(page))).decode())) == 1


def test_the_page_says_what_a_reader_looks_for(page):
    """Question, verdicts, variants in words, reasons of failures, caveats, and the method are all there."""
    own = _own(page)
    claims = [claim.text for claim in STUDY.claims]
    for text in (STUDY.question, *claims, *STUDY.caveats, "too short", "How verdicts are made", "1, 2, 4, 8"):
        assert escape(text) in own
    for figure in ("differences", "ranks", "cost", "seeds", "curves", "claim-1"):
        assert own.count(f'id="figure-{figure}"') == 1
    for text in ("18 trials, 1 min 16 s", "number not fixed beforehand", "Signed-rank p", "All 19 trials"):
        assert text in own


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
    assert len(plain["trials"]) == 19
    assert plain["train_seconds"] == pytest.approx(17 * 4.5)
    failed = next(trial for trial in plain["trials"] if trial["status"] == "failed")
    assert (failed["seed"], failed["value"], failed["reason"]) == (2, None, HOSTILE)
    assert plain["claims"][1]["deciding"] is None
    assert plain["claims"][0]["deciding"] in [
        [pair["first"], pair["second"]] for pair in plain["claims"][0]["comparisons"]
    ]
    assert plain["claims"][1]["verdict"] == "supported"


def test_writing_again_replaces_and_leaves_nothing_beside(report, tmp_path):
    """Both files are whole, a second writing replaces them, and no temporary file stays."""
    report.write(tmp_path / "deep" / "folder")
    report.write(tmp_path / "deep" / "folder")
    assert sorted(path.name for path in (tmp_path / "deep" / "folder").iterdir()) == ["report.html", "report.json"]


def test_a_folder_that_cannot_be_is_an_error_of_ours(report, tmp_path):
    """The message names it."""
    (tmp_path / "taken").touch()
    with pytest.raises(ReportError, match="taken"):
        report.write(tmp_path / "taken")


def test_the_terminal_shows_both_ends_of_a_lopsided_interval(report):
    """An interval for many looks is not symmetric: half of its width would contradict the page and the verdict."""
    interval = Interval(low=3.4, high=26.3, confidence=0.95)
    variants = [
        replace(variant, difference=Estimate(value=12.5, interval=interval, n=7)) if variant.difference else variant
        for variant in report.summary.variants
    ]
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(terminal_table(variants_table(replace(report.summary, variants=tuple(variants)))))
    assert re.search(r"3\.40? to 26\.30?", console.export_text())


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


def test_the_page_is_balanced_and_every_figure_has_its_place(page):
    """Each element is closed, each id is unique, and each figure's data names an element that is there."""
    ids = assert_balanced(_own(page))
    named = re.findall(r'data-figure="([^"]+)"', page)
    assert len(named) > 5
    assert set(named) <= ids


def test_a_hundred_trials_make_a_page_of_less_than_five_megabytes(make, writer, tmp_path):
    """Thirteen variants by eight seeds, with curves of 100 epochs and a claim over 28 pairs."""
    claims = (Equivalent(text="All alike.", source="s", pairs=every_pair(*"abcdefgh")),)
    losses = [[40.0 + variant + 0.37 * (seed * variant % 5) for seed in range(8)] for variant in range(13)]
    made = make(losses=losses, claims=claims, epochs=100, labels=[f"{HOSTILE} {index}" for index in range(13)])
    records = replace(made.records, tracking_uri=writer.tracking_uri)
    path = write_report(summarise(made.study, records), records, tmp_path)
    assert len(records.trials) == 104
    assert path.stat().st_size < 2.5e6
    assert "<script>alert" not in _own(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("planned", "seeds", "text"),
    [
        (3, 3, "3, fixed beforehand"),
        (5, 3, "3, of 5 fixed beforehand"),
        (None, 3, "3, number not fixed beforehand"),
        (None, 0, "none yet"),
    ],
)
def test_the_page_says_how_the_number_of_seeds_came_about(make, planned, seeds, text):
    """Fixed before any data, not yet complete, or left open."""
    claims = (Better(text="t", source="s", pairs=(("a", "b"),)),)
    losses = [[10.0 + seed for seed in range(seeds)]] * 2
    made = make(losses=losses, claims=claims, planned_seeds=planned)
    assert seeds_fact(summarise(made.study, made.records)) == text


def test_p_values_are_never_a_bare_zero():
    """Two significant digits, and a bound below which they mean nothing."""
    assert [p_value(value) for value in (0.0, 0.00012, 0.0449, 0.5, 1.0)] == [
        "below 0.0001",
        "0.00012",
        "0.045",
        "0.5",
        "1",
    ]


@pytest.mark.parametrize(("width", "left_out"), [(60, ["parameters", "training seconds"]), (140, [])])
def test_names_stay_in_a_narrow_terminal(report, width, left_out):
    """What variants cost gives way to their names; the caption says that it is missing."""
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(terminal_table(variants_table(report.summary)))
        text = console.export_text()
    names = "".join(line.split("│")[1].strip() for line in text.splitlines() if "│" in line)
    assert all(variant.id in names for variant in report.summary.variants)
    said = " ".join(text.split())
    assert ("No room here for" in said) == bool(left_out)
    assert all(words in said.partition("No room here for")[2] for words in left_out)
    assert max(map(len, text.splitlines())) <= width
