"""Logs that MLPerf's own logger wrote, against what was logged."""

import math

import pytest

from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError
from soundproof.analysis.sources.mlperf_logs import read, recognises

mllog = pytest.importorskip("mlperf_logging.mllog")


@pytest.fixture
def log():
    """Write a log by the library; its handlers are taken away again."""

    def write(path, seed, values, *, status="success", step="epoch_num", noise="", last_step=None):
        path.parent.mkdir(parents=True, exist_ok=True)
        mllog.config(filename=str(path), default_namespace="worker1")
        logger = mllog.get_mllogger()
        logger.event("seed", seed)
        logger.event("opt_base_learning_rate", 0.5)
        logger.event("opt_base_learning_rate", 0.004)
        logger.event("submission_platform", {"nodes": 2, "gpu": {"name": "h"}})
        logger.event("cache_clear", None)
        logger.start("run_start", time_ms=1_000_000)
        for index, value in enumerate(values, start=1):
            logger.start("epoch_start", metadata={"epoch_num": index})
            where = last_step if last_step and index == len(values) else index
            logger.event("eval_accuracy", value, metadata={step: where})
        if status:
            logger.end("run_stop", metadata={"status": status}, time_ms=1_090_000)
        for handler in list(logger.logger.handlers):
            handler.close()
            logger.logger.removeHandler(handler)
        if noise:
            path.write_text(noise + path.read_text())

    return write


def test_settings_curves_and_minutes(tmp_path, log):
    """The last value of a setting; a curve over epochs or samples; words before the mark do not matter."""
    log(tmp_path / "org" / "system" / "result_0.txt", 7, [0.2, 0.061, 0.058], noise="0: starting\n0: ")
    log(tmp_path / "org" / "system" / "result_1.txt", 8, [0.3, math.nan], step="samples_count")
    (tmp_path / "org" / "README.md").write_text("about\n")
    assert recognises(tmp_path)
    found = read(tmp_path)
    first, second = found.runs
    assert first.cells["seed"] == "7"
    assert first.cells["opt_base_learning_rate"] == "0.004"
    assert (first.cells["submission_platform/nodes"], first.cells["submission_platform/gpu/name"]) == ("2", "h")
    assert "cache_clear" not in first.cells
    assert first.cells["minutes"] == "1.5"
    assert (first.cells["folder"], first.cells["folder/1"], first.cells["file"]) == (
        "org/system",
        "org",
        "result_0.txt",
    )
    assert first.curves["eval_accuracy"] == ((1, 0.2), (2, 0.061), (3, 0.058))
    assert first.state == "success"
    assert math.isnan(second.curves["eval_accuracy"][1][1])
    assert math.isnan(number(second.cells["eval_accuracy"]))
    assert found.hints == {"seed": "seed"}
    assert any("Files without a line of MLPerf's, left out: 1" in note and "README.md" in note for note in found.notes)


def test_ends_that_are_no_success(tmp_path, log):
    """An aborted run and one that never stopped are counted; neither has its time made up."""
    log(tmp_path / "a.txt", 0, [0.2], status="aborted")
    log(tmp_path / "b.txt", 1, [0.2], status=None)
    found = read(tmp_path)
    assert [run.state for run in found.runs] == ["aborted", None]
    assert "minutes" not in found.runs[1].cells
    assert {"Runs in state aborted: 1 of 2.", "Runs in state no run_stop: 1 of 2."} <= set(found.notes)


def test_older_marks_and_cut_lines(tmp_path):
    """`:::MLL` as of 2019, with its time in seconds, and a log that ends in the middle of a line."""
    file = tmp_path / "old.log"
    file.write_text(
        ':::MLL 1560000000.000 seed: {"value": 3, "metadata": {"lineno": 7}}\n'
        ':::MLL 1560000000.000 run_start: {"value": null, "metadata": {}}\n'
        ':::MLL 1560000060.000 eval_accuracy: {"value": 0.25, "metadata": {"epoch_num": 1}}\n'
        ':::MLL 1560000120.000 run_stop: {"value": null, "metadata": {"status": "success"}}\n'
        ':::MLLOG {"key": "eval_accuracy", "val'
    )
    found = read(file)
    (run,) = found.runs
    assert (run.cells["seed"], run.cells["minutes"], run.state) == ("3", "2.0", "success")
    assert run.curves["eval_accuracy"] == ((1, 0.25),)
    assert "Lines that are cut or broken, left out: 1 in old.log." in found.notes


def test_steps_that_are_no_whole_numbers_make_no_curve(tmp_path, log):
    """A part of an epoch: the last value is still there."""
    log(tmp_path / "a.txt", 0, [0.25, 0.75], last_step=1.5)
    (run,) = read(tmp_path / "a.txt").runs
    assert run.curves == {}
    assert run.cells["eval_accuracy"] == "0.75"


def test_what_is_no_log(tmp_path):
    """The error says what a log begins with."""
    (tmp_path / "other.txt").write_text("loss 3\n")
    for path in (tmp_path, tmp_path / "other.txt", tmp_path / "none"):
        assert not recognises(path)
        with pytest.raises(SourceError, match=":::MLLOG"):
            read(path)
