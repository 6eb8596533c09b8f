"""Finished trials on their way from the actor that trained them to the tracking store.

An actor leaves a folder here by one rename, when the trial has ended; the driver delivers it and then removes it.
Whatever dies in between, the trial is not trained again: the next driver delivers what it finds.

    outcome.json                status, reason, final metrics, metrics of every epoch
    record/trial.json           the trial, canonical JSON
    record/weights.safetensors  weights of the best epoch
    record/predictions.json     targets beside predictions
    record/confusion_matrix.svg of a classifier's test split
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search_spaces import record
from search_spaces.specs import SpeechNetwork, Trial
from trainables.sweeps.confusion_picture import confusion_svg

if TYPE_CHECKING:
    from trainables.training.engine import Outcome

_OUTCOME = "outcome.json"
_RECORD = "record"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """A finished trial in the outbox. `history` holds the metrics of every epoch, first to last."""

    folder: Path
    trial: Trial
    status: record.Status
    reason: str | None
    metrics: Mapping[str, float]
    history: Sequence[Mapping[str, float]]
    device: str

    @property
    def artifacts(self) -> Path:
        """Folder of the files that belong in the record."""
        return self.folder / _RECORD

    def discard(self) -> None:
        """Remove it: it has been delivered."""
        shutil.rmtree(self.folder)


def leave(outbox: Path, trial: Trial, outcome: Outcome, history: Sequence[Mapping[str, float]], device: str) -> Path:
    """Put a finished trial into the outbox, whole or not at all."""
    outbox.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=outbox))
    try:
        files = unfinished / _RECORD
        files.mkdir()
        (files / record.TRIAL_ARTIFACT).write_text(trial.to_json(), encoding="utf-8")
        if outcome.weights is not None:
            from safetensors.torch import save_file  # noqa: PLC0415  # only actors have weights, and torch

            save_file(outcome.weights, files / record.WEIGHTS_ARTIFACT)
        if outcome.predictions:
            text = json.dumps(outcome.predictions, ensure_ascii=False, indent=1)
            (files / record.PREDICTIONS_ARTIFACT).write_text(text, encoding="utf-8")
            if not isinstance(trial.network, SpeechNetwork):
                picture = confusion_svg(outcome.predictions["test"], f"test clips, seed {trial.seed}")
                (files / record.CONFUSION_ARTIFACT).write_text(picture, encoding="utf-8")
        summary: dict[str, Any] = {
            "status": outcome.status,
            "reason": outcome.reason,
            "metrics": outcome.metrics,
            "history": list(history),
            "device": device,
        }
        (unfinished / _OUTCOME).write_text(json.dumps(summary, allow_nan=False), encoding="utf-8")
        folder = outbox / trial.trial_id
        if folder.exists():  # left by a driver that died; the same trial gives the same numbers
            shutil.rmtree(folder)
        return unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def collect(folder: Path) -> Parcel:
    """The parcel in `folder`."""
    summary = json.loads((folder / _OUTCOME).read_text(encoding="utf-8"))
    return Parcel(
        folder=folder,
        trial=Trial.from_json((folder / _RECORD / record.TRIAL_ARTIFACT).read_text(encoding="utf-8")),
        status=summary["status"],
        reason=summary["reason"],
        metrics=summary["metrics"],
        history=summary["history"],
        device=summary["device"],
    )


def waiting(outbox: Path) -> list[Parcel]:
    """All parcels that nobody has delivered. What an actor left unfinished is removed."""
    if not outbox.is_dir():
        return []
    for folder in outbox.glob(".unfinished-*"):
        shutil.rmtree(folder, ignore_errors=True)
    return [collect(folder) for folder in sorted(outbox.iterdir()) if not folder.name.startswith(".")]
