"""Reading the record back from a real MLflow store."""

import json
import math
import re
import sys

import pytest

from soundproof.analysis.records.artifacts import Artifacts, load_all_predictions, load_predictions
from soundproof.analysis.records.loading import load_study
from soundproof.analysis.records.trials import RecordsError
from soundproof.common import record
from soundproof.common.digests import digest_of
from soundproof.common.record import HeldOut
from soundproof.search_spaces import find_study
from soundproof.search_spaces.declarations import declare_study

LOSS = record.best(record.VALIDATION_LOSS)


@pytest.fixture(scope="module")
def written(writer):
    """One study with every kind of trial, an older parent of another preset, and a reused trial."""
    older = writer.study("loading", preset="smoke", corpus="fsdd", margin=1.0)
    writer.trial(older, "a", 0, metrics={LOSS: 1.0})
    parent = writer.study("loading", margin=2.5)
    predictions = {
        "validation": [{"key": "u1", "speaker": "s", "reference": "ja", "hypothesis": "j", "cer": 0.5}],
        "test": [],
    }
    levels = {"order": "relu, norm"}
    first = writer.trial(
        parent, "a", 0, metrics={LOSS: 80.0}, curve=(100.0, math.nan, 80.0), predictions=predictions, levels=levels
    )
    writer.trial(parent, "a", 1, status="stopped_early", reason="no better for 5 epochs", metrics={LOSS: 82.0})
    writer.trial(parent, "a", 2, status="diverged", reason="NaN", metrics={LOSS: 3.0})
    writer.trial(parent, "a", 3, status="failed", reason="out of memory")
    writer.trial(parent, "a", 3, metrics={LOSS: 83.0})
    writer.trial(parent, "a", 4, metrics={LOSS: math.inf})
    writer.trial(parent, "a", 5, terminate=False)
    writer.trial(parent, "b", None, status="infeasible", reason="too short")
    writer.trial(parent, "c", 0, metrics={LOSS: 80.0}, reused_from=first)
    stale = writer.trial(parent, "a", 0, metrics={LOSS: 1.0})
    writer.client.set_tag(stale, record.SUPERSEDED, "true")
    return writer.tracking_uri


def test_only_comparable_ends_give_numbers(written):
    """Completed and early stopped trials count; a diverged one, an infinity, and a run in progress do not."""
    records = load_study(written, "loading", "quick")
    assert records.values("a", LOSS) == {0: 80.0, 1: 82.0, 3: 83.0}
    assert records.values("b", LOSS) == {}
    assert (records.margin, records.corpus) == (2.5, "synthetic-speech")


def test_other_ends_are_counted_with_their_reasons(written):
    """Statuses are counted once for each seed, the finished run before the failed one; an infeasible has no seed."""
    records = load_study(written, "loading", "quick")
    assert records.statuses("a") == {"completed": 3, "stopped_early": 1, "diverged": 1}
    (infeasible,) = records.of("b")
    assert (infeasible.seed, infeasible.reason, infeasible.comparable) == (None, "too short", False)


def test_histories_come_by_epoch_without_what_is_not_a_number(written):
    """The value of each epoch arrives in order, and an epoch of NaN is missing."""
    first = load_study(written, "loading", "quick").of("a")[0]
    assert first.history == {record.VALIDATION_LOSS: ((1, 100.0), (3, 80.0))}
    assert first.levels == {"order": "relu, norm"}


def test_histories_can_be_left_out(written):
    """Who needs only totals does not pay for curves."""
    assert load_study(written, "loading", "quick", histories=()).of("a")[0].history == {}


def test_histories_one_by_one_are_the_same(written, monkeypatch):
    """A store that is no database (a remote server) gives the same histories through the public method."""
    expected = load_study(written, "loading", "quick")
    monkeypatch.setattr("soundproof.analysis.records.store.SqlAlchemyStore", type("Elsewhere", (), {}))
    assert load_study(written, "loading", "quick") == expected


def test_pages_of_runs_are_joined(written, monkeypatch):
    """More runs than a page holds are all read, once each."""
    expected = load_study(written, "loading", "quick")
    monkeypatch.setattr("soundproof.analysis.records.store.RUNS_PER_PAGE", 2)
    monkeypatch.setattr("soundproof.analysis.records.store.RUNS_PER_QUERY", 2)
    assert load_study(written, "loading", "quick") == expected


@pytest.mark.parametrize("runs", [2, 1000])
def test_runs_through_the_public_method_are_the_same(written, monkeypatch, runs):
    """As from a remote server, however many come on a page."""
    expected = load_study(written, "loading", "quick")
    monkeypatch.setattr("soundproof.analysis.records.store.SqlAlchemyStore", type("Elsewhere", (), {}))
    monkeypatch.setattr("soundproof.analysis.records.store.RUNS_PER_PAGE", runs)
    assert load_study(written, "loading", "quick") == expected


def test_the_latest_parent_is_taken_when_none_is_named(written):
    """Without a preset the study run updated last is read; by name, the older one."""
    assert load_study(written, "loading").preset == "quick"
    assert load_study(written, "loading", "smoke").values("a", LOSS) == {0: 1.0}
    assert load_study(written, "loading", corpus="fsdd").preset == "smoke"


def test_predictions_come_from_the_original_run(written):
    """A reused trial has no artifacts of its own; its predictions are those of the run it was copied from."""
    records = load_study(written, "loading", "quick")
    (reused,) = records.of("c")
    (prediction,) = load_predictions(Artifacts(records), reused).validation
    assert (prediction.reference, prediction.hypothesis, prediction.cer) == ("ja", "j", 0.5)


def test_predictions_that_are_no_longer_what_was_left_are_said_and_left_out(writer, caplog):
    """One line for each file, however often it is asked for; the other trials have theirs."""
    parent = writer.study("damaged")
    rows = [{"key": "u1", "reference": "ja", "hypothesis": "j", "cer": 0.5}]
    text = json.dumps({"validation": rows, "test": []})
    digests = {record.DIGESTS: json.dumps({record.PREDICTIONS_ARTIFACT: digest_of(text.encode())})}
    for seed, cer in enumerate((0.5, 0.25)):
        written = {"validation": [rows[0] | {"cer": cer}], "test": []}
        writer.trial(parent, "a", seed, metrics={LOSS: 80.0}, predictions=written, tags=digests)
    records = load_study(writer.tracking_uri, "damaged")
    artifacts, (whole, damaged) = Artifacts(records), records.of("a")
    assert load_predictions(artifacts, whole).validation[0].cer == 0.5
    for _ in range(2):
        with pytest.raises(RecordsError, match="is not what was written"):
            load_predictions(artifacts, damaged)
    (line,) = caplog.messages
    assert line.startswith(f"{record.PREDICTIONS_ARTIFACT} of run {damaged.run_id} is not what was written")
    assert [trial for trial, _ in load_all_predictions(records, records.trials)] == [whole]


def test_missing_predictions_are_an_error_of_ours(written):
    """The message names the artifact and the run."""
    records = load_study(written, "loading", "quick")
    with pytest.raises(RecordsError, match=r"predictions\.json"):
        load_predictions(Artifacts(records), records.of("a")[1])


def test_an_unknown_study_says_what_to_run(written):
    """No such experiment: the message gives the command."""
    with pytest.raises(RecordsError, match=r"run_search\.py run nothing-here"):
        load_study(written, "nothing-here")


def test_an_unknown_preset_lists_those_there_are(written):
    """The message tells what was asked for, what exists, and the command that would make it."""
    with pytest.raises(RecordsError) as caught:
        load_study(written, "loading", "documented", "fsdd")
    message = str(caught.value)
    assert "preset 'documented' and corpus 'fsdd'" in message
    assert "preset 'smoke' on corpus 'fsdd'" in message
    assert "run_search.py run loading --preset documented --corpus fsdd" in message


def test_a_store_that_is_not_there_is_not_made(tmp_path):
    """Asking for a report never leaves an empty database behind."""
    database = tmp_path / "absent.db"
    with pytest.raises(RecordsError, match="no such file"):
        load_study(f"sqlite:///{database}", "loading")
    assert not database.exists()


@pytest.mark.parametrize("content", ["", "no database " * 100])
def test_a_file_that_is_no_store_stays_as_it_is(content, tmp_path):
    """Asking makes no tables in an empty file either."""
    file = tmp_path / "mlflow.db"
    file.write_text(content)
    with pytest.raises(RecordsError, match=f"{file}, found a file that is no database: run a study first"):
        load_study(f"sqlite:///{file}", "loading")
    assert file.read_text() == content


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("postgresql+nodriver://u@127.0.0.1/x", "nodriver.*Check --tracking-uri"),
        ("mssql+pyodbc://u@127.0.0.1/x", "pyodbc.*Install what is missing"),
        ("sqlite://afile", "Invalid SQLite URL.*Check --tracking-uri"),
        ("sqlite:afile", "Check --tracking-uri"),
        ("postgresql+psycopg://u@127.0.0.1:port/x", "cannot be read"),
        ("nonsense://nowhere", "Check --tracking-uri"),
    ],
)
def test_an_address_that_leads_nowhere_is_named(uri, why, monkeypatch):
    """A missing driver and what is no address at all are the user's to mend, whoever below MLflow says so."""
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    shown = uri.replace("u@", "***@")
    with pytest.raises(RecordsError, match=f"tracking store '{re.escape(shown)}' cannot be read: .*") as raised:
        load_study(uri, "loading")
    assert re.search(why, str(raised.value))


def test_a_study_run_without_margin_is_refused(writer):
    """The margin is declared before the data; the analysis makes none up."""
    writer.trial(writer.study("marginless", margin=0.0), "a", 0, metrics={LOSS: 1.0})
    with pytest.raises(RecordsError, match=r"soundproof\.margin"):
        load_study(writer.tracking_uri, "marginless")


@pytest.mark.parametrize(
    ("design", "planned"), [("6", 6), (record.UNTIL_DECIDED, None), (None, None), ("0", None), ("six", None)]
)
def test_seeds_fixed_before_any_data_are_read_off_the_study_run(writer, design, planned):
    """A number is one; everything else, a missing tag included, is read as: results decided about more."""
    name = f"design {design}"
    declared = declare_study(find_study("asr-merge-mode"), margin=3.0, seeds=str(design), first_seed=7)
    writer.trial(writer.study(name, design=design, declared=declared), "a", 7, metrics={LOSS: 1.0})
    found = load_study(writer.tracking_uri, name)
    assert found.declared is not None
    assert found.declared.before
    assert (found.planned_seeds, found.first_seed) == (planned, 7)


def test_seeds_of_a_study_that_declared_nothing_are_not_taken_for_fixed(writer):
    """An earlier version wrote no declarations: their number may have been chosen after looking."""
    writer.trial(writer.study("undeclared", design="6"), "a", 0, metrics={LOSS: 1.0})
    found = load_study(writer.tracking_uri, "undeclared")
    assert found.declared is not None
    assert [reason.kind for reason in found.declared.reasons] == ["no declaration recorded"]
    assert found.planned_seeds is None


def test_a_trial_that_was_taken_over_ended_when_its_original_did(writer):
    """So a study that is written over the trials of another is not declared before them."""
    declared = declare_study(find_study("asr-merge-mode"), margin=3.0, seeds="1", first_seed=0)
    parent = writer.study("over another", design="1", declared=declared)
    writer.trial(parent, "a", 0, metrics={LOSS: 1.0}, tags={record.ENDED_AT: "1000"}, reused_from="elsewhere")
    writer.trial(parent, "b", 0, metrics={LOSS: 1.0})
    found = load_study(writer.tracking_uri, "over another")
    assert found.declared is not None
    assert [(reason.kind, reason.count) for reason in found.declared.reasons] == [("trials ended before it", 1)]
    assert found.planned_seeds is None


def test_what_a_seed_held_out_is_read_where_it_was_written(writer):
    """And is None in an older record."""
    parent, speakers = writer.study("speakers"), HeldOut.of("speaker", ["theo"], ["lucas"])
    writer.trial(parent, "a", 0, metrics={LOSS: 1.0}, tags=speakers.tags)
    writer.trial(parent, "a", 1, metrics={LOSS: 1.0})
    assert [trial.held_out for trial in load_study(writer.tracking_uri, "speakers").trials] == [speakers, None]


def test_a_declaration_that_cannot_be_read_is_refused(writer):
    """To leave it out would take an edited claim for the first one."""
    parent = writer.study("spoilt")
    writer.client.set_tag(parent[1], record.DECLARATION_PREFIX + "0001", '{"time": "yesterday"}')
    with pytest.raises(RecordsError, match=r"must carry a declaration in its tag soundproof\.declaration\.0001"):
        load_study(writer.tracking_uri, "spoilt")


@pytest.mark.parametrize("tag", [record.EPOCHS, record.ENDED_AT, record.INHERITED_EPOCHS])
def test_a_tag_that_should_be_a_number_is_named(writer, tag):
    """Not the traceback of whoever reads it."""
    study = f"garbled-{tag}"
    parent = writer.study(study)
    writer.trial(parent, "a", 0, metrics={LOSS: 1.0}, tags={tag: "true"})
    with pytest.raises(RecordsError, match=f"whole number in its tag {tag}, found 'true'"):
        load_study(writer.tracking_uri, study)
