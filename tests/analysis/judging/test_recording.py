"""A judgement in MLflow's own store, read back."""

import json

import pytest
from mlflow import MlflowClient
from typer.testing import CliRunner

from soundproof.analysis.judging.recording import RecordingError
from soundproof.api import judge
from soundproof.api.judging import record_judged
from soundproof.command_line.main import app
from tests.analysis.judging.test_judging import ROWS


def test_answers_verdicts_and_report_are_read_back(tmp_path):
    """By the command, into a new store; the answers among its files judge again."""
    path, uri = tmp_path / "results.csv", f"sqlite:///{tmp_path / 'store' / 'mlflow.db'}"
    path.write_text(ROWS)
    (tmp_path / "store").mkdir()
    words = ["judge", str(path), "--margin", "0.01", "--record", "--tracking-uri", uri]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert "soundproof-judged" in done.output
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("soundproof-judged")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params["metric"] == "wer"
    assert json.loads(run.data.params["variant"]) == ["model"]
    assert (run.data.tags["verdict.1"], run.data.metrics["claims.contradicted"]) == ("contradicted", 1.0)
    judged = judge(path, margin=0.01)
    assert run.data.metrics["effect.1"] == judged.report.summary.claims[0].deciding.effect
    assert {found.path for found in client.list_artifacts(run.info.run_id)} == {
        "report.html",
        "report.json",
        "answers.json",
    }
    answers = client.download_artifacts(run.info.run_id, "answers.json", str(tmp_path))
    assert judge(path, answers=answers).report.plain() == judged.report.plain()
    record_judged(judged, tracking_uri=uri)
    assert len(client.search_runs([experiment.experiment_id])) == 2


def test_a_store_that_cannot_be_written_is_a_clear_error(tmp_path):
    """Not a traceback."""
    path = tmp_path / "results.csv"
    path.write_text(ROWS)
    with pytest.raises(RecordingError, match="--tracking-uri"):
        record_judged(judge(path), tracking_uri=f"sqlite:///{path}")
