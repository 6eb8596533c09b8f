"""From the folder of a published layout to a report, by the command line: every recording that was put in is used."""

import json
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from layout_trees import TREES
from sklearn.metrics import average_precision_score

from soundproof.common import record

ROOT = Path(__file__).resolve().parents[1]
STUDIES = {"speech": ("asr-cnn-front-end",), "sounds": ("sound-augmentation",)}
SEVERAL_LABELS = """
from soundproof.search_spaces.custom import make_study
from soundproof.search_spaces.specs.classifiers import FeedForward

networks = {"narrow": FeedForward(dense=(4,), classes=3), "wide": FeedForward(dense=(32,), classes=3)}
metric = "best/validation/mean_average_precision"
STUDY = make_study(id="labels", question="Wider?", domain="sounds", networks=networks, metric=metric)
"""
SIDES = ("train", "validation", "test")

pytestmark = [pytest.mark.evidence, pytest.mark.slow]


def _command(*arguments: str | Path) -> str:
    command = [sys.executable, "run_search.py", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _runs(storage: Path) -> list[mlflow.entities.Run]:
    client = mlflow.MlflowClient(f"sqlite:///{storage / 'mlflow.db'}")
    experiments = [one.experiment_id for one in client.search_experiments()]
    return [run for run in client.search_runs(experiments) if record.TRIAL_ID in run.data.tags]


@pytest.mark.parametrize("name", TREES)
@pytest.mark.timeout(1200)
def test_a_study_runs_on_a_published_layout(tmp_path: Path, name: str) -> None:
    """`describe` and every trial of `run` count what the maker of the tree has put in."""
    tree = TREES[name]
    tree.make(tmp_path / "tree")
    corpus = f"{name}:{tmp_path / 'tree'}"
    told = json.loads(_command("describe", corpus, "--domain", tree.domain, "--out", tmp_path / "page", "--json"))
    assert told["total"]["examples"] == tree.examples
    assert {one["name"]: one["examples"] for one in told["classes"]} == (tree.holds if tree.domain == "sounds" else {})
    storage, study = tmp_path / "storage", STUDIES[tree.domain]
    if tree.with_several_labels:
        (tmp_path / "labels.py").write_text(SEVERAL_LABELS)
        study = ("--file", str(tmp_path / "labels.py"))
    report = json.loads(
        _command(
            *("run", *study, "--corpus", corpus, "--preset", "smoke", "--seeds", "1"),
            *("--storage", storage, "--json"),
        )
    )
    assert all(variant["statuses"] == {"completed": 1} for variant in report["variants"])
    runs = _runs(storage)
    assert len(runs) == len(report["variants"])
    for run in runs:
        sides = {side: int(run.data.metrics[record.DATA_PREFIX + side]) for side in SIDES}
        assert sum(sides.values()) == tree.examples
        assert sides["test"] == tree.tested or not tree.tested
    if name == "fsd50k":
        _scores_are_those_of_scikit_learn(runs)


def _scores_are_those_of_scikit_learn(runs: list[mlflow.entities.Run]) -> None:
    """The mean average precision of each recorded test, from the recorded predictions."""
    for run in runs:
        folder = Path(run.info.artifact_uri.removeprefix("file://"))
        rows = json.loads((folder / "predictions.json").read_text(encoding="utf-8"))["test"]
        classes = list(rows[0]["probabilities"])
        truth = [[name in row["reference"].split("; ") for name in classes] for row in rows]
        scores = [[row["probabilities"][name] for name in classes] for row in rows]
        expected = average_precision_score(truth, scores, average="macro")
        assert run.data.metrics[record.TEST_PREFIX + record.MEAN_AVERAGE_PRECISION] == pytest.approx(expected)
