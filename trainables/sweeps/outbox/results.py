"""Finished trials on their way from the actor that trained them to the tracking store.

An actor leaves a folder here by one rename, when the trial has ended; the driver delivers it and then removes it.
Whatever dies in between, the trial is not trained again: the next driver delivers what it finds.

    digests.json                the digests of all others
    outcome.json                status, reason, final metrics, metrics of every epoch
    record/trial.json           the trial, canonical JSON
    record/weights.safetensors  weights of the best epoch
    record/predictions.json     targets beside predictions
    record/predictions.csv      the same as a table to look at
    record/confusion_matrix.svg of a classifier's test split
"""

import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.common import record
from soundproof.common.digests import Sealed, seal
from soundproof.common.json_texts import parsed
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.lasting import rename_lasting
from soundproof.trainables.sweeps.outbox.prediction_files import confusion_svg, predictions_csv

if TYPE_CHECKING:
    from soundproof.trainables.training.engine import Outcome

_OUTCOME = "outcome.json"
_RECORD = "record"
_UNFINISHED = ".unfinished-"
_UNREADABLE = ".unreadable-"


class OutboxError(OSError):
    """A finished trial could not be kept: the disk is full, most likely. Nothing of it is in the outbox."""

    def __str__(self) -> str:
        return str(self.strerror)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialResult:
    """A finished trial in the outbox. `history` holds the metrics of every epoch, first to last."""

    folder: Path
    trial: Trial
    status: record.Status
    reason: str | None
    metrics: Mapping[str, float]
    history: Sequence[Mapping[str, float]]
    device: str
    left_at_milliseconds: int
    """When it was put into the outbox, since 1970."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Of the files that belong in the record, SHA-256 by name; of none where an earlier version left it."""
    threads: int | None = None
    """With how many it was trained; None where that is not known."""

    @property
    def artifacts(self) -> Path:
        """Folder of the files that belong in the record."""
        return self.folder / _RECORD

    def discard(self) -> None:
        """Remove it: it has been delivered. At no moment is half of it there under its name."""
        gone = self.folder.with_name(f"{_UNFINISHED}{self.folder.name}")
        self.folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)  # who asks what waits removes such folders too, and may be ahead


def leave(
    outbox: Path,
    trial: Trial,
    outcome: "Outcome",
    history: Sequence[Mapping[str, float]],
    device: str,
    *,
    threads: int | None = None,
) -> Path:
    """Put a finished trial into the outbox, whole or not at all."""
    with packing(outbox, trial.trial_id) as unfinished:
        files = unfinished / _RECORD
        files.mkdir()
        if outcome.weights is not None:
            from safetensors.torch import save  # noqa: PLC0415  # only actors have weights, and torch

            (files / record.WEIGHTS_ARTIFACT).write_bytes(save(outcome.weights))  # OSError, where save_file hides it
        if outcome.predictions:
            text = json.dumps(outcome.predictions, ensure_ascii=False, indent=1)
            (files / record.PREDICTIONS_ARTIFACT).write_text(text, encoding="utf-8")
            table = predictions_csv(outcome.predictions)
            (files / record.PREDICTIONS_TABLE_ARTIFACT).write_text(table, encoding="utf-8")
            if trial.has_one_class:
                picture = confusion_svg(outcome.predictions["test"], f"test clips, seed {trial.seed}")
                (files / record.CONFUSION_ARTIFACT).write_text(picture, encoding="utf-8")
        ended = {"status": outcome.status, "reason": outcome.reason, "metrics": outcome.metrics, "threads": threads}
        _summarise(unfinished, trial, ended, history, device)
    return outbox / trial.trial_id


def leave_stopped(
    outbox: Path, trial: Trial, status: record.Status, reason: str, history: Sequence[Mapping[str, float]]
) -> Path:
    """Put a trial that a scheduler stopped into the outbox: its epochs and what they took, no result.

    The result that its actor left a moment before stands, if there is one: ask `collect` how the trial ended.
    """

    def give_way(unfinished: Path, folder: Path) -> None:
        try:
            rename_lasting(unfinished, folder)
        except OSError:
            if not folder.exists():
                raise

    seconds = sum(epoch.get(record.EPOCH_SECONDS, 0.0) for epoch in history)
    ended = {"status": status, "reason": reason, "metrics": {record.TRAIN_SECONDS: seconds}}
    with packing(outbox, trial.trial_id, give_way) as unfinished:
        _summarise(unfinished, trial, ended, history, "unknown")
    return outbox / trial.trial_id


def _take_the_place(unfinished: Path, folder: Path) -> None:
    """Of what an actor or a driver that died has left; the same trial gives the same numbers."""
    if folder.exists():
        shutil.rmtree(folder)
    rename_lasting(unfinished, folder)


@contextlib.contextmanager
def packing(outbox: Path, trial_id: str, put: Callable[[Path, Path], None] = _take_the_place) -> Iterator[Path]:
    """A folder to fill, which `put` renames to its place in the outbox if all went well. Raises `OutboxError`."""
    unfinished: Path | None = None
    try:
        outbox.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=outbox))
        yield unfinished
        put(unfinished, outbox / trial_id)
    except OSError as error:
        raise OutboxError(
            error.errno,
            f"the outcome of trial {trial_id} could not be written to {outbox}: {error.strerror or error}. "
            "Free some space, and give the same command again",
        ) from error
    finally:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)


def _summarise(
    unfinished: Path, trial: Trial, ended: Mapping[str, Any], history: Sequence[Mapping[str, float]], device: str
) -> None:
    (unfinished / _RECORD).mkdir(exist_ok=True)
    (unfinished / _RECORD / record.TRIAL_ARTIFACT).write_text(trial.to_json(), encoding="utf-8")
    moment = int(time.time() * 1000)
    summary = {**ended, "history": list(history), "device": device, "left_at_milliseconds": moment}
    (unfinished / _OUTCOME).write_text(json.dumps(summary, allow_nan=False), encoding="utf-8")
    seal(unfinished)


def collect(folder: Path, trial: Trial | None = None) -> TrialResult:
    """The result in `folder`; who knows its trial saves the reading. Raises `DamagedError`."""
    sealed = Sealed.of(folder)
    sealed.check()
    summary = parsed((folder / _OUTCOME).read_bytes())
    if trial is None:
        trial = Trial.from_json((folder / _RECORD / record.TRIAL_ARTIFACT).read_bytes())
    return TrialResult(folder=folder, trial=trial, digests=sealed.digests(f"{_RECORD}/"), **summary)


def _print(text: str) -> None:
    print(text, file=sys.stderr)


def found(folder: Path, trial: Trial | None = None, say: Callable[[str], object] = _print) -> TrialResult | None:
    """The result in `folder`, or None where there is none.

    One that the disk did not get, or that is not what was written, is set aside and its trial trained again, which is
    said.
    """
    if not folder.is_dir():
        return None
    try:
        return collect(folder, trial)
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        aside = folder.with_name(f"{_UNREADABLE}{folder.name}")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
        what = f"the outcome of trial {folder.name} cannot be read ({error})"
        say(f"{what}: it is set aside as {aside}, and the trial is trained again")
        return None


def count_waiting(outbox: Path) -> int:
    """How many results nobody has delivered."""
    return sum(not folder.name.startswith(".") for folder in outbox.iterdir()) if outbox.is_dir() else 0


def waiting(outbox: Path) -> list[TrialResult]:
    """All results that nobody has delivered. What an actor left unfinished is removed; see also `found`."""
    if not outbox.is_dir():
        return []
    remove_unfinished(outbox)
    folders = [folder for folder in sorted(outbox.iterdir()) if not folder.name.startswith(".")]
    results = [result for result in map(found, folders) if result is not None]
    return [result for result in results if result.trial.trial_id == result.folder.name]  # what is else was another's


def remove_unfinished(outbox: Path) -> None:
    """Remove what actors that died had begun to pack. Call it while none packs."""
    for folder in outbox.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(folder, ignore_errors=True)
