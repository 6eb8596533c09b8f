"""Keras' CSV logs, as Keras writes them."""

import json
import math
from pathlib import Path

import pytest
from written_logs import WRITTEN, written

from soundproof.analysis.sources import keras_logs, lightning_logs
from soundproof.analysis.sources.found import SourceError

TRAINING = """
import json, sys
import keras, numpy

inputs = numpy.random.rand(16, 2).astype("float32")

def train(file, append=False, metrics=(), rate=0.01, separator=",", epochs=3, first=0):
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse", metrics=list(metrics))
    log = keras.callbacks.CSVLogger(sys.argv[1] + "/" + file, append=append, separator=separator)
    stop = keras.callbacks.TerminateOnNaN()
    fitted = model.fit(
        inputs, inputs.sum(1), epochs=epochs, initial_epoch=first, batch_size=4, validation_split=0.5, verbose=0,
        callbacks=[log, stop],
    )
    return fitted.history

history = train("arm_seed1.csv", metrics=["mae"])
train("semicolons.log", separator=";")
train("diverged.csv", rate=1e30)
train("twice.csv")
train("twice.csv", append=True)
train("wider.csv")
train("wider.csv", append=True, metrics=["mae"], epochs=6, first=3)
print(json.dumps(history))
"""


@pytest.fixture(scope="module", params=WRITTEN)
def trained(tmp_path_factory, request) -> tuple[Path, dict]:
    """Logs of several trainings, and the history of the first."""
    folder = tmp_path_factory.mktemp("keras")
    settings = {"KERAS_BACKEND": "torch", "KERAS_HOME": str(folder / "home")}
    said = written("keras", request.param, folder, TRAINING, settings)
    return folder, json.loads(said.strip().splitlines()[-1])


def test_a_log_as_it_was_written(trained):
    """A file is a run, its name says variant and seed."""
    folder, history = trained
    assert keras_logs.recognises(folder / "arm_seed1.csv")
    (run,) = keras_logs.read(folder / "arm_seed1.csv").runs
    assert dict(run.cells) == {"folder": "arm_seed1", "variant": "arm", "seed": "1"}
    for name in ("loss", "mae", "val_loss", "val_mae"):
        assert [epoch for epoch, _ in run.curves[name]] == [0, 1, 2]
        assert [value for _, value in run.curves[name]] == pytest.approx(history[name], rel=1e-6)


def test_other_separators_and_validations_that_never_were(trained):
    """The separator is free."""
    (run,) = keras_logs.read(trained[0] / "semicolons.log").runs
    assert len(run.curves["val_loss"]) == 3


def test_an_epoch_that_was_cut_short_is_named(trained):
    """`TerminateOnNaN` leaves a row that looks like a whole epoch."""
    found = keras_logs.read(trained[0] / "diverged.csv")
    assert not math.isfinite(found.runs[0].curves["loss"][-1][1])
    assert any("not finite" in note for note in found.notes)


def test_two_trainings_in_one_file_are_refused(trained):
    """Where the epoch starts again, and where other metrics would stand in the wrong columns."""
    with pytest.raises(SourceError, match="epoch 0 comes after epoch 2, so two trainings"):
        keras_logs.read(trained[0] / "twice.csv")
    with pytest.raises(SourceError, match=r"cells under \d+ names .*: if a second training was appended"):
        keras_logs.read(trained[0] / "wider.csv")


def test_a_folder_of_logs(tmp_path):
    """A file a run; a folder with one log names it; other files are named."""
    for name in ("a_seed1/history.csv", "a_seed2/history.csv", "b/x.log", "b/y.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("epoch,loss,val_loss\n0,1.5,NA\n1,nan,\n")
    (tmp_path / "summary.csv").write_text("name,loss\na,1\n")
    found = keras_logs.read(tmp_path)
    assert [run.cells["folder"] for run in found.runs] == ["a_seed1", "a_seed2", "b/x", "b/y"]
    assert [run.cells.get("seed") for run in found.runs] == ["1", "2", None, None]
    assert all(set(run.curves) == {"loss"} for run in found.runs)
    assert any("summary.csv" in note for note in found.notes)


def test_a_list_in_a_cell_is_named(tmp_path):
    """It is no number."""
    (tmp_path / "a.csv").write_text('epoch,loss,parts\n0,1.5,"""[1, 2]"""\n')
    found = keras_logs.read(tmp_path / "a.csv")
    assert set(found.runs[0].curves) == {"loss"}
    assert "parts" in found.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        "epoch,step,loss\n0,9,1\n",
        "epoch,variant,seed,loss\n0,a,1,2\n",
        "epochs,loss\n",
        "epoch 1 loss 0.5\n",
        "",
        "a,epoch\n",
    ],
)
def test_other_tables_are_not_recognised(tmp_path, text):
    """Lightning's log can begin with `epoch` too, and so can a table of many runs."""
    (tmp_path / "metrics.csv").write_text(text)
    assert not keras_logs.recognises(tmp_path)
    assert not keras_logs.recognises(tmp_path / "metrics.csv")
    assert lightning_logs.recognises(tmp_path) == ("step" in text)
    with pytest.raises(SourceError, match="first column is epoch"):
        keras_logs.read(tmp_path)
