"""What a program says that its run came to: numbers where there are some, and why not elsewhere."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from soundproof.analysis.judging.program_results import NoResultError, Reading
from soundproof.analysis.sources import mlflow_stores


def _line(text: str, metric: str | None, folder: Path) -> float:
    (folder / "stdout.txt").write_text(text)
    return _reading("last-line", metric).result(folder, folder / "stdout.txt")


def _reading(source: str, metric: str | None, curve_end: str | None = None) -> Reading:
    return Reading(source=source, metric=metric, higher_is_better=True, curve_end=curve_end)


@pytest.mark.parametrize(
    ("text", "metric", "value"),
    [
        ("loading\nepoch 1\n0.25\n\n", None, 0.25),
        ("1e-3", None, 0.001),
        ("nan", None, math.nan),
        ("-inf\n", None, -math.inf),
        ("epoch 9 val_acc=0.91 acc=0.95\n", "acc", 0.95),
        ("loss 0.3, wer: 12.5", "wer", 12.5),
        ("wer 12.5", "wer", 12.5),
        ("wer=NaN", "wer", math.nan),
        ("wer=12.5,acc=0.9", "wer", 12.5),
        ("(wer=12.5)", "wer", 12.5),
        ('{"acc": 0.5, "loss": NaN}', "acc", 0.5),
        ('{"acc": 0.5, "loss": NaN}', "loss", math.nan),
        ('{"acc": "Infinity"}', "acc", math.inf),
    ],
)
def test_a_number_in_the_last_line(text: str, metric: str | None, value: float, tmp_path: Path) -> None:
    """Alone, behind its name, or in an object of JSON."""
    assert _line(text, metric, tmp_path) == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("", None),
        ("done in 3 s", None),
        ("0,5", None),
        ("val_acc=0.9", "acc"),
        ("accuracy=0.9", "acc"),
        ("acc=high", "acc"),
        ('{"acc": true}', "acc"),
        ('{"acc": null}', "acc"),
        ('{"loss": 1}', "acc"),
        ('{"acc": 0.', "acc"),
        ("0.5\nbye", None),
        ("epoch 9; wer=12,92", "wer"),
        ("acc=1,234", "acc"),
        ("best acc=0.95 acc=0.9", "acc"),
    ],
)
def test_no_number_is_made_of_what_is_none(text: str, metric: str | None, tmp_path: Path) -> None:
    """The message shows the line."""
    with pytest.raises(NoResultError, match="in the last line"):
        _line(text, metric, tmp_path)


def test_the_last_line_of_much_output(tmp_path: Path) -> None:
    """The end alone is read, and bytes that are no text hurt nobody."""
    (tmp_path / "stdout.txt").write_bytes(b"\xff progress \r" * 1_000_000 + b"\n0.75\n")
    assert _reading("last-line", None).result(tmp_path, tmp_path / "stdout.txt") == 0.75


def test_a_file_in_any_form_that_judge_reads(tmp_path: Path) -> None:
    """One object of JSON; a course in rows, by its end or its best; nothing, or too much, is said."""
    (tmp_path / "metrics.json").write_text(json.dumps({"acc": 0.5, "loss": 2}))
    assert _reading("metrics.json", "acc").result(tmp_path, tmp_path) == 0.5
    (tmp_path / "deep.json").write_text('{"val": {"acc": NaN, "wer": "Infinity"}}')
    assert math.isnan(_reading("deep.json", "val/acc").result(tmp_path, tmp_path))
    assert _reading("deep.json", "val/wer").result(tmp_path, tmp_path) == math.inf
    (tmp_path / "log.csv").write_text("epoch,acc\n0,0.5\n1,0.75\n2,0.25\n")
    assert _reading("log.csv", "acc", "last").result(tmp_path, tmp_path) == 0.25
    assert _reading("log.csv", "acc", "best").result(tmp_path, tmp_path) == 0.75
    (tmp_path / "rows.csv").write_text("n,acc\n5,0.5\n6,0.75\n7,0.25\n")
    assert _reading("rows.csv", "acc", "last").result(tmp_path, tmp_path) == 0.25
    for source, metric, said in (
        ("log.csv", "wer", "has no 'wer': it has acc"),
        ("rows.csv", None, "name one by --metric"),
        ("rows.csv", "acc", "has 3 values of 'acc': say --curve-end"),
        ("log.csv", "acc", "has 3 values of 'acc': say --curve-end"),
        ("gone.json", "acc", "it left no gone.json"),
    ):
        with pytest.raises(NoResultError, match=said):
            _reading(source, metric).result(tmp_path, tmp_path)


@pytest.mark.slow
def test_what_a_program_logs_to_mlflow(tmp_path: Path) -> None:
    """Into a store of the run's own, by the environment that the run is given; steps are a course."""
    code = (
        "import mlflow\nfor step in (1, 2, 3):\n    mlflow.log_metric('acc', 0.5 / step, step=step)\n"
        "mlflow.log_metric('wer', 7)"
    )
    environment = os.environ | {"MLFLOW_TRACKING_URI": str(tmp_path / "mlruns"), "MLFLOW_ALLOW_FILE_STORE": "true"}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, env=environment, capture_output=True)
    assert _reading("mlflow", "wer").result(tmp_path, tmp_path) == 7
    assert _reading("mlflow", "acc", "best").result(tmp_path, tmp_path) == 0.5
    with pytest.raises(NoResultError, match="say --curve-end"):
        _reading("mlflow", "acc").result(tmp_path, tmp_path)


@pytest.mark.slow
def test_what_programs_log_to_a_store_that_they_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run is found by its folder, in whichever experiment; of one that was begun again the last start counts.

    A server is asked by MLflow's client, a database file is read as it is: both find the same.
    """
    address = f"sqlite:///{tmp_path / 'shared.db'}"
    code = (
        "import json, mlflow, os, sys\n"
        "for experiment, folder, acc in json.loads(sys.argv[1]):\n    mlflow.set_experiment(experiment)\n"
        "    os.environ['MLFLOW_RUN_CONTEXT'] = json.dumps({'soundproof.run': folder})\n"
        "    with mlflow.start_run():\n        mlflow.log_metric('acc', acc)\n"
    )
    one, other = tmp_path / "it's" / "seed-0", tmp_path / "b" / "seed-0"
    runs = [("first", str(one), 0.25), ("first", str(other), 0.75), ("second", str(one), 0.5)]
    words = [sys.executable, "-W", "ignore", "-c", code, json.dumps(runs)]
    subprocess.run(words, check=True, env=os.environ | {"MLFLOW_TRACKING_URI": address}, capture_output=True)
    for _ in ("as a file", "by the client"):
        assert _reading(f"mlflow:{address}", "acc").result(one, tmp_path) == 0.5
        assert _reading(f"mlflow:{address}", "acc").result(other, tmp_path) == 0.75
        with pytest.raises(NoResultError, match="no run at .* has the tag soundproof.run="):
            _reading(f"mlflow:{address}", "acc").result(tmp_path, tmp_path)
        monkeypatch.setattr(mlflow_stores, "database_file", lambda _: None)
