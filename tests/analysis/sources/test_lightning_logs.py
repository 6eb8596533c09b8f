"""Lightning's CSV logs, as Lightning writes them."""

import json
import math
from pathlib import Path

import pytest
from written_logs import WRITTEN, written

from soundproof.analysis.sources import lightning_logs, tensorboard_events
from soundproof.analysis.sources.found import SourceError

TRAINING = """
import json, sys, warnings
warnings.simplefilter("ignore")
import torch
import pytorch_lightning as lightning
from pytorch_lightning.loggers import CSVLogger, TensorBoardLogger

logged = {}

class Module(lightning.LightningModule):
    def __init__(self, rate, sizes=(1, 2)):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)
    def training_step(self, batch, place):
        loss = self.layer(batch[0]).square().mean()
        self.log("train_loss", loss)
        if self.global_step % 5 == 4:
            logged.setdefault("train_loss", []).append((self.global_step, loss.item()))
        return loss
    def validation_step(self, batch, place):
        value = float(self.current_epoch) if self.current_epoch else float("nan")
        self.log("val/acc", value)
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.hparams.rate)

data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(20, 1)), batch_size=2)
for seed in (0, 1):
    lightning.seed_everything(seed)
    logged.clear()
    tables = CSVLogger(sys.argv[1] + "/csv", name=f"arm_seed{seed}")
    loggers = [tables, TensorBoardLogger(sys.argv[1] + "/events", name="arm")]
    trainer = lightning.Trainer(
        max_epochs=2, logger=loggers, accelerator="cpu", enable_progress_bar=False, enable_model_summary=False,
        enable_checkpointing=False, log_every_n_steps=5, num_sanity_val_steps=0,
    )
    trainer.fit(Module(0.1), data, data)
    print("logged", json.dumps(logged))
"""


@pytest.fixture(scope="module", params=WRITTEN)
def trained(tmp_path_factory, request) -> tuple[Path, list[dict]]:
    """Two trainings with both loggers, and what they logged."""
    folder = tmp_path_factory.mktemp("lightning")
    said = written("lightning", request.param, folder, TRAINING)
    lines = [line.removeprefix("logged ") for line in said.splitlines() if line.startswith("logged ")]
    return folder, [json.loads(line) for line in lines]


def test_rows_of_one_call_each_become_curves(trained):
    """Most cells are empty; what was not measured is no point, and NaN is one."""
    folder, logged = trained
    assert lightning_logs.recognises(folder / "csv")
    found = lightning_logs.read(folder / "csv")
    for seed, (run, expected) in enumerate(zip(found.runs, logged, strict=True)):
        assert run.cells["variant"] == "arm"
        assert run.cells["seed"] == str(seed)
        assert (run.cells["version"], run.cells["rate"], run.cells["sizes"]) == ("0", "0.1", "[1, 2]")
        assert set(run.curves) == {"train_loss", "val/acc"}
        assert [step for step, _ in run.curves["train_loss"]] == [step for step, _ in expected["train_loss"]]
        assert [value for _, value in run.curves["train_loss"]] == pytest.approx([v for _, v in expected["train_loss"]])
        assert [step for step, _ in run.curves["val/acc"]] == [9, 19]
        assert math.isnan(run.curves["val/acc"][0][1])
        assert run.curves["val/acc"][1][1] == 1.0
    assert found.notes == ()
    assert found.hints["version"] == "bookkeeping"


def test_lightnings_event_files_say_the_same(trained):
    """Its placeholder hp_metric and the epochs are dropped, its settings are cells."""
    pytest.importorskip("tensorboard")
    folder, _ = trained
    tables, events = lightning_logs.read(folder / "csv"), tensorboard_events.read(folder / "events")
    for table, event in zip(tables.runs, events.runs, strict=True):
        assert set(event.curves) == {"train_loss", "val/acc"}
        assert dict(event.curves["train_loss"]) == pytest.approx(dict(table.curves["train_loss"]))
        assert event.cells["rate"] == "0.1"


def test_a_lone_file_is_a_run(trained):
    """With the settings beside it."""
    file = next((trained[0] / "csv").rglob("metrics.csv"))
    assert lightning_logs.recognises(file)
    (run,) = lightning_logs.read(file).runs
    assert run.cells["rate"] == "0.1"


def _version(folder: Path, table: str | None, settings: str | None = "rate: 0.1\n") -> None:
    folder.mkdir(parents=True)
    if table is not None:
        (folder / "metrics.csv").write_text(table)
    if settings is not None:
        (folder / "hparams.yaml").write_text(settings)


def test_versions_without_results_and_versions_that_nothing_sets_apart_are_named(tmp_path):
    """In the wild half of the folders have no metrics, and twenty have equal settings."""
    for version in (2, 10):
        _version(tmp_path / f"version_{version}", "epoch,lr,step,wer\n,0.1,0,\n0,,9,0.8\n")
    _version(tmp_path / "version_1", None)
    found = lightning_logs.read(tmp_path)
    assert [run.cells["version"] for run in found.runs] == ["2", "10"]
    assert found.runs[0].curves == {"lr": ((0, 0.1),), "wer": ((9, 0.8),)}
    assert len(found.notes) == 2
    assert "version_1" in found.notes[0]
    assert "2 runs" in found.notes[1]


def test_a_resumed_training_is_asked_about(tmp_path):
    """It is a new version whose steps go on."""
    _version(tmp_path / "version_0", "epoch,step,wer\n0,9,0.8\n")
    _version(tmp_path / "version_1", "epoch,step,wer\n1,19,0.7\n", "rate: 0.2\n")
    (note,) = lightning_logs.read(tmp_path).notes
    assert "version_1 begins at step 19" in note


def test_settings_that_only_python_could_read_are_named_and_nothing_is_run(tmp_path):
    """YAML of a class is no reason to make one."""
    harmful = (
        "rate: 0.1\nnet:\n  act: !!python/name:os.system ''\n  run: !!python/object/apply:os.mkdir ['made']\n  n: 3\n"
    )
    _version(tmp_path / "version_0", "step,wer\n9,0.8\n", harmful + "sizes: !!python/tuple [1, 2]\n")
    found = lightning_logs.read(tmp_path)
    settings = {name: text for name, text in found.runs[0].cells.items() if name not in {"folder", "version"}}
    assert settings == {"rate": "0.1", "net/n": "3", "sizes": "[1, 2]"}
    assert "net/act, net/run" in found.notes[0]
    assert not Path("made").exists()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("step,wer\n9,0.8,\n", "line 2: 3 cells under 2 names"),
        ("step,wer\n1.5,0.8\n", "line 2: the step"),
        ("step,wer,wer\n", "each once"),
        ('step,wer\n1,"0.8\n', "line 2"),
    ],
)
def test_broken_files_are_refused_by_line(tmp_path, table, words):
    """A row of another length would move every number by a column."""
    _version(tmp_path / "version_0", table)
    with pytest.raises(SourceError, match=words):
        lightning_logs.read(tmp_path)


def test_cells_that_hold_no_number_are_named(tmp_path):
    """They are left out, not read as something else."""
    _version(tmp_path / "version_0", 'step,wer\n1,"0,8"\n2,nan\n')
    found = lightning_logs.read(tmp_path)
    assert [step for step, _ in found.runs[0].curves["wer"]] == [2]
    assert "1 cell" in found.notes[0]


def test_other_tables_are_not_recognised(tmp_path):
    """A `metrics.csv` without steps is another tool's."""
    (tmp_path / "metrics.csv").write_text("name,wer\na,1\n")
    assert not lightning_logs.recognises(tmp_path)
    with pytest.raises(SourceError, match=r"metrics\.csv"):
        lightning_logs.read(tmp_path)


THREE_TO_THE_THIRTEENTH = "a: &a [1, 2]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}]\n" for old, new in zip("abcdefghijklm", "bcdefghijklmn", strict=True)
)


@pytest.mark.parametrize("settings", [THREE_TO_THE_THIRTEENTH, "a: &a\n  b: *a\n"], ids=["many", "itself"])
def test_settings_that_refer_to_each_other_without_end_are_refused(tmp_path, settings):
    """Before anybody follows them."""
    _version(tmp_path / "version_0", "epoch,step,loss\n0,0,1.0\n", settings)
    with pytest.raises(SourceError, match="hparams.yaml cannot be read as YAML"):
        lightning_logs.read(tmp_path)
