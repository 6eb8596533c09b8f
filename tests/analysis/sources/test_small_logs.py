"""Logs of smaller tools: by the library where it is installed, else in the form that it was seen to write."""

import json
import math
import os
import sqlite3
import subprocess
import sys

import pytest

from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError
from soundproof.analysis.sources.small_logs import TWO_DECIMALS, read, recognises

DVCLIVE = """
import math
from dvclive import Live
with Live("arm_a/dvclive", save_dvc_exp=False, dvcyaml=None) as live:
    live.log_params({"lr": 0.1, "net": {"depth": 3}})
    for value in (0.5, math.nan, math.inf):
        live.log_metric("val/loss", value)
        live.next_step()
    live.log_metric("test", 0.25, plot=False)
"""


@pytest.mark.slow
def test_dvclive(tmp_path):
    """Words for NaN and infinity, in quotes in metrics.json and bare in the plots, are numbers."""
    pytest.importorskip("dvclive")
    environment = os.environ | {"HOME": str(tmp_path), "DVC_NO_ANALYTICS": "1"}
    subprocess.run([sys.executable, "-c", DVCLIVE], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert recognises(tmp_path)
    (run,) = read(tmp_path).runs
    assert run.cells["folder"] == "arm_a/dvclive"
    assert (run.cells["lr"], run.cells["net/depth"], run.cells["test"]) == ("0.1", "3", "0.25")
    assert number(run.cells["val/loss"]) == math.inf
    (first, second, third) = run.curves["val/loss"]
    assert (first, third) == ((0, 0.5), (2, math.inf))
    assert math.isnan(second[1])


def test_dvclive_as_it_writes(tmp_path):
    """The same from files in its form."""
    folder = tmp_path / "dvclive"
    (folder / "plots" / "metrics" / "val").mkdir(parents=True)
    (folder / "plots" / "metrics" / "val" / "loss.tsv").write_text("step\tloss\n0\t0.5\n1\tnan\n2\tinf\n")
    (folder / "metrics.json").write_text('{"val": {"loss": "inf"}, "bad": "nan", "step": 2}')
    (folder / "params.yaml").write_text("lr: 1.0\nid: 007\n")
    (run,) = read(tmp_path).runs
    assert (run.cells["lr"], run.cells["id"]) == ("1.0", "007")
    assert "step" not in run.cells
    assert number(run.cells["val/loss"]) == math.inf
    assert math.isnan(number(run.cells["bad"]))
    assert [value for _, value in run.curves["val/loss"]][::2] == [0.5, math.inf]


def sacred_run(root, number, status, values, result):
    """A folder as the FileStorageObserver leaves it."""
    folder = root / str(number)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"seed": 41 + number, "net": {"depth": 2}}))
    (folder / "run.json").write_text(json.dumps({"status": status, "result": result, "experiment": {"name": "asr"}}))
    series = {"wer": {"steps": list(range(len(values))), "timestamps": ["t"] * len(values), "values": values}}
    (folder / "metrics.json").write_text(json.dumps(series))


def test_sacred(tmp_path):
    """Status, seed, bare NaN; folders in the order of their numbers."""
    sacred_run(tmp_path, 10, "FAILED", [0.5, math.nan], None)
    sacred_run(tmp_path, 2, "COMPLETED", [0.5, 0.25], 0.2)
    (tmp_path / "_sources").mkdir()
    found = read(tmp_path)
    assert [run.state for run in found.runs] == ["COMPLETED", "FAILED"]
    assert [run.cells["seed"] for run in found.runs] == ["43", "51"]
    assert (found.runs[0].cells["net/depth"], found.runs[0].cells["result"]) == ("2", "0.2")
    assert found.runs[0].curves["wer"] == ((0, 0.5), (1, 0.25))
    assert math.isnan(number(found.runs[1].cells["wer"]))
    assert "result" not in found.runs[1].cells
    assert found.notes == ("Runs in state FAILED: 1 of 2.",)
    assert found.hints == {"seed": "seed"}


def test_speechbrain(tmp_path):
    """Two decimals are said; a second training in one file is a run of its own; the test is no epoch."""
    file = tmp_path / "1986" / "train_log.txt"
    file.parent.mkdir()
    file.write_text(
        "epoch: 1, lr: 1.00e-03 - train loss: 2.35 - valid loss: 1.23, valid PER: 20.12\n"
        "epoch: 2, lr: 5.00e-04 - train loss: 1.35 - valid loss: nan, valid PER: 18.50\n"
        "Epoch loaded: 2 - test loss: 1.10, test PER: nan\n"
        "epoch: 1, lr: 1.00e-03 - train loss: 2.00 - valid loss: 1.00, valid PER: 10.00\n"
    )
    assert recognises(file)
    found = read(tmp_path)
    first, second = found.runs
    assert first.curves["valid PER"] == ((1, 20.12), (2, 18.5))
    assert math.isnan(first.curves["valid loss"][1][1])
    assert number(first.cells["lr"]) == 5e-4
    assert math.isnan(number(first.cells["test PER"]))
    assert (second.cells["valid PER"], second.cells["training"], second.cells["folder"]) == ("10.00", "2", "1986")
    assert TWO_DECIMALS in found.notes


def test_trackio(tmp_path):
    """Two runs of one name are two runs; the metrics are JSON in bytes."""
    file = tmp_path / "project.db"
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute(
            "CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_id, timestamp, run_name, step INTEGER, metrics)"
        )
        database.execute("CREATE TABLE configs (id INTEGER PRIMARY KEY, run_id, run_name, config)")
        for run, values in (("a", [0.5, "NaN"]), ("b", [0.5, "Infinity"])):
            database.execute(
                "INSERT INTO configs VALUES (NULL, ?, 'same', ?)", (run, b'{"lr": 0.1, "_Username": "me"}')
            )
            for step, value in enumerate(values):
                logged = json.dumps({"loss": value}).encode()
                database.execute("INSERT INTO metrics VALUES (NULL, ?, 't', 'same', ?, ?)", (run, step, logged))
    database.close()
    found = read(file)
    first, second = found.runs
    assert first.cells.keys() == {"run name", "lr", "loss"}
    assert math.isnan(number(first.cells["loss"]))
    assert second.curves["loss"] == ((0, 0.5), (1, math.inf))
    assert [path.name for path in tmp_path.iterdir()] == ["project.db"]


def test_what_waits_beside_a_database_is_read(tmp_path):
    """While a program has it open, its last rows are in a second file; nothing is left beside the two."""
    file = tmp_path / "open.db"
    writer = sqlite3.connect(file)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp, run_name, step INTEGER, metrics)")
    writer.execute("CREATE TABLE configs (run_name, config)")
    writer.execute("INSERT INTO metrics VALUES (NULL, 't', 'old', 3, '{\"loss\": 1.5}')")
    writer.commit()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert read(file).runs[0].curves["loss"] == ((3, 1.5),)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    writer.close()


def test_what_is_of_none_of_them(tmp_path):
    """The error names the tools; JSON that is cut names its file."""
    (tmp_path / "train_log.txt").write_text("nothing\n")
    for path in (tmp_path, tmp_path / "train_log.txt", tmp_path / "none"):
        assert not recognises(path)
        with pytest.raises(SourceError, match="DVCLive, Sacred, SpeechBrain or Trackio"):
            read(path)
    sacred_run(tmp_path, 1, "COMPLETED", [1.0], 0.5)
    (tmp_path / "1" / "metrics.json").write_text('{"wer": ')
    with pytest.raises(SourceError, match=r"expected JSON in .*metrics\.json"):
        read(tmp_path)


def test_values_of_another_form_are_no_curve_or_are_named(tmp_path):
    """Steps of Sacred that are no list; a curve of DVCLive that is no UTF-8."""
    (tmp_path / "1").mkdir()
    (tmp_path / "1/run.json").write_text("{}")
    (tmp_path / "1/config.json").write_text('{"a": 1}')
    (tmp_path / "1/metrics.json").write_text('{"loss": {"steps": 0.5, "values": [1]}}')
    assert read(tmp_path).runs[0].curves == {}
    (tmp_path / "live/plots/metrics").mkdir(parents=True)
    (tmp_path / "live/plots/metrics/loss.tsv").write_bytes(b"step\tloss\n0\t\x85\n")
    with pytest.raises(SourceError, match="loss.tsv should be text in UTF-8"):
        read(tmp_path / "live")
