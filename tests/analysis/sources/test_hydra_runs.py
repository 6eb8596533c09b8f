"""Hydra's job folders, written by Hydra in a process of its own."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from soundproof.analysis.sources import hydra_runs
from soundproof.analysis.sources.found import SourceError

PROGRAM = """
import json
from pathlib import Path
import hydra
from hydra.core.hydra_config import HydraConfig

@hydra.main(version_base=None, config_path=None)
def main(settings):
    folder = Path(HydraConfig.get().runtime.output_dir)
    results = {"accuracy": settings.rate + settings.seed, "nested": {"wer": float("nan")}}
    (folder / "metrics.json").write_text(json.dumps(results))

main()
"""


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory) -> Path:
    """A sweep of four jobs with a folder each, and one whose jobs share a folder."""
    if find_spec("hydra") is None:
        pytest.skip("Hydra is not installed")
    folder = tmp_path_factory.mktemp("hydra")
    (folder / "program.py").write_text(PROGRAM)
    for options in (["hydra.sweep.dir=own"], ["hydra.sweep.dir=shared", "hydra.sweep.subdir=${now:%Y}"]):
        command = [sys.executable, "program.py", "-m", "+rate=0.1,0.2", "+seed=1,2", *options]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        assert ended.returncode == 0, ended.stderr[-3000:]
    return folder


def test_a_sweep_as_hydra_leaves_it(sweeps):
    """Overrides lose their plus, results come from each job's folder."""
    assert hydra_runs.recognises(sweeps / "own")
    found = hydra_runs.read(sweeps / "own")
    rows = [(run.cells["rate"], run.cells["seed"], float(run.cells["accuracy"])) for run in found.runs]
    assert rows == [("0.1", "1", 1.1), ("0.1", "2", 2.1), ("0.2", "1", 1.2), ("0.2", "2", 2.2)]
    assert all(run.cells["nested/wer"] == "nan" for run in found.runs)
    assert found.hints["seed"] == "seed"
    assert found.notes == ()


@pytest.mark.parametrize("place", ["shared", "shared/job"])
def test_jobs_that_shared_a_folder_are_refused(sweeps, place):
    """The last job's overrides stand beside results of another, or of all."""
    (year,) = (path for path in (sweeps / "shared").iterdir() if path.is_dir())
    with pytest.raises(SourceError, match=r"4 jobs shared .*hydra\.sweep\.subdir=\$\{hydra\.job\.num\}"):
        hydra_runs.read(year if place.endswith("job") else sweeps / "shared")


def test_one_job_of_a_sweep_is_a_run(sweeps):
    """Its brothers lie beside it, so nothing was overwritten."""
    (run,) = hydra_runs.read(sweeps / "own" / "3").runs
    assert run.cells["rate"] == "0.2"


def _job(folder: Path, *overrides: str) -> Path:
    (folder / ".hydra").mkdir(parents=True)
    (folder / ".hydra" / "overrides.yaml").write_text("".join(f"- {word}\n" for word in overrides) or "[]\n")
    return folder


def test_results_are_found_by_the_other_readers(tmp_path):
    """Curves of Lightning, Keras and Ray, and a table of one row."""
    (_job(tmp_path / "0", "++model.seed=1", "~extra", "name='a b'") / "version_0").mkdir()
    (tmp_path / "0" / "version_0" / "metrics.csv").write_text("step,wer\n9,0.5\n")
    (tmp_path / "0" / "results.json").write_text('{"test_wer": 0.4, "model": {"seed": 7}}')
    (_job(tmp_path / "1") / "log.csv").write_text("epoch,loss\n0,0.5\n")
    (_job(tmp_path / "2") / "scores.csv").write_text("wer,cer\n0.5,0.1\n")
    (_job(tmp_path / "10") / "scores.csv").write_text("wer,cer\n0.5,0.1\n0.6,0.1\n")
    found = hydra_runs.read(tmp_path)
    curves, epochs, table, nothing = found.runs
    assert curves.curves == {"wer": ((9, 0.5),)}
    assert {name: curves.cells[name] for name in ("model.seed", "extra", "name", "test_wer")} == {
        "model.seed": "1",
        "extra": "(taken out)",
        "name": "a b",
        "test_wer": "0.4",
    }
    assert curves.cells["folder"] == "0"
    assert epochs.curves == {"loss": ((0, 0.5),)}
    assert (table.cells["wer"], table.cells["cer"]) == ("0.5", "0.1")
    assert dict(nothing.cells) == {"folder": "10"}
    assert any("scores.csv" in note and "10" in note for note in found.notes)
    assert any("no results" in note for note in found.notes)
    assert found.hints["model.seed"] == "seed"


def test_settings_and_results_that_disagree_are_named(tmp_path):
    """A configuration that was overridden elsewhere: both stay."""
    job = _job(tmp_path / "0", "rate=1e-3", "units=8")
    (job / "metrics.json").write_text(json.dumps({"rate": 0.001, "units": 16}))
    found = hydra_runs.read(tmp_path)
    assert (found.runs[0].cells["units"], found.runs[0].cells["results/units"]) == ("8", "16")
    assert found.notes == ("folder 0: units is 8 in the overrides and 16 in the results.",)


def test_a_job_that_was_removed_is_named(sweeps, tmp_path):
    """With numbers for folders nothing was overwritten, and the rest can be judged."""
    import shutil

    shutil.copytree(sweeps / "own", tmp_path / "own")
    shutil.rmtree(tmp_path / "own" / "1")
    found = hydra_runs.read(tmp_path)
    assert len(found.runs) == 3
    assert any("jobs 1" in note for note in found.notes)


def test_other_folders_are_not_recognised(tmp_path):
    """An error that says what was looked for."""
    assert not hydra_runs.recognises(tmp_path)
    with pytest.raises(SourceError, match=r"\.hydra/overrides\.yaml"):
        hydra_runs.read(tmp_path)
    _job(tmp_path / "a")
    (tmp_path / "a" / ".hydra" / "overrides.yaml").write_text("rate: 1\n")
    with pytest.raises(SourceError, match="list of overrides"):
        hydra_runs.read(tmp_path)


def test_a_number_of_a_job_that_cannot_be_is_none(tmp_path):
    """It would have all lower numbers looked for."""
    job = _job(tmp_path / "multirun/0", "lr=0.1")
    (job / ".hydra/hydra.yaml").write_text(f"hydra:\n  mode: MULTIRUN\n  job:\n    num: {'9' * 12}\n    subdir: x\n")
    assert hydra_runs.read(tmp_path).runs[0].cells["lr"] == "0.1"
