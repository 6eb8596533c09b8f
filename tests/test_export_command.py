"""Exports from the command line: a script that trains what was recorded, and a refusal."""

import subprocess
import sys
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from soundproof.api.options import SessionOptions
from soundproof.api.session import Session
from soundproof.command_line.exporting import export
from soundproof.command_line.rerun import check_ids
from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces import expand, find_study

ROOT = Path(__file__).resolve().parents[1]
STUDY = find_study("asr-time-distributed-dense")


def _recorded(storage: Path, trial_ids: dict[str, str]) -> str:
    """A store in which every variant has ended on seed 0; gives its URI."""
    uri = f"sqlite:///{storage / 'recorded.db'}"
    client = MlflowClient(uri)
    experiment = client.create_experiment(STUDY.id, str(storage))
    place = {record.PRESET: "smoke", record.CORPUS: "synthetic-speech", record.STUDY: STUDY.id}
    about = {record.KIND: record.KIND_STUDY, record.MARGIN: "1.0", record.DESIGN: "1"}
    parent = client.create_run(experiment, tags=place | about).info.run_id
    for variant, trial_id in trial_ids.items():
        tags = {record.KIND: record.KIND_TRIAL, record.PARENT_RUN: parent, record.STATUS: "completed"}
        tags |= {record.VARIANT: variant, record.TRIAL_ID: trial_id, record.SEED: "0"}
        client.set_terminated(client.create_run(experiment, tags=place | tags).info.run_id)
    return uri


def _trained(storage: Path) -> dict[str, str]:
    """Ids of the completed trials by variant, as the sweep has recorded them."""
    client = MlflowClient(f"sqlite:///{storage / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(STUDY.id)
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id], f"tags.`{record.STATUS}` = 'completed'")
    assert all(record.best(record.VALIDATION_LOSS) in run.data.metrics for run in runs)
    return {run.data.tags[record.VARIANT]: run.data.tags[record.TRIAL_ID] for run in runs}


def test_a_wrong_form_is_refused() -> None:
    """One line on stderr, status 2, nothing on stdout."""
    command = [sys.executable, "run_search.py", "export", STUDY.id, "--form", "pdf"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == "error: no form is called 'pdf': known: citation, csv, latex, markdown, optuna, parquet, script\n"
    )


@pytest.mark.evidence
@pytest.mark.timeout(300)
def test_the_script_of_a_study_trains_the_recorded_trials(tmp_path: Path) -> None:
    """In a fresh folder, the ids are those of the record. Where one would be another, nothing is trained."""
    session = Session.prepare(STUDY.domain, SessionOptions(preset="smoke"))
    planned = expand(STUDY, session.preset, session.corpus.spec, session.split, (0,))
    trial_ids = {trial.variant_id: trial.trial.trial_id for trial in planned}
    script, fresh = tmp_path / "study.py", tmp_path / "fresh"
    export(STUDY.id, form="script", out=script, tracking_uri=_recorded(tmp_path, trial_ids))
    names = {"__name__": "exported"}
    exec(script.read_text(encoding="utf-8"), names)
    check_ids(STUDY, names["TRIAL_IDS"], session, "0.1.0")
    names["TRIAL_IDS"][STUDY.baseline, 0] = "0" * 16
    with pytest.raises(UserError, match="1 of 2 trials would be others than those recorded"):
        check_ids(STUDY, names["TRIAL_IDS"], session, "0.1.0")
    fresh.mkdir()
    command = [sys.executable, str(script), "--storage", "store"]
    done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Report: " in done.stdout
    assert _trained(fresh / "store") == trial_ids
