"""TensorBoard's event files, written by torch, tensorboardX, Lightning's way and Keras' own callback."""

import json
import math
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from soundproof.analysis.sources import tensorboard_events
from soundproof.analysis.sources.found import SourceError

pytest.importorskip("tensorboard")

KERAS = """
import json, sys, types
import keras, numpy
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")  # what stands for TensorFlow is for Keras alone
from tensorboard.summary import Writer

class EventWriter:  # what Keras asks of TensorFlow, by TensorBoard's own writer of tensors
    current = None
    def __init__(self, folder):
        self.writer = Writer(folder)
    def as_default(self, step=None):
        return self
    def __enter__(self):
        EventWriter.current = self
    def __exit__(self, *_):
        EventWriter.current = None
    def flush(self):
        self.writer.flush()
    close = flush

summary = types.ModuleType("tensorflow.summary")
summary.create_file_writer = EventWriter

def scalar(name, value, step):
    if EventWriter.current:
        EventWriter.current.writer.add_scalar(name, float(value), step)

summary.scalar = scalar
tensorflow = types.ModuleType("tensorflow")
tensorflow.summary = summary
sys.modules |= {"tensorflow": tensorflow, "tensorflow.summary": summary}
"""

KERAS_FITS = (
    KERAS
    + """
inputs = numpy.random.rand(16, 2).astype("float32")
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
logs = keras.callbacks.TensorBoard(sys.argv[1], write_graph=False)
history = model.fit(inputs, inputs.sum(1), epochs=30, validation_split=0.5, verbose=0, callbacks=[logs])
print(json.dumps(history.history))
"""
)


def _writer(folder, **options):
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder), **options)


def _close(values):
    """As 32-bit floats."""
    return pytest.approx(values, rel=1e-7)


def _curve(run, name):
    return dict(run.curves[name])


def test_simple_values_and_tensors_come_alike_and_whole(tmp_path):
    """TensorBoard's default keeps ten points of a curve of tensors, and loses a best value."""
    for place, style in enumerate((False, True)):
        with _writer(tmp_path / f"arm_seed{place}") as writer:
            for step in range(200):
                writer.add_scalar("val/acc", step / 10, step, new_style=style)
    found = tensorboard_events.read(tmp_path)
    assert tensorboard_events.recognises(tmp_path)
    for place, run in enumerate(found.runs):
        assert dict(run.cells) == {"folder": f"arm_seed{place}", "variant": "arm", "seed": str(place)}
        assert [step for step, _ in run.curves["val/acc"]] == list(range(200))
        assert [value for _, value in run.curves["val/acc"]] == _close([step / 10 for step in range(200)])
    assert found.hints == {"folder": "bookkeeping", "variant": "variant", "seed": "seed"}
    assert found.notes == ()


def test_what_is_not_finite_and_unusual_steps_stay(tmp_path):
    """NaN says that a training diverged; steps are any whole numbers."""
    with _writer(tmp_path) as writer:
        for step, value in [(-5, 1.0), (0, math.nan), (2**40, math.inf), (2**40 + 1, -math.inf)]:
            writer.add_scalar("loss", value, step)
    (run,) = tensorboard_events.read(tmp_path).runs
    steps, values = zip(*run.curves["loss"], strict=True)
    assert steps == (-5, 0, 2**40, 2**40 + 1)
    assert math.isnan(values[1])
    assert values[2:] == (math.inf, -math.inf)


def test_a_restart_in_one_folder_replaces_what_came_after_its_first_step(tmp_path):
    """Both writers' points come back, the second's after the first's, and nobody sorts them."""
    for first, offset in ((0, 0), (3, 100)):
        with _writer(tmp_path) as writer:
            for step in range(first, 6 - first // 3):
                writer.add_scalar("loss", step + offset, step)
    found = tensorboard_events.read(tmp_path)
    assert _curve(found.runs[0], "loss") == {0: 0, 1: 1, 2: 2, 3: 103, 4: 104}
    assert len(found.notes) == 1
    assert "from 5 to 3" in found.notes[0]


def test_a_restart_that_says_so_is_followed_without_a_word(tmp_path):
    """With `purge_step` a writer declares what it replaces."""
    for options, offset in (({}, 0), ({"purge_step": 3}, 100)):
        with _writer(tmp_path, **options) as writer:
            for step in range(3 if options else 0, 5 if options else 6):
                writer.add_scalar("loss", step + offset, step)
    found = tensorboard_events.read(tmp_path)
    assert _curve(found.runs[0], "loss") == {0: 0, 1: 1, 2: 2, 3: 103, 4: 104}
    assert found.notes == ()


@pytest.mark.parametrize("place", [None, "."])
def test_settings_and_their_metrics_are_cells(tmp_path, place):
    """In a folder of their own, and in the run's, where a metric at step 0 is no restart of its curve."""
    with _writer(tmp_path / "arm_seed1") as writer:
        for step in range(5):
            writer.add_scalar("accuracy", step, step)
        settings = {"rate": 0.1, "units": 32, "optimiser": "sgd"}
        writer.add_hparams(settings, {"accuracy": 0.5}, run_name=place)
    found = tensorboard_events.read(tmp_path)
    (run,) = found.runs
    assert run.cells["variant"] == "arm"
    assert {name: run.cells[name] for name in settings} == {"rate": "0.1", "units": "32", "optimiser": "sgd"}
    assert run.cells["accuracy"] == "0.5"
    assert _curve(run, "accuracy") == {step: step for step in range(5)}
    assert found.notes == ()


def test_several_settings_below_one_writer_are_runs_of_their_own(tmp_path):
    """The example of torch's documentation: a loop over settings with one writer."""
    with _writer(tmp_path) as writer:
        for units in (1, 2, 3):
            writer.add_hparams({"units": units}, {"accuracy": units / 10}, run_name=f"session{units}")
    found = tensorboard_events.read(tmp_path)
    assert [(run.cells["units"], float(run.cells["accuracy"])) for run in found.runs] == [
        ("1", _close(0.1)),
        ("2", _close(0.2)),
        ("3", _close(0.3)),
    ]


def test_curves_of_a_group_come_back_to_their_run(tmp_path):
    """`add_scalars` makes a folder a curve, each with the group's tag."""
    with _writer(tmp_path / "arm_seed1") as writer:
        for step in range(3):
            writer.add_scalars("part/loss", {"train": step, "val": 10 + step}, step)
            writer.add_scalar("rate", 1.0, step)
    (run,) = tensorboard_events.read(tmp_path).runs
    assert run.cells["folder"] == "arm_seed1"
    assert set(run.curves) == {"part/loss/train", "part/loss/val", "rate"}
    assert _curve(run, "part/loss/val") == {0: 10, 1: 11, 2: 12}


def test_what_is_no_metric_is_dropped_and_what_is_no_curve_named(tmp_path):
    """Lightning's placeholder, epochs, Keras' twins over batches; texts and histograms are named."""
    with _writer(tmp_path / "a") as writer:
        writer.add_scalar("hp_metric", -1, 0)
        for step in range(3):
            writer.add_scalar("epoch", 0, 7)
            writer.add_scalar("evaluation_loss_vs_iterations", step, step)
            writer.add_scalar("loss", step, step)
        writer.add_text("remark", "words")
    with _writer(tmp_path / "b") as writer:
        writer.add_scalar("hp_metric", 0.5, 0)
    with _writer(tmp_path / "c"):
        pass
    found = tensorboard_events.read(tmp_path)
    assert [set(run.curves) for run in found.runs] == [{"loss"}, {"hp_metric"}]
    assert len(found.notes) == 2
    assert "c" in found.notes[0]
    assert "remark/text_summary" in found.notes[1]


def test_parts_of_a_run_are_joined_only_where_they_are_parts(tmp_path):
    """A run called `test` is not the test curve of the folder that all runs lie in."""
    for folder in ("a/train", "a/validation", "b/train", "c/eval", "c", "test"):
        with _writer(tmp_path / folder) as writer:
            writer.add_scalar("loss", 1, 0)
    found = tensorboard_events.read(tmp_path)
    assert {run.cells["folder"]: set(run.curves) for run in found.runs} == {
        "a": {"train/loss", "validation/loss"},
        "b": {"train/loss"},
        "c": {"loss", "eval/loss"},
        "test": {"loss"},
    }


def test_a_half_written_last_record_is_left_out(tmp_path):
    """A training that still runs, or was killed."""
    with _writer(tmp_path) as writer:
        for step in range(5):
            writer.add_scalar("loss", step, step)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-7])
    assert _curve(tensorboard_events.read(tmp_path).runs[0], "loss") == {0: 0, 1: 1, 2: 2, 3: 3}


@pytest.mark.evidence
def test_keras_own_callback(tmp_path):
    """Tensors, of which thirty come back where TensorBoard's default keeps ten; two folders are one run."""
    if find_spec("keras") is None:
        pytest.skip("Keras is not installed")
    ended = subprocess.run(
        [sys.executable, "-c", KERAS_FITS, str(tmp_path / "arm_seed1")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "KERAS_BACKEND": "torch", "KERAS_HOME": str(tmp_path / "home")},
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    history = json.loads(ended.stdout.strip().splitlines()[-1])
    (run,) = tensorboard_events.read(tmp_path / "arm_seed1").runs
    assert {"train/epoch_loss", "validation/epoch_loss"} <= set(run.curves)
    for name, part in (("loss", "train"), ("val_loss", "validation")):
        assert [step for step, _ in run.curves[f"{part}/epoch_loss"]] == list(range(30))
        assert [value for _, value in run.curves[f"{part}/epoch_loss"]] == _close(history[name])


def test_event_files_are_read_without_torch_and_tensorflow(tmp_path):
    """Judging results of others does not wait for a library that trains."""
    with _writer(tmp_path) as writer:
        writer.add_scalar("loss", 1, 0)
    code = (
        "import sys, pathlib; from soundproof.analysis.sources import tensorboard_events as reader\n"
        "assert not {'tensorboard', 'numpy'} & set(sys.modules)\n"
        f"path = pathlib.Path({str(tmp_path)!r}); assert reader.recognises(path)\n"
        "assert 'tensorboard' not in sys.modules\n"
        "assert reader.read(path).runs[0].curves == {'loss': ((0, 1.0),)}\n"
        "assert not {'torch', 'tensorflow', 'ray', 'mlflow', 'pandas'} & set(sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_without_the_library_it_is_said_what_to_install(tmp_path, monkeypatch):
    """The library is an extra."""
    Path(tmp_path / "events.out.tfevents.1.host").touch()
    monkeypatch.setitem(sys.modules, "tensorboard.backend.event_processing.event_file_loader", None)
    with pytest.raises(SourceError, match=r"soundproof\[tensorboard\]"):
        tensorboard_events.read(tmp_path)


def test_a_folder_without_event_files(tmp_path):
    """An error that says what was looked for."""
    assert not tensorboard_events.recognises(tmp_path)
    with pytest.raises(SourceError, match="events.out.tfevents"):
        tensorboard_events.read(tmp_path)
