"""What a record holds of every trial, without times: to be compared with another record, bit by bit."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from training_runs import COSTS

from soundproof.common import record

FILES = (record.TRIAL_ARTIFACT, record.WEIGHTS_ARTIFACT, record.PREDICTIONS_ARTIFACT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """What the record holds of one trial, without times."""

    trial_id: str
    status: str
    ended: str
    epochs: tuple[tuple[str, int, float], ...]
    """Name, step and value of every metric that was ever logged, sorted."""
    files: tuple[bytes, ...]


def read_record(store: Path, files: Path, experiment_name: str) -> tuple[list[Recorded], Counter[str]]:
    """The trials of an experiment, those twice that stand there twice, and MLflow's statuses of all its runs.

    `store` is the SQLite file, and `files` a folder below which artifacts lie.
    """
    client = MlflowClient(f"sqlite:///{store}")
    experiment = client.get_experiment_by_name(experiment_name)
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id], max_results=1000)
    trials = [run for run in runs if run.data.tags[record.KIND] == record.KIND_TRIAL]
    found = [_recorded(client, run, files) for run in trials]
    return sorted(found, key=lambda trial: trial.trial_id), Counter(run.info.status for run in runs)


def _recorded(client: MlflowClient, run: Run, files: Path) -> Recorded:
    history = [metric for name in run.data.metrics for metric in client.get_metric_history(run.info.run_id, name)]
    folders = list(files.glob(f"*/{run.info.run_id}/artifacts"))
    return Recorded(
        trial_id=run.data.tags[record.TRIAL_ID],
        status=run.data.tags.get(record.STATUS, ""),
        ended=run.info.status,
        epochs=tuple(sorted((entry.key, entry.step, entry.value) for entry in history if entry.key not in COSTS)),
        files=tuple((folder / name).read_bytes() for folder in folders for name in FILES if (folder / name).exists()),
    )


def differences(disturbed: list[Recorded], calm: list[Recorded]) -> list[str]:
    """What is not as in the calm record, in words; nothing where all is."""
    found = []
    counted = Counter(trial.trial_id for trial in disturbed)
    found += [f"trial {trial_id} stands there {number} times" for trial_id, number in counted.items() if number > 1]
    expected = {trial.trial_id: trial for trial in calm}
    found += [f"trial {trial_id} is missing" for trial_id in expected.keys() - counted.keys()]
    found += [f"trial {trial_id} was not asked for" for trial_id in counted.keys() - expected.keys()]
    for trial in disturbed:
        other = expected.get(trial.trial_id)
        for name in ("status", "ended", "epochs", "files"):
            if other is not None and getattr(trial, name) != getattr(other, name):
                found.append(f"{name} of trial {trial.trial_id} differ")
    return found
