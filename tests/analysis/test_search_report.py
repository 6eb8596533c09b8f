"""From a real store to what a search says: nothing but fresh seeds make a result, and no stopped trial has a value."""

import io
import json
import re

import pytest
from balanced_pages import assert_balanced
from rich.console import Console
from search_writer import EPOCHS, LOSS, SearchWriter

from soundproof.analysis.pages.environment import ReportError
from soundproof.analysis.reports import report_search
from soundproof.common import record

TEST_LOSS = record.TEST_PREFIX + record.LOSS
HOSTILE = "<script>alert(1)</script>"


def _choices(number):
    """A mixed and conditional assignment; a better learning rate gives a lower loss."""
    choices = {
        "recipe.learning_rate": 10 ** (-4 + 3 * (number * 0.618 % 1)),
        "network.kind": "dense" if number % 2 else "plain",
        "network.layers": 1 + number % 4,
        HOSTILE: bool(number % 3 == 0),
    }
    return choices | ({"network[dense].growth": 4 + number} if number % 2 else {})


def _loss(number):
    return 60 + 20 * (number * 0.618 % 1) + number % 2


@pytest.fixture(scope="module")
def report(writer):
    """Forty trials of every end, and three variants confirmed on four seeds, one of which lost half of them."""
    search = SearchWriter(writer, "searched", **{record.REJECTED: json.dumps({f"too large {HOSTILE}": 7})})
    for number in range(30):
        search.trial(f"searched/{number:08x}", _choices(number), number=number, metrics={LOSS: _loss(number)})
    for number in range(30, 36):
        search.trial(f"searched/{number:08x}", _choices(number), number=number, status="pruned", epochs=3)
    search.trial("searched/nan", _choices(36), number=36, status="diverged", epochs=2, metrics={LOSS: 0.5})
    search.trial("searched/oom", _choices(37), number=37, status="failed", epochs=0, reason=HOSTILE)
    search.trial("searched/old", _choices(38), number=38, metrics={LOSS: 75.0}, reused_from="elsewhere")
    search.trial(f"searched/{0:08x}", _choices(0), number=39, metrics={LOSS: _loss(0)}, reused_from="itself")
    for number, mean in ((0, 72.0), (13, 70.0), (26, 65.0)):
        for seed in (1, 2, 3, 4):
            name, status = f"searched/{number:08x}", "failed" if number == 26 and seed > 2 else "completed"
            value = mean + (0.1 * seed * (1 + number % 3))
            metrics = {} if status == "failed" else {LOSS: value, TEST_LOSS: value + 5}
            search.trial(name, _choices(number), seed=seed, status=status, metrics=metrics)
    return report_search("searched", f"Which is best? {HOSTILE}", writer.tracking_uri)


@pytest.fixture(scope="module")
def page(report, tmp_path_factory):
    """The page without Plotly's own script."""
    text = report.write(tmp_path_factory.mktemp("search")).read_text(encoding="utf-8")
    return re.sub(r'(<script type="text/plain" id="plotly">)[A-Za-z0-9+/=]+', r"\1", text)


def _text(report):
    console = Console(width=120, record=True, file=io.StringIO())
    for table in report.tables():
        console.print(table)
    return console.export_text()


def test_the_result_is_the_mean_over_fresh_seeds(report):
    """The best fresh mean wins. The search's own optimum is no result; what it saw of the winner stands beside it."""
    plain = report.plain()
    assert plain["winner"] == f"searched/{13:08x}"
    first, second, unfit = plain["confirmed"]
    assert first["mean"] == pytest.approx(70.5)
    assert (first["n"], first["seeds"]) == (4, [1, 2, 3, 4])
    assert first["interval"][0] < 70.5 < first["interval"][1]
    assert first["search_value_optimistic"] == pytest.approx(_loss(13))
    assert first["optimism"] == pytest.approx(70.5 - _loss(13))
    assert first["test"]["mean"] == pytest.approx(75.5)
    own = min(trial["values"][LOSS] for trial in plain["trials"] if trial["values"][LOSS] is not None)
    assert own not in [choice["mean"] for choice in plain["confirmed"]]
    assert (second["variant"], unfit["variant"]) == (f"searched/{0:08x}", f"searched/{26:08x}")


def test_a_variant_that_lost_half_its_seeds_does_not_win(report):
    """Its mean is the best, over the seeds that survived: it is shown last, as not judged, and enters no pair."""
    unfit = report.plain()["confirmed"][2]
    assert (unfit["judged"], unfit["statuses"]) == (False, {"completed": 2, "failed": 2})
    assert [(pair["first"], pair["second"]) for pair in report.plain()["comparisons"]] == [
        (f"searched/{13:08x}", f"searched/{0:08x}")
    ]


def test_epochs_saved_are_counted_and_seconds_estimated(report):
    """30 trials in full, six stopped after 3 of 10 epochs, one diverged after 2, one failed; reused ones cost none."""
    saved = report.plain()["savings"]
    assert saved["trials"] == 38
    assert saved["epochs_in_full"] == 38 * EPOCHS
    assert saved["epochs_trained"] == 30 * EPOCHS + 6 * 3 + 2
    assert (saved["pruned"], saved["epochs_pruned"]) == (6, 6 * 7)
    assert saved["seconds_pruned_estimated"] == pytest.approx(6 * 7 * 2.0)


def test_only_comparable_trials_have_values(report):
    """Stopped, diverged and failed trials keep their epochs and reasons, and never a number."""
    by_number = {trial["number"]: trial for trial in report.plain()["trials"]}
    assert len(by_number) == 40
    for number in (*range(30, 36), 36, 37):
        assert by_number[number]["values"] == {LOSS: None}
    assert (by_number[30]["status"], by_number[30]["epochs"], by_number[30]["epochs_in_full"]) == ("pruned", 3, 10)
    assert by_number[37]["reason"] == HOSTILE
    assert (by_number[39]["repeats"], by_number[0]["repeats"]) == (True, False)


def test_importance_rests_on_distinct_comparable_trials(report):
    """What was left out is counted by why; the conditional choice is measured among the trials that have it."""
    importance = report.plain()["importance"]
    assert importance["n"] == 31
    assert importance["left_out"] == {"pruned": 6, "diverged": 1, "failed": 1, "repeated": 1}
    by_name = {factor["factor"]: factor for factor in importance["factors"]}
    assert importance["factors"][0]["factor"] == "recipe.learning_rate"
    assert by_name["network[dense].growth"]["n"] == 15
    assert "6 pruned trials, 1 diverged trial, 1 failed trial, 1 repeated trial were left out." in " ".join(
        _text(report).split()
    )


def test_json_is_strict(report):
    """No NaN, no infinity, and the text is the value."""

    def refuse(constant):
        raise AssertionError(constant)

    assert json.loads(report.json(), parse_constant=refuse) == report.plain()


def test_hostile_names_are_text(page):
    """A choice, a question and a reason that are scripts are shown, and nowhere are they markup."""
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_the_page_loads_nothing(page):
    """No address of elsewhere but in links, the policy forbids it, and Plotly needs no code made in the browser."""
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"']?\s*(?:https?:)?//", re.sub(r"<a [^>]*>", "", page))
    assert "https://" not in page
    assert "default-src 'none'" in page
    assert '"parcoords"' not in page


def test_the_page_is_balanced_and_every_figure_has_its_place(page):
    """Each element is closed, each id unique, and progress, lines and slices are drawn."""
    assert_balanced(page)
    assert re.findall(r'data-figure="([^"]+)"', page) == ["figure-progress", "figure-parallel", "figure-slices"]


def test_the_page_says_what_a_reader_looks_for(page):
    """What was saved and rejected, how stopped trials are shown, and that the search's own numbers are optimistic."""
    for text in (
        "320 epochs were trained where 38 trials in full would have taken 380",
        "Stopping 6 trials early saved 42 epochs, 11% of all; that is about 1 min 24 s",
        "7 samples turned down before costing anything",
        "stopped at epoch 3",
        "optimistic",
        "not judged, because too many of its trials have no number",
        "lower is better",
    ):
        assert text in page


def test_the_terminal_shows_the_confirmed_in_full(report):
    """At 120 columns the means, the search's own numbers and the sentences are there, none of them cut."""
    text = _text(report)
    for words in ("70.5", "search's own", "What was done", "Importance for the best validation loss"):
        assert words in text
    assert "…" not in text


def test_without_confirmation_there_is_no_result(writer, tmp_path):
    """No winner, no headline number: the page, the tables and the JSON say how to confirm."""
    search = SearchWriter(writer, "unconfirmed")
    for number in range(5):
        search.trial(f"unconfirmed/{number}", _choices(number), number=number, metrics={LOSS: 33.25 + number})
    report = report_search("unconfirmed", "Which?", writer.tracking_uri)
    plain = report.plain()
    assert (plain["winner"], plain["confirmed"], plain["comparisons"]) == (None, [], [])
    assert "needs at least 8 trials" in plain["importance"]["reason"]
    page = report.write(tmp_path).read_text(encoding="utf-8")
    head = page[page.index("<header>") : page.index('id="done"')]
    assert "the command of the search once more, with --confirm 3" in head
    assert "33.2" not in head
    assert "no result" in head
    assert "--confirm 3" in _text(report)


def test_a_search_without_any_trial_still_reports(writer, tmp_path):
    """Before the first trial ends there is a page, and nothing in it fails."""
    SearchWriter(writer, "begun")
    report = report_search("begun", "Which?", writer.tracking_uri)
    assert "No trial has ended yet" in report.write(tmp_path).read_text(encoding="utf-8")
    assert report.plain()["trials"] == []


def test_two_objectives_have_a_front(writer, tmp_path):
    """The front is what a look at the numbers says, as JSON, table and figure; a stopped trial is not on it."""
    search = SearchWriter(
        writer, "two", **{record.OBJECTIVES: json.dumps(["best/validation/accuracy", record.PARAMETERS])}
    )
    points = [(0.9, 900.0), (0.8, 100.0), (0.7, 200.0), (0.9, 1000.0), (0.85, 500.0)]
    for number, (accuracy, parameters) in enumerate(points):
        metrics = {"best/validation/accuracy": accuracy, record.PARAMETERS: parameters}
        search.trial(f"two/{number}", {"layers": number}, number=number, metrics=metrics)
    search.trial("two/5", {"layers": 5}, number=5, status="pruned", metrics={record.PARAMETERS: 1.0})
    report = report_search("two", "Which?", writer.tracking_uri)
    assert report.plain()["front"] == ["two/0@0", "two/4@0", "two/1@0"]
    page = report.write(tmp_path).read_text(encoding="utf-8")
    assert 'data-figure="figure-pareto"' in page
    assert "Pareto front, by the search's own numbers (optimistic)" in " ".join(_text(report).split())


def test_a_folder_that_cannot_be_is_an_error_of_ours(report, tmp_path):
    """The message names it."""
    (tmp_path / "taken").touch()
    with pytest.raises(ReportError, match="taken"):
        report.write(tmp_path / "taken")
