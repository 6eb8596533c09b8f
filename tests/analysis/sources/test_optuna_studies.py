"""Studies that Optuna itself wrote, into a journal and into a database, against what was told to it."""

import math

import optuna
import pytest
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError
from soundproof.analysis.sources.optuna_studies import best_of_studies, read, recognises


def fill(storage):
    """Two studies: one with every end that a trial can have, one with three values."""
    search = optuna.create_study(study_name="tpe-0", storage=storage, direction="maximize")
    space = {
        "dropout": optuna.distributions.CategoricalDistribution([None, 0.1]),
        "lr": optuna.distributions.FloatDistribution(1e-6, 1),
    }

    def ask(dropout, rate):
        search.enqueue_trial({"dropout": dropout, "lr": rate})
        trial = search.ask(space)
        trial.set_user_attr("host", "a")
        return trial

    good = ask(None, 1e-3)
    for step, value in ((1, 0.25), (2, math.nan), (5, math.inf)):
        good.report(value, step)
    search.tell(good, 1 / 3)
    pruned = ask(0.1, 0.01)
    pruned.report(0.99, 1)
    search.tell(pruned, state=TrialState.PRUNED)
    search.tell(ask(0.1, 0.1), math.inf)
    search.tell(ask(0.1, 0.2), -math.inf)
    undefined = ask(0.1, 0.3)
    with pytest.warns(UserWarning, match="nan"):
        search.tell(undefined, math.nan)  # becomes FAIL
    broken = ask(0.1, 0.4)
    with pytest.raises(ValueError, match="nan"):
        search.tell(broken, math.nan, state=TrialState.COMPLETE)  # stays RUNNING
    search.enqueue_trial({"dropout": None, "lr": 0.5})
    other = optuna.create_study(study_name="tpe-1", storage=storage, direction="maximize")
    for value in (0.5, 0.75, 0.25):
        other.tell(other.ask({"lr": space["lr"]}), value)


@pytest.fixture(scope="module", params=["journal.log", "study.db"])
def path(request, tmp_path_factory):
    """A storage of either kind."""
    file = tmp_path_factory.mktemp("optuna") / request.param
    if file.suffix == ".db":
        storage = RDBStorage(f"sqlite:///{file}")
        fill(storage)
        storage.remove_session()
        storage.engine.dispose()
    else:
        fill(JournalStorage(JournalFileBackend(str(file))))
    return file


def test_only_complete_trials_have_a_value(path):
    """A pruned trial's last report is no result, nor is anything of one that failed, runs or waits."""
    found = read(path)
    first = [run for run in found.runs if run.cells["study"] == "tpe-0"]
    assert [run.state for run in first] == ["COMPLETE", "PRUNED", "COMPLETE", "COMPLETE", "FAIL", "RUNNING", "WAITING"]
    assert [run.cells.get("value") for run in first] == [repr(1 / 3), None, "inf", "-inf", None, None, None]
    assert number(first[2].cells["value"]) == math.inf
    assert any("tpe-0 without a result: 1 PRUNED, 1 FAIL, 1 RUNNING, 1 WAITING, of 7" in note for note in found.notes)
    assert "Study tpe-1 was to maximize value." in found.notes


def test_parameters_and_reports_are_those_of_the_trial(path):
    """None is a level; NaN and infinity in reports are kept; the pruned trial's report is a curve."""
    found = read(path)
    good, pruned = found.runs[:2]
    assert good.cells["params/dropout"] == "None"
    assert pruned.cells["params/dropout"] == "0.1"
    assert number(good.cells["params/lr"]) == 1e-3
    assert good.cells["user_attrs/host"] == "a"
    steps, values = zip(*good.curves["value"], strict=True)
    assert steps == (1, 2, 5)
    assert values[0] == 0.25
    assert math.isnan(values[1])
    assert values[2] == math.inf
    assert pruned.curves["value"] == ((1, 0.99),)
    assert found.columns == ("study", "trial", "params/dropout", "params/lr", "user_attrs/host", "value")


def test_the_best_of_each_study_is_one_run(path):
    """Ten trials of two studies are two runs; the curve is the best so far."""
    best = best_of_studies(read(path), "maximize")
    assert [run.cells["value"] for run in best.runs] == ["inf", "0.75"]
    assert [run.cells["trial"] for run in best.runs] == ["2", "1"]
    assert best.runs[1].curves["value"] == ((0, 0.5), (1, 0.75), (2, 0.75))
    assert "2 studies of 10 trials in all are 2 repetitions, not 10" in best.notes[-1]
    lowest = best_of_studies(read(path), "minimize")
    assert [run.cells["value"] for run in lowest.runs] == ["-inf", "0.25"]
    assert lowest.runs[1].curves["value"][1] == (1, 0.5)


def test_reading_leaves_no_trace(path):
    """Neither a lock, nor a journal, nor a changed byte."""
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert recognises(path)
    read(path)
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_studies_of_several_objectives(tmp_path):
    """Named ones by their names; there is no best of them."""
    file = tmp_path / "two.log"
    storage = JournalStorage(JournalFileBackend(str(file)))
    study = optuna.create_study(storage=storage, directions=["minimize", "maximize"])
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        study.set_metric_names(["wer", "speed"])
    study.tell(study.ask(), (0.25, 3))
    found = read(file)
    assert (found.runs[0].cells["wer"], found.runs[0].cells["speed"]) == ("0.25", "3.0")
    with pytest.raises(SourceError, match="one objective"):
        best_of_studies(found, "minimize")


def test_a_study_without_a_complete_trial(tmp_path):
    """It is a run all the same, without a value."""
    file = tmp_path / "failed.log"
    storage = JournalStorage(JournalFileBackend(str(file)))
    for name, state in (("a", TrialState.COMPLETE), ("b", TrialState.FAIL)):
        study = optuna.create_study(study_name=name, storage=storage)
        study.tell(study.ask(), 1.0 if name == "a" else None, state=state)
    runs = best_of_studies(read(file), "minimize").runs
    assert [(run.state, run.cells.get("value")) for run in runs] == [("COMPLETE", "1.0"), ("no complete trial", None)]


def test_a_database_of_an_older_schema_is_read(tmp_path):
    """Optuna asks to upgrade it; a copy is."""
    import sqlite3

    file = tmp_path / "old.db"
    storage = RDBStorage(f"sqlite:///{file}")
    study = optuna.create_study(storage=storage)
    study.tell(study.ask(), 1.5)
    storage.remove_session()
    storage.engine.dispose()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE version_info SET library_version = '2.0.0'")
        connection.execute("UPDATE alembic_version SET version_num = 'v3.2.0.a'")
    connection.close()
    assert read(file).runs[0].cells["value"] == "1.5"


def test_what_is_not_optunas(tmp_path):
    """Another file, a folder, nothing; a journal that ends in the middle is read to there, or refused in words."""
    other = tmp_path / "other.jsonl"
    other.write_text('{"loss": 1}\n')
    for path in (other, tmp_path, tmp_path / "none"):
        assert not recognises(path)
        with pytest.raises(SourceError, match="expected a journal or a database of Optuna"):
            read(path)
    journal = tmp_path / "broken.log"
    optuna.create_study(storage=JournalStorage(JournalFileBackend(str(journal))))
    with pytest.raises(SourceError, match="expected trials"):
        read(journal)
    journal.write_text(journal.read_text() + "this is no JSON\n" + journal.read_text())
    with pytest.raises(SourceError, match="cannot read"):
        read(journal)
