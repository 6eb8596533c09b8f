"""A storage with a record of two trials, as small as MLflow makes one: a trained one with files, and their parent."""

import json
from pathlib import Path

from mlflow import MlflowClient

from soundproof.common import record
from soundproof.common.digests import digest_of, seal
from soundproof.trainables.sweeps.storage import Storage

FILES = {record.TRIAL_ARTIFACT: "{}", record.PREDICTIONS_ARTIFACT: '{"validation": []}'}


def make_storage(root: Path) -> tuple[Storage, dict[str, str]]:
    """The storage, and the ids of its runs: `parent`, `trial`, `infeasible`."""
    storage = Storage(root=root)
    for folder in (storage.features, storage.outbox("study"), root / "locks"):
        folder.mkdir(parents=True)
    (root / "locks" / "study.lock").touch()
    client = MlflowClient(storage.tracking_uri)
    experiment = client.create_experiment("study", str(storage.artifacts.resolve() / "study"))
    parent = client.create_run(experiment, tags={record.KIND: record.KIND_STUDY, record.STUDY: "study"})
    below = {record.KIND: record.KIND_TRIAL, record.PARENT_RUN: parent.info.run_id, record.VARIANT: "study/00"}
    digests = json.dumps({name: digest_of(text.encode()) for name, text in FILES.items()})
    of_trial = {record.TRIAL_ID: "0123456789abcdef", record.SEED: "0", record.STATUS: "completed"}
    trial = client.create_run(experiment, tags=below | of_trial | {record.DIGESTS: digests})
    for name, text in FILES.items():
        client.log_text(trial.info.run_id, text, name)
    infeasible = client.create_run(experiment, tags=below | {record.STATUS: "infeasible"})
    for run in (trial, infeasible, parent):
        client.set_terminated(run.info.run_id)
    return storage, {"parent": parent.info.run_id, "trial": trial.info.run_id, "infeasible": infeasible.info.run_id}


def add_features(storage: Storage, name: str) -> Path:
    """An entry of the cache that is whole."""
    import numpy as np

    entry = storage.features / name
    entry.mkdir()
    np.save(entry / "moments.npy", np.zeros((0, 2, 2)))
    (entry / "index.json").write_text('{"examples": [], "lengths": [], "skipped": []}')
    np.save(entry / "frames.npy", np.zeros((0, 2), np.float32))
    seal(entry, mapped=["frames.npy"])
    return entry
