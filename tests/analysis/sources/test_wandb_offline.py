"""Runs that W&B itself kept offline, in a process of its own and without a network, against what was logged."""

import math
import os
import subprocess
import sys

import pytest

from soundproof.analysis.sources import wandb_offline
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError
from soundproof.analysis.sources.wandb_offline import read, recognises

WRITES = """
import math, wandb

run = wandb.init(
    project="p", name="big", group="arms", tags=["x"],
    settings=wandb.Settings(x_disable_stats=True, console="off"),
    config={"optimizer": {"lr": 0.1, "schedule": {"steps": 3}}, "seed": 1, "layers": [1, 2],
            "nesterov": True, "size": 8},
)
run.config.update({"optimizer": {"momentum": 0.9}}, allow_val_change=True)
run.define_metric("val/acc", summary="max")
for step in range(4):
    run.log({"loss": 1 / (step + 1), "nested": {"acc": step / 10}, "val/acc": math.nan if step == 2 else step})
run.log({"loss": math.inf, "word": "hello", "histogram": wandb.Histogram([1, 2, 3])}, step=10)
run.summary["size"] = 2.5
run.summary["lowest"] = -math.inf
run.summary["undefined"] = math.nan
run.finish()
run = wandb.init(project="p", name="small", config={"seed": 2}, settings=wandb.Settings(x_disable_stats=True))
run.log({"loss": 0.5})
run.finish(exit_code=1)
"""

pytest.importorskip("wandb")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder in which a script ran twice, W&B being offline and at home below it."""
    folder = tmp_path_factory.mktemp("project")
    home = tmp_path_factory.mktemp("home")
    environment = os.environ | {"HOME": str(home), "WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    subprocess.run([sys.executable, "-c", WRITES], cwd=folder, env=environment, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def found(project):
    """Both runs."""
    return read(project / "wandb")


def test_configuration_and_summary_are_cells(found):
    """Nested settings under all their levels; words for infinity are numbers; parts of a histogram are no metrics."""
    cells = found.runs[0].cells
    assert cells["optimizer/lr"] == "0.1"
    assert cells["optimizer/schedule/steps"] == "3"
    assert cells["optimizer/momentum"] == "0.9"
    assert (cells["seed"], cells["layers"], cells["nesterov"]) == ("1", "[1, 2]", "true")
    assert (cells["Name"], cells["Group"]) == ("big", "arms")
    assert number(cells["loss"]) == math.inf
    assert number(cells["lowest"]) == -math.inf
    assert (cells["word"], cells["nested.acc"]) == ("hello", "0.3")
    assert math.isnan(number(cells["val/acc.max"]))
    assert not any(name.startswith(("_", "histogram")) for name in found.columns)
    assert (cells["config/size"], cells["size"]) == ("8", "2.5")


def test_histories_are_curves_over_steps(found):
    """All points, not a sample; NaN and infinity kept."""
    curves = found.runs[0].curves
    assert curves["loss"] == ((0, 1.0), (1, 0.5), (2, 1 / 3), (3, 0.25), (10, math.inf))
    assert curves["nested.acc"] == ((0, 0.0), (1, 0.1), (2, 0.2), (3, 0.3))
    assert [step for step, value in curves["val/acc"] if math.isnan(value)] == [2]
    assert curves.keys() == {"loss", "nested.acc", "val/acc"}


def test_ends_and_what_is_empty_are_noted(found):
    """A script that ended with status 1 failed; W&B writes null for a NaN that is set into the summary."""
    assert [run.state for run in found.runs] == ["finished", "failed"]
    assert "Runs in state failed: 1 of 2." in found.notes
    assert any("writes null for a NaN" in note and "undefined" in note for note in found.notes)
    assert any("config/NAME: size" in note for note in found.notes)


def test_a_project_a_folder_and_a_file_are_recognised(project, tmp_path):
    """The link to the latest run is not a run of its own; other folders are none."""
    file = next(project.glob("wandb/offline-run-*/*.wandb"))
    for path in (project, project / "wandb", file.parent, file):
        assert recognises(path), path
    assert len(wandb_offline._files(project / "wandb")) == 2
    assert not recognises(tmp_path)
    with pytest.raises(SourceError, match=r"found no run-\*\.wandb"):
        read(tmp_path)


def test_a_killed_run_and_an_empty_one(project, tmp_path):
    """A file that ends early is a run without an end where it has records; else it is left out, and named."""
    whole = next(file for file in sorted(project.glob("wandb/offline-run-*/*.wandb"))).read_bytes()
    for name, content in (("cut", whole[:-40]), ("none", whole[:7])):
        folder = tmp_path / f"offline-run-{name}"
        folder.mkdir()
        (folder / f"run-{name}.wandb").write_bytes(content)
    found = read(tmp_path)
    assert [run.state for run in found.runs] == ["running"]
    assert any("left out" in note and "run-none.wandb" in note for note in found.notes)
    assert "Runs without an end, so still running or killed: 1 of 1." in found.notes


def test_without_wandb_the_error_names_both_ways(project, monkeypatch):
    """Install the extra, or export the table."""
    monkeypatch.setattr(wandb_offline, "find_spec", lambda name: None)
    with pytest.raises(SourceError, match=r'pip install "soundproof\[wandb\]".*CSV'):
        read(project)


def test_an_older_command_is_an_error_in_words(project, monkeypatch):
    """0.30 and older print no records."""
    monkeypatch.setattr(wandb_offline.sys, "executable", "/bin/false")
    with pytest.raises(SourceError, match=r"wandb 0\.31 or newer"):
        read(project)


@pytest.mark.parametrize("text", ["[1]", '{"type": "run", "run": {"config": 5}}', '{"type": "history"', "[" * 100_000])
def test_records_of_another_form_are_named(tmp_path, text):
    """Whatever the command prints."""
    with pytest.raises(SourceError, match="records of another form"):
        wandb_offline.run_printed(tmp_path / "run-x.wandb", text, [])
