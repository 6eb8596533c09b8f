"""What Soundproof writes into its storage and its record, and reads again: journal, outcomes, weights, tags."""

import io
import json
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mlflow import MlflowClient
from mlflow.entities import Metric
from safetensors.torch import save

from benchmarks.fuzzing.kinds import Kind, Ready, tree
from benchmarks.fuzzing.sealing import journal_lines
from benchmarks.fuzzing.specs import trials
from soundproof.analysis.records.loading import load_search, load_study
from soundproof.common import record
from soundproof.common.digests import seal
from soundproof.common.errors import UserError
from soundproof.search_spaces import find_study
from soundproof.search_spaces.declarations import Statement, claims_digest
from soundproof.search_spaces.open_spaces.speech_recipe import SPEECH_RECIPE
from soundproof.trainables.features.cache import fault_of
from soundproof.trainables.prediction.trained import _build
from soundproof.trainables.serving.loader import load_model
from soundproof.trainables.sweeps.outbox.results import found, leave
from soundproof.trainables.sweeps.searching.history import History
from soundproof.trainables.sweeps.searching.settings import SearchSettings
from soundproof.trainables.training.checkpoints import Checkpoint, load_checkpoints, save_checkpoint
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.engine import Outcome
from soundproof.trainables.training.weights import pack

_METRIC = record.best(record.VALIDATION_LOSS)


def _settings() -> SearchSettings:
    return SearchSettings(trials=8, objectives=(SPEECH_RECIPE.metric,), sampler="random", scheduler="asha", confirm=0)


def _journal(folder: Path, *, sealed: bool) -> Ready:
    """The journal of a search in which trials ended, one runs, and one was turned down."""
    folder.mkdir(parents=True)
    history = History(folder / "journal", SPEECH_RECIPE, _settings(), epochs=9)
    for number in range(4):
        sample = history.ask()
        assert sample is not None
        if number == 1:
            history.turn_down(sample, "too large")
            continue
        history.accept(sample, f"{number:016x}")
        for epoch in (1, 2, 3):
            history.report(sample.number, epoch, 10.0 - epoch - number)
        if number < 3:
            history.tell(sample.number, "completed", {SPEECH_RECIPE.metric: 5.0})

    def read(root: Path) -> None:
        path = root / "journal"
        if sealed:
            path.write_bytes(journal_lines(path.read_bytes()))
        again = History(path, SPEECH_RECIPE, _settings(), epochs=9)
        again.pending(), again.turned_down(), again.accepted(), again.best(3)
        again.ask()

    return tree(folder, read, "journal")


def _sealed(folder: Path, make: Callable[[Path], Path], read: Callable[[Path], object], *, again: bool) -> Ready:
    """A folder with digests; `again`: they are made again after each change, as if that had been written there."""
    folder.mkdir(parents=True)
    make(folder)

    def read_sealed(root: Path) -> object:
        if again:
            for digests in root.rglob("digests.json"):
                seal(digests.parent)
        return read(root)

    ready = tree(folder, read_sealed)
    digests = {name: content for name, content in ready.seeds.items() if name.endswith("digests.json")}

    def read_and_restore(name: str, content: bytes) -> object:
        try:
            return ready.read(name, content)
        finally:
            for other, whole in digests.items():
                (folder / other).write_bytes(whole)

    seeds = {name: content for name, content in ready.seeds.items() if not (again and name in digests)}
    return Ready(seeds=seeds, read=read_and_restore)


def _outcome(folder: Path) -> Path:
    ended = Outcome(
        status="completed",
        reason=None,
        metrics={_METRIC: 12.5},
        weights={"dense.bias": torch.arange(3.0)},
        predictions={"validation": [{"key": "k", "speaker": None, "reference": "a", "hypothesis": "b", "cer": 1.0}]},
    )
    return leave(folder, trials()[0], ended, [{"train/loss": 1.0}, {"train/loss": 0.5}], "cpu")


def _read_outcome(root: Path) -> None:
    (folder,) = root.iterdir()
    result = found(folder, say=str)
    for aside in root.glob(".unreadable-*"):
        aside.rename(folder)
    if result is not None:
        repr(result)


def _checkpoint(folder: Path) -> Path:
    tensors = {"weight": torch.arange(6.0).reshape(2, 3), "step": torch.tensor(3)}
    save_checkpoint(Checkpoint(trial_id="0" * 16, epoch=3, tensors=tensors, state={"epochs": [1.0, 2.0]}), folder)
    return folder


def _read_checkpoint(root: Path) -> None:
    for checkpoint in load_checkpoints(root, "0" * 16, str):
        assert checkpoint.epoch == 3 or checkpoint.trial_id


def _features(folder: Path) -> Path:
    frames, moments = np.zeros((7, 3), np.float32), np.zeros((2, 2, 3))
    np.save(folder / "frames.npy", frames)
    file = io.BytesIO()
    np.save(file, moments)
    (folder / "moments.npy").write_bytes(file.getvalue())
    examples = [{"key": name, "target": "a", "recording": name} for name in "ab"]
    index = {"lengths": [3, 4], "examples": examples, "skipped": []}
    (folder / "index.json").write_text(json.dumps(index))
    seal(folder)
    return folder


def _model(folder: Path) -> Path:
    """A network in the form that MLflow serves, with the weights that it begins with."""
    trial = min(trials(), key=lambda trial: len(trial.to_json()))
    network = _build(trial)
    weights = pack(network.state_dict(), Normalisation.none(trial.features.dimensions, torch.device("cpu")))
    (folder / record.TRIAL_ARTIFACT).write_text(trial.to_json())
    (folder / record.WEIGHTS_ARTIFACT).write_bytes(save({name: value.contiguous() for name, value in weights.items()}))
    seal(folder)
    return folder


def _store(folder: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    """A store with a study and a search; its address, and the tags of all runs."""
    folder.mkdir(parents=True)
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    client = MlflowClient(uri)
    study, trial = find_study("asr-merge-mode"), trials()[0]
    statement = Statement(claims=claims_digest(study.claims), margin=3.0, metric=study.metric, seeds="3", first_seed=0)
    declared = {"time": "2026-11-30T04:43:00.000+00:00", "digest": "9f86"} | asdict(statement)
    about = {record.PRESET: "quick", record.CORPUS: "synthetic-speech", record.MARGIN: "3.0"}
    parents = {
        study.id: {record.KIND: record.KIND_STUDY, record.DESIGN: "3", record.DECLARATION_PREFIX + "0001": declared},
        "space": {
            record.KIND: record.KIND_SEARCH,
            record.SEARCH: "tpe.asha.0",
            record.OBJECTIVES: [_METRIC],
            record.TRIALS: "40",
            record.REJECTED: {"too large": 3},
        },
    }
    tags: dict[str, dict[str, Any]] = {}
    for name, own in parents.items():
        experiment = client.create_experiment(name, str(folder / "artifacts"))
        parent = client.create_run(experiment).info.run_id
        tags[parent] = about | own
        client.set_terminated(parent)
        for seed in range(2):
            child = client.create_run(experiment).info.run_id
            client.log_batch(child, metrics=[Metric(record.VALIDATION_LOSS, 1.0 / step, step, step) for step in (1, 2)])
            tags[child] = {
                record.KIND: record.KIND_TRIAL,
                record.PARENT_RUN: parent,
                record.VARIANT: study.baseline,
                record.SEED: str(seed),
                record.STATUS: "completed",
                record.TRIAL_ID: trial.trial_id,
                record.TRIAL: json.loads(trial.to_json()),
                record.EPOCHS: "9",
                record.NUMBER: str(seed),
                record.CHOICES: {"rate": 0.1},
                record.DIGESTS: {"trial.json": "9f86"},
                record.ENDED_AT: "1700000000000",
                **record.HeldOut.of("speaker", ["a"], ["b"]).tags,
            }
            client.set_terminated(child)
    return uri, tags


def _tags(folder: Path) -> Ready:
    uri, tags = _store(folder)
    rows = [[run, name, value] for run, own in tags.items() for name, value in own.items()]
    database = sqlite3.connect(folder / "mlflow.db")

    def read(_: str, content: bytes) -> None:
        try:
            value = json.loads(content)
        except (ValueError, RecursionError):
            return
        database.execute("DELETE FROM tags")
        database.executemany("INSERT OR REPLACE INTO tags (run_uuid, key, value) VALUES (?, ?, ?)", _as_tags(value))
        database.commit()
        refused: list[Exception] = []
        for load in (partial(load_study, uri, "asr-merge-mode"), partial(load_search, uri, "space")):
            try:
                for trial in load().trials:
                    dict(trial.spec)
            except UserError as error:
                refused.append(error)
        if refused:
            raise refused[0]

    return Ready(seeds={"tags": json.dumps(rows).encode()}, read=read)


def _as_tags(value: Any) -> list[tuple[str, str, str]]:
    """Rows of the table, texts as MLflow has them."""
    found = []
    for row in value if isinstance(value, list) else ():
        if isinstance(row, list) and len(row) == 3 and isinstance(row[0], str) and isinstance(row[1], str):
            text = row[2] if isinstance(row[2], str) else json.dumps(row[2])
            run, name, value_there = (part.encode("utf-8", "replace").decode() for part in (row[0], row[1], text))
            found.append((run, name, value_there))
    return found


RECORDS = (
    Kind(name="journal", open=partial(_journal, sealed=False), form="lines", share=0.3),
    Kind(name="journal-sealed", open=partial(_journal, sealed=True), form="lines", share=0.3),
    Kind(name="outcome", open=lambda folder: _sealed(folder, _outcome, _read_outcome, again=False), form="json"),
    Kind(name="outcome-sealed", open=lambda folder: _sealed(folder, _outcome, _read_outcome, again=True), form="json"),
    Kind(name="checkpoint", open=lambda f: _sealed(f, _checkpoint, _read_checkpoint, again=False), form="json"),
    Kind(name="checkpoint-sealed", open=lambda f: _sealed(f, _checkpoint, _read_checkpoint, again=True), form="json"),
    Kind(name="features", open=lambda folder: _sealed(folder, _features, fault_of, again=False), form="json"),
    Kind(name="features-sealed", open=lambda folder: _sealed(folder, _features, fault_of, again=True), form="json"),
    Kind(name="model", open=lambda folder: _sealed(folder, _model, load_model, again=False), form="json", share=0.3),
    Kind(
        name="model-sealed", open=lambda folder: _sealed(folder, _model, load_model, again=True), form="json", share=0.3
    ),
    Kind(name="tags", open=_tags, form="json", share=0.2),
)
