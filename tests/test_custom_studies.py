"""A study of a user's own with a network of the user's own, as the commands say: from `init` to the report."""

import ast
import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.search_spaces.custom import load_file

ROOT = Path(__file__).resolve().parents[1]


def _command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "run_search.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    """`init` overwrites nothing, and says so with status 2."""
    (tmp_path / "mine.py").write_text("precious", encoding="utf-8")
    done = _command(tmp_path, "init", "mine.py")
    assert (done.returncode, (tmp_path / "mine.py").read_text(encoding="utf-8")) == (2, "precious")
    assert done.stderr.startswith("error: mine.py is there already")


@pytest.mark.parametrize("name", ["my study.py", "it's\\new.py", 'a""".py'])
def test_what_to_run_next_can_be_typed(tmp_path: Path, name: str) -> None:
    """Whatever the file is called: in what `init` prints, and in what it writes."""
    said = _command(tmp_path, "init", name).stdout.partition("Next: ")[2]
    program = [sys.executable, str(ROOT / "run_search.py")]
    assert shlex.split(said) == [*program, "run", "--file", name, "--preset", "smoke", "--seeds", "2"]
    written = ast.get_docstring(ast.parse((tmp_path / name).read_text(encoding="utf-8")))
    assert written is not None
    typed = written.partition("Run it with: ")[2]
    assert shlex.split(typed) == [*program, "run", "--file", name, "--seeds", "6"]


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    """As `export` makes it; where none can be, it is an error of ours."""
    assert _command(tmp_path, "init", "new/deep/mine.py").returncode == 0
    assert (tmp_path / "new" / "deep" / "mine.py").is_file()
    done = _command(tmp_path, "init", "new/deep/mine.py/other.py")
    assert (done.returncode, done.stderr.startswith("error: new/deep/mine.py/other.py cannot be written")) == (2, True)


@pytest.mark.parametrize("options", [[], ["--speech"]])
def test_the_example_is_a_plan(tmp_path: Path, options: list[str]) -> None:
    """Two variants of a network whose parameters are counted by building it; the id may be left out."""
    assert _command(tmp_path, "init", "mine.py", *options).returncode == 0
    planned = json.loads(_command(tmp_path, "plan", "--file", "mine.py", "--json").stdout)
    (study,) = planned["studies"]
    smaller, larger = (variant["parameters"]["total"] for variant in study["variants"])
    assert 0 < smaller < larger
    assert _command(tmp_path, "plan").returncode == 2


def _runs(folder: Path) -> tuple[MlflowClient, list[Run]]:
    client = MlflowClient(f"sqlite:///{folder / 'soundproof-store' / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("my-convolutions")
    assert experiment is not None
    return client, list(client.search_runs([experiment.experiment_id]))


@pytest.mark.evidence
@pytest.mark.timeout(600)
def test_the_example_runs_and_is_reported(tmp_path: Path) -> None:
    """In processes that never saw its files. A failure says where in them it was, and the record keeps them."""
    assert _command(tmp_path, "init", "mine.py").returncode == 0
    text = (tmp_path / "mine.py").read_text(encoding="utf-8")
    counted = text.replace("for _ in range(self.layers):", "for _ in count(self.layers):")
    broken = f"from counting import count\n{counted}"
    assert broken.count("count(") == 1
    (tmp_path / "mine.py").write_text(broken, encoding="utf-8")
    (tmp_path / "counting.py").write_text("def count(layers):\n    return range(layers // (2 - layers))\n")
    done = _command(tmp_path, "run", "--file", "mine.py", "--preset", "smoke", "--seeds", "1", "--json")
    assert done.returncode == 0, done.stderr
    (reason,) = [run.data.tags[record.REASON] for run in _runs(tmp_path)[1] if record.REASON in run.data.tags]
    assert reason.startswith("ZeroDivisionError")
    assert reason.endswith("(in count, line 2 of counting.py)")
    assert {variant["id"]: variant["n"] for variant in json.loads(done.stdout)["variants"]} == {
        "my-convolutions/one-layer": 1,
        "my-convolutions/two-layers": 0,
    }
    client, runs = _runs(tmp_path)
    (parent,) = (run for run in runs if run.data.tags[record.KIND] == record.KIND_STUDY)
    (source,) = {variant.network.source for variant in load_file(tmp_path / "mine.py").studies[0].variants}
    kept = f"{record.CUSTOM_ARTIFACTS}/{source}"
    files = [file.path for file in client.list_artifacts(parent.info.run_id, kept)]
    assert files == [f"{kept}/counting.py", f"{kept}/mine.py"]
    _heard(
        tmp_path,
        next(run.data.tags[record.TRIAL_ID] for run in runs if run.data.tags.get(record.STATUS) == "completed"),
    )


def _heard(folder: Path, trial_id: str) -> None:
    """A trained network of the file's says the class of a recording, where the file is named."""
    soundfile.write(folder / "hum.wav", np.sin(np.arange(16000) / 20), 16000)
    done = _command(folder, "predict", trial_id, "hum.wav", "--file", "mine.py", "--json")
    assert done.returncode == 0, done.stderr
    assert 0 < json.loads(done.stdout)["predictions"][0]["probability"] <= 1
