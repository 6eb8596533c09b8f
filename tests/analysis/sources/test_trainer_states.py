"""States of Hugging Face's Trainer, as tiny trainings write them."""

import json
import math
import shutil
from pathlib import Path

import pytest
from written_logs import WRITTEN, written

from soundproof.analysis.sources import trainer_states
from soundproof.analysis.sources.found import SourceError

TRAINING = """
import json, sys
import soundproof.trainables.audio_maths  # torchaudio, which transformers imports, is told that it has no extension
import torch
from transformers import Trainer, TrainingArguments

class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
    def forward(self, x, labels):
        answer = self.layer(x)
        return {"loss": (answer - labels).square().mean(), "logits": answer}

data = [{"x": torch.ones(1) * place, "labels": torch.ones(1) * 2 * place} for place in range(8)]
for name, rate in (("good_seed1", 0.01), ("diverged_seed1", 1e30)):
    settings = TrainingArguments(
        f"{sys.argv[1]}/{name}", max_steps=6, per_device_train_batch_size=2, logging_steps=1, eval_strategy="steps",
        eval_steps=2, save_steps=3, learning_rate=rate, report_to=[], use_cpu=True, disable_tqdm=True, optim="sgd",
        max_grad_norm=0,
    )
    trainer = Trainer(Network(), settings, train_dataset=data, eval_dataset=data)
    result = trainer.train()
    trainer.save_metrics("train", result.metrics)
    trainer.save_state()
    trainer.save_metrics("test", trainer.evaluate(data, metric_key_prefix="test"))
    print("logged", json.dumps(trainer.state.log_history))
"""


@pytest.fixture(scope="module", params=WRITTEN)
def trained(tmp_path_factory, request) -> tuple[Path, dict[str, list[dict]]]:
    """A training that went well and one that diverged, and what each logged."""
    folder = tmp_path_factory.mktemp("trainer")
    said = written("trainer", request.param, folder, TRAINING)
    lines = [line.removeprefix("logged ") for line in said.splitlines() if line.startswith("logged ")]
    return folder, dict(zip(("good", "diverged"), map(json.loads, lines), strict=True))


def test_a_training_as_it_was_logged(trained):
    """Evaluations come before losses, and the mean loss over the whole training is no metric."""
    folder, logged = trained
    assert trainer_states.recognises(folder)
    found = trainer_states.read(folder)
    run = next(run for run in found.runs if run.cells["variant"] == "good")
    for name in ("loss", "eval_loss", "grad_norm", "learning_rate"):
        expected = tuple((entry["step"], entry[name]) for entry in logged["good"] if name in entry)
        assert run.curves[name] == expected
        assert len(expected) == (3 if name == "eval_loss" else 6)
    assert [*run.curves] == ["eval_loss", "grad_norm", "learning_rate", "loss"]
    assert run.state is None
    assert float(run.cells["test_loss"]) == pytest.approx(run.curves["eval_loss"][-1][1])
    assert run.cells["seed"] == "1"
    assert "train_loss" not in found.columns
    for cost in ("train_runtime", "test_runtime", "eval_samples_per_second", "global_step"):
        assert found.hints[cost] == "bookkeeping"


def test_a_training_that_diverged_has_failed_though_its_loss_is_the_lowest(trained):
    """Its losses are logged as exactly 0.0: by last or lowest loss it would win."""
    folder, logged = trained
    assert [entry["loss"] for entry in logged["diverged"] if "loss" in entry][-1] == 0.0
    found = trainer_states.read(folder)
    run = next(run for run in found.runs if run.cells["variant"] == "diverged")
    assert run.state == "failed"
    assert math.isnan(run.curves["eval_loss"][-1][1])
    assert all("diverged_seed1" in note for note in found.notes)
    assert any("exactly 0.0" in note and "6" in note for note in found.notes)
    assert any("eval_loss is NaN" in note for note in found.notes)


def test_without_a_state_at_the_top_the_last_checkpoint_counts(trained, tmp_path):
    """Checkpoints are ordered by their numbers: 12 is after 3."""
    shutil.copytree(trained[0] / "good_seed1", tmp_path / "a")
    (tmp_path / "a" / "trainer_state.json").unlink()
    (tmp_path / "a" / "checkpoint-6").rename(tmp_path / "a" / "checkpoint-12")
    (run,) = trainer_states.read(tmp_path).runs
    assert run.cells["folder"] == "a"
    assert run.cells["global_step"] == "6"
    assert len(run.curves["loss"]) == 6
    (lone,) = trainer_states.read(tmp_path / "a" / "checkpoint-3" / "trainer_state.json").runs
    assert len(lone.curves["loss"]) == 3


def _state(folder: Path, *history: dict, steps: int = 9) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": steps, "log_history": history}))


def test_a_loss_of_zero_alone_is_a_suspicion(tmp_path):
    """Without gradients' norms and evaluations nothing else shows it."""
    _state(tmp_path / "a", {"loss": 1.0, "step": 1}, {"loss": 0.0, "step": 2})
    _state(tmp_path / "b", {"loss": 1.0, "step": 1}, {"loss": 1e-9, "step": 2})
    found = trainer_states.read(tmp_path)
    assert [run.state for run in found.runs] == ["suspected", None]
    assert "folder a: the loss is exactly 0.0 at 1 step (2)" in found.notes[0]
    assert "seed" in found.notes[1]


def test_a_late_checkpoint_counts_before_an_older_state_at_the_top(tmp_path):
    """A training that was resumed after its script had saved the state."""
    _state(tmp_path / "a", {"loss": 1.0, "step": 1}, steps=1)
    _state(tmp_path / "a" / "checkpoint-2", {"loss": 1.0, "step": 1}, {"loss": 0.5, "step": 2}, steps=2)
    (run,) = trainer_states.read(tmp_path).runs
    assert run.curves["loss"] == ((1, 1.0), (2, 0.5))


def test_results_of_several_test_sets_stay_apart(tmp_path):
    """Files that say different things under one name keep the name of the file."""
    _state(tmp_path / "a", {"loss": 1.0, "step": 1})
    for name, accuracy in (("clean_results", 0.9), ("noisy_results", 0.7), ("all_results", 0.9)):
        (tmp_path / "a" / f"{name}.json").write_text(json.dumps({"accuracy": accuracy, "wer": 0.1, "train_loss": 5}))
    found = trainer_states.read(tmp_path)
    cells = found.runs[0].cells
    assert cells["wer"] == "0.1"
    assert (cells["clean_results/accuracy"], cells["noisy_results/accuracy"]) == ("0.9", "0.7")
    assert "accuracy" not in cells
    assert "train_loss" not in cells
    assert any("differ in accuracy" in note for note in found.notes)


def test_broken_states_are_refused(tmp_path):
    """An error that names the file."""
    (tmp_path / "trainer_state.json").write_text("{")
    with pytest.raises(SourceError, match=r"trainer_state\.json cannot be read as JSON"):
        trainer_states.read(tmp_path)
    (tmp_path / "trainer_state.json").write_text("{}")
    with pytest.raises(SourceError, match="log_history"):
        trainer_states.read(tmp_path)
