"""Experiments that MLflow itself wrote, into a database, a folder and a server, against what was logged."""

import hashlib
import math
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import soundproof.common.library_settings  # noqa: F401
from soundproof.analysis.sources import mlflow_stores
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError
from soundproof.analysis.sources.mlflow_experiments import read, recognises

PARENT = "mlflow.parentRunId"


def fill(client, artifacts):
    """Three experiments: `tuning` with all that can happen to a run, `other` with one run, and an empty one."""
    from mlflow.entities import Metric, Param, RunTag

    experiment = client.create_experiment("tuning", artifacts)
    client.create_experiment("empty", artifacts)
    client.create_run(client.create_experiment("other", artifacts), run_name="lone")
    ids = {}

    def run(name, *, params=(), metrics=(), tags=(), state="FINISHED", parent=None):
        made = client.create_run(experiment, run_name=name, start_time=1000 + len(ids))
        ids[name] = made.info.run_id
        client.log_batch(
            made.info.run_id,
            metrics=[Metric(key, value, time, step) for key, value, time, step in metrics],
            params=[Param(key, value) for key, value in params],
            tags=[RunTag(key, value) for key, value in [*tags, *([(PARENT, ids[parent])] if parent else [])]],
        )
        if state != "RUNNING":
            client.set_terminated(made.info.run_id, status=state)

    run("baseline", params=[("dropout", "None")])
    for seed, values in enumerate([(0.1, 0.7, 0.65), (0.2, 1 / 3, math.nan), (0.3, math.inf, -math.inf)]):
        run(
            f"baseline {seed}",
            params=[("seed", str(seed)), ("dropout", "None"), ("depth", "1.0"), ("size", "8")],
            metrics=[("val/acc", value, 50 - step, step) for step, value in enumerate(values)] + [("size", 2.5, 1, 0)],
            tags=[("who", "me"), ("mlflow.note.content", "a note")],
            parent="baseline",
        )
    run("loop", metrics=[("val/acc", value, time, 0) for time, value in enumerate([0.5, 0.9, 0.4])])
    run("loop child", metrics=[("val/acc", 0.5, 1, -1), ("val/acc", 0.75, 2, 2**40)], parent="loop")
    run("broken", params=[("seed", "3")], metrics=[("epoch", 1, 1, 1), ("epoch", 1, 2, 1)], state="FAILED")
    run("stopped", state="KILLED")
    run("open", metrics=[("val/acc", 0.5, 1, 1)], state="RUNNING")
    run("deleted", metrics=[("val/acc", 0.99, 1, 1)])
    client.delete_run(ids["deleted"])


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """The address of a database that MLflow made."""
    from mlflow import MlflowClient

    folder = tmp_path_factory.mktemp("database")
    address = f"sqlite:///{folder / 'mlflow.db'}"
    fill(MlflowClient(address), str(folder / "artifacts"))
    return address


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that MLflow's file store made."""
    from mlflow import MlflowClient

    path = tmp_path_factory.mktemp("files") / "mlruns"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        fill(MlflowClient(path.as_uri()), path.as_uri())
    return path


@pytest.fixture(params=["database", "folder"])
def address(request):
    """Either of the two."""
    return str(request.getfixturevalue(request.param))


def run_named(found, name):
    """The run of that name."""
    return next(run for run in found.runs if run.cells["run name"] == name)


def state_of(folder):
    """All that is in a folder, with the content of files."""
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_parameters_are_cells_as_they_were_logged(address):
    """Levels stay text: '1.0' is not 1, and a logged None is the word that MLflow makes of it."""
    found = read(address, "tuning")
    cells = run_named(found, "baseline 1").cells
    assert {name: cells[name] for name in ("seed", "dropout", "depth", "size")} == {
        "seed": "1",
        "dropout": "None",
        "depth": "1.0",
        "size": "8",
    }
    assert cells["tags/who"] == "me"
    assert not any(name.startswith("tags/mlflow") for name in found.columns)
    assert cells["parent run"] == "baseline"
    assert [run.cells["run name"] for run in found.runs] == [
        "baseline 0",
        "baseline 1",
        "baseline 2",
        "loop",
        "loop child",
        "broken",
        "stopped",
        "open",
    ]


def test_last_values_and_histories_are_those_that_were_logged(address):
    """Infinity too, which the database keeps as its largest number, and NaN, for which it keeps 0."""
    found = read(address, "tuning")
    last = [number(run_named(found, f"baseline {seed}").cells["val/acc"]) for seed in range(3)]
    assert last[0] == 0.65
    assert math.isnan(last[1])
    assert last[2] == -math.inf
    assert run_named(found, "baseline 0").curves["val/acc"] == ((0, 0.1), (1, 0.7), (2, 0.65))
    assert run_named(found, "baseline 1").curves["val/acc"][:2] == ((0, 0.2), (1, 1 / 3))
    assert math.isnan(run_named(found, "baseline 1").curves["val/acc"][2][1])
    assert run_named(found, "baseline 2").curves["val/acc"] == ((0, 0.3), (1, math.inf), (2, -math.inf))
    assert run_named(found, "loop child").curves["val/acc"] == ((-1, 0.5), (2**40, 0.75))


def test_ends_are_in_the_words_of_mlflow(address):
    """A run that nobody closed stays RUNNING, with a metric too; all other ends than FINISHED are counted."""
    found = read(address, "tuning")
    assert [run.state for run in found.runs] == ["FINISHED"] * 5 + ["FAILED", "KILLED", "RUNNING"]
    for state in ("FAILED", "KILLED", "RUNNING"):
        assert f"Runs in state {state}: 1 of 8." in found.notes


def test_parents_and_deleted_runs_are_noted(address):
    """A parent without a metric is no run; one with a metric stays; what is deleted is counted."""
    notes = "\n".join(read(address, "tuning").notes)
    assert "Deleted runs, left out: 1." in notes
    assert "(their children are the runs): baseline." in notes
    assert "kept beside their children: loop." in notes


def test_several_values_at_one_step_are_noted(address):
    """A loop inside a run: all its values are in the curve, and the note says that the last need not be the result."""
    found = read(address, "tuning")
    assert [value for _, value in run_named(found, "loop").curves["val/acc"]] == [0.5, 0.9, 0.4]
    (note,) = [note for note in found.notes if "at step 0" in note]
    assert "val/acc has 3 values at step 0 in run loop" in note


def test_a_metric_named_like_a_parameter_has_a_column_of_its_own(address):
    """Neither overwrites the other."""
    found = read(address, "tuning")
    cells = run_named(found, "baseline 0").cells
    assert (cells["size"], cells["metrics/size"]) == ("8", "2.5")
    assert any("metrics/NAME: size" in note for note in found.notes)


def test_an_experiment_has_to_be_named_where_there_are_several(address):
    """The error lists them with their numbers of runs; the unknown name too."""
    with pytest.raises(SourceError, match=r"found 2.*'other' \(1 runs\)"):
        read(address, None)
    with pytest.raises(SourceError, match=r"got 'tunning'.*'tuning' \(9 runs\)"):
        read(address, "tunning")
    assert [run.cells["run name"] for run in read(address, "other").runs] == ["lone"]


def test_pages_are_all_read(folder, monkeypatch):
    """The client gives runs page by page."""
    whole = read(str(folder), "tuning")
    monkeypatch.setattr(mlflow_stores, "_RUNS_PER_PAGE", 2)
    assert [run.where for run in read(str(folder), "tuning").runs] == [run.where for run in whole.runs]


def test_reading_changes_nothing(database, folder, monkeypatch):
    """Neither the store, in which MLflow would make a folder, nor the variable that lets it read folders."""
    shutil.rmtree(folder / ".trash")
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    where = Path(database.removeprefix("sqlite:///")).parent
    before = state_of(folder), state_of(where)
    read(str(folder), "tuning")
    read(database, "tuning")
    assert (state_of(folder), state_of(where)) == before
    assert "MLFLOW_ALLOW_FILE_STORE" not in os.environ


def test_a_run_that_mlflow_cannot_parse_is_named(folder, tmp_path):
    """MLflow itself leaves it out with a line in its log: here its description is gone."""
    copy = tmp_path / "mlruns"
    shutil.copytree(folder, copy)
    found = read(str(copy), "tuning")
    metric = next(path for path in copy.rglob("val/acc") if "0.65" in path.read_text())
    run = metric.parents[2]
    (run / "meta.yaml").unlink()
    again = read(str(copy), "tuning")
    assert len(again.runs) == len(found.runs) - 1
    assert any("cannot parse" in note and run.name in note for note in again.notes)


def test_a_database_of_another_version_is_read(database, tmp_path):
    """MLflow refuses it until it is upgraded; the tables that are read have been the same for years."""
    copy = tmp_path / "old.db"
    shutil.copyfile(database.removeprefix("sqlite:///"), copy)
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'cc1f77228345'")
    connection.close()
    assert recognises(str(copy))
    assert len(read(str(copy), "tuning").runs) == 8


def test_what_is_recognised(database, folder, tmp_path):
    """Addresses of servers, databases with MLflow's tables, folders with experiments; nothing else."""
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE experiments (name)")
    connection.close()
    path = database.removeprefix("sqlite:///")
    for address in (database, path, str(folder), folder.as_uri(), "http://localhost:5000", "postgresql+psycopg2://a/b"):
        assert recognises(address), address
    for address in (str(other), str(tmp_path), str(tmp_path / "none.db"), f"sqlite:///{tmp_path / 'none.db'}", "a\0b"):
        assert not recognises(address), address
        with pytest.raises(SourceError, match="expected an MLflow store"):
            read(address, None)
    assert not (tmp_path / "none.db").exists()


def test_a_server_that_does_not_answer_is_an_error_in_words():
    """No traceback, and no waiting."""
    with pytest.raises(SourceError, match=r"expected an MLflow store at 'http://127\.0\.0\.1:9'"):
        read("http://127.0.0.1:9", None)


@pytest.mark.evidence
def test_lightnings_logger(tmp_path):
    """Its steps are batches, its parameters are those of the module, and its `epoch` is book-keeping."""
    pytest.importorskip("pytorch_lightning")
    script = tmp_path / "train.py"
    script.write_text(LIGHTNING)
    environment = os.environ | {"HOME": str(tmp_path), "MLFLOW_ALLOW_FILE_STORE": "true"}
    subprocess.run([sys.executable, script], cwd=tmp_path, env=environment, check=True, capture_output=True)
    found = read(str(tmp_path / "mlruns"), "lightning")
    (run,) = found.runs
    assert (run.cells["width"], run.state) == ("3", "FINISHED")
    assert [step for step, _ in run.curves["val_loss"]] == [4, 9]
    assert number(run.cells["val_loss"]) == run.curves["val_loss"][-1][1]
    assert found.hints["epoch"] == "bookkeeping"
    assert not any("epoch has" in note for note in found.notes)


LIGHTNING = """
import logging, torch, warnings
import pytorch_lightning
from pytorch_lightning.loggers import MLFlowLogger

class Module(pytorch_lightning.LightningModule):
    def __init__(self, width):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(width, 1)
    def training_step(self, batch, index):
        loss = self.layer(batch[0]).square().mean()
        self.log("train_loss", loss)
        return loss
    def validation_step(self, batch, index):
        self.log("val_loss", self.layer(batch[0]).square().mean())
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)

data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(10, 3)), batch_size=2)
trainer = pytorch_lightning.Trainer(
    max_epochs=2, accelerator="cpu", logger=MLFlowLogger("lightning", tracking_uri="file:mlruns"), log_every_n_steps=1,
    enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
)
trainer.fit(Module(3), data, data)
"""
