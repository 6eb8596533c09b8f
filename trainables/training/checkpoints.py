"""A trial in progress on disk: what a later process needs to go on from the end of an epoch, bit for bit.

That of a trial's last epoch is what its descendants begin with.

    TRIAL_ID/EPOCH/tensors.safetensors  network, state of the optimiser, weights of the best epoch
    TRIAL_ID/EPOCH/state.json           everything else
    TRIAL_ID/EPOCH/digests.json         the digests of both

A checkpoint appears by one rename and the one before it goes afterwards, so that at any moment there is a whole one.
Light to import: the driver, which has no tensors, removes checkpoints.
"""

import json
import logging
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.common.digests import Sealed, seal
from soundproof.common.json_texts import parsed
from soundproof.trainables.lasting import rename_lasting

if TYPE_CHECKING:
    from torch import Tensor

_log = logging.getLogger(__name__)

_TENSORS, _STATE = "tensors.safetensors", "state.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """`tensors` by name, and `state`, JSON values, of the trial with `trial_id` after `epoch` epochs."""

    trial_id: str
    epoch: int
    tensors: "Mapping[str, Tensor]"
    state: Mapping[str, Any]


def save_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Write where a trial stands into `folder`, that of the trial, in place of what is there.

    Raises OSError, and leaves what is there as it is, when the disk does not take it.
    """
    from safetensors.torch import save  # noqa: PLC0415  # see above

    folder.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    try:
        tensors = save({name: tensor.cpu().contiguous() for name, tensor in checkpoint.tensors.items()})
        facts = {"trial_id": checkpoint.trial_id, "epoch": checkpoint.epoch, "state": dict(checkpoint.state)}
        (unfinished / _TENSORS).write_bytes(tensors)
        (unfinished / _STATE).write_text(json.dumps({"facts": facts}), encoding="utf-8")
        seal(unfinished)
        whole = folder / str(checkpoint.epoch)
        if whole.exists():  # it could not be read, or this epoch would not have been trained again
            shutil.rmtree(whole)
        rename_lasting(unfinished, whole)
        for other in folder.iterdir():
            if other != whole:
                shutil.rmtree(other, ignore_errors=True)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def load_checkpoints(
    folder: Path, trial_id: str, passed_over: Callable[[str], object] = _log.warning
) -> Iterator[Checkpoint]:
    """Checkpoints of that trial in `folder`, the latest first.

    What is not what was written, or is another trial's, is passed over, and `passed_over` is told so.
    """
    epochs = folder.glob("[0-9]*") if folder.is_dir() else ()
    for epoch in sorted(epochs, key=lambda folder: int(folder.name), reverse=True):
        try:
            checkpoint = _read(epoch)
        except (OSError, ValueError, KeyError, TypeError) as error:
            passed_over(f"the checkpoint of trial {trial_id}, epoch {epoch.name}, cannot be used: {error}")
            continue
        if checkpoint.trial_id == trial_id:
            yield checkpoint
        else:
            passed_over(f"{epoch} holds a checkpoint of trial {checkpoint.trial_id}, and none of trial {trial_id}")


def checkpoint_folder(checkpoints: Path, trial_id: str) -> Path:
    """Where the checkpoints of one trial lie."""
    return checkpoints / trial_id


def discard_checkpoint(checkpoints: Path, trial_id: str) -> None:
    """Remove what a trial that has ended, or was stopped, has left; there may be nothing."""
    shutil.rmtree(checkpoint_folder(checkpoints, trial_id), ignore_errors=True)


def _read(folder: Path) -> Checkpoint:
    """The checkpoint in `folder`. Raises OSError, ValueError, KeyError or TypeError where it is another."""
    from safetensors import SafetensorError  # noqa: PLC0415  # see above
    from safetensors.torch import load  # noqa: PLC0415

    sealed = Sealed.of(folder)
    written, tensors = parsed(sealed.read(_STATE)), sealed.read(_TENSORS)
    facts = written["facts"]
    if sealed.files is None and written["checksum"] != _checksum(facts, tensors):
        raise ValueError("its checksum is another")
    try:
        loaded = load(tensors)
    except SafetensorError as error:  # which is of no other kind
        raise ValueError(f"{_TENSORS} holds no tensors: {error}") from error
    return Checkpoint(trial_id=facts["trial_id"], epoch=facts["epoch"], tensors=loaded, state=facts["state"])


def _checksum(facts: Any, tensors: bytes) -> int:
    """In the place of digests, as earlier versions wrote it."""
    return zlib.crc32(json.dumps(facts).encode(), zlib.crc32(tensors))
