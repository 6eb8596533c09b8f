"""What is made again where it is missing: features, results on their way, checkpoints, folders half written."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from soundproof.common import record
from soundproof.common.counting import counted
from soundproof.common.digests import DIGESTS, DamagedError, Sealed
from soundproof.search_spaces.specs import SpecError, Trial
from soundproof.trainables.features.cache import entry_path, fault_of_sealed
from soundproof.trainables.features.working_folder import is_left
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.upkeep.findings import Finding
from soundproof.trainables.sweeps.upkeep.recorded_runs import StoredRun

_HIDDEN = ".unfinished-*"
_ASIDE = ".unreadable-*"


def damaged_features(storage: Storage) -> Iterator[Finding]:
    """Entries of the cache that are not what was written."""
    for entry in _folders(storage.features):
        fault = fault_of_sealed(entry)
        if fault is not None:
            yield Finding(
                kind="features",
                what=fault,
                remedy="remove them: they are made again when needed",
                repair=_remover(entry),
            )


def unused_features(storage: Storage, runs: Mapping[str, StoredRun]) -> Iterator[Finding]:
    """Entries that no recorded trial was trained on. Nothing is said where that cannot be told of all trials."""
    entries = list(_folders(storage.features))
    used = _used(storage, runs) if entries else set()
    if used is None:
        return
    for entry in entries:
        if entry.name not in used:
            megabytes = sum(file.stat().st_size for file in entry.rglob("*") if file.is_file()) / 1e6
            yield Finding(
                kind="features",
                what=f"{entry} ({megabytes:,.1f} MB) has features that no trial of the record was trained on",
                remedy="remove them: they are made again when needed",
                repair=_remover(entry),
            )


def _used(storage: Storage, runs: Mapping[str, StoredRun]) -> set[str] | None:
    """Names of the entries that trials were trained on; None where a trial cannot be read, or there is none."""
    specs: dict[str, str] = {}
    for run in runs.values():
        if run.tags[record.KIND] != record.KIND_TRIAL or record.TRIAL_ID not in run.tags:
            continue
        text = run.tags.get(record.TRIAL)
        if text is None:  # its spec is among its files alone
            return None
        with suppress(ValueError, TypeError):
            plain = json.loads(text)
            specs.setdefault(json.dumps([plain.get("corpus"), plain.get("features"), _augmentations(plain)]), text)
    try:
        trials = [Trial.from_json(text) for text in specs.values()]
    except SpecError:
        return None
    entries = (entry_path(storage.features, trial.corpus, trial.features, trial.recipe.speeds) for trial in trials)
    return {entry.name for entry in entries} or None


def _augmentations(plain: Mapping[str, Any]) -> Any:
    """Of a trial's JSON: speeds among them have features of their own."""
    recipe = plain.get("recipe")
    return recipe.get("augmentations") if isinstance(recipe, Mapping) else None


def results_on_their_way(storage: Storage) -> Iterator[Finding]:
    """Finished trials that nobody has delivered: whole ones wait, others are trained again."""
    for sweep in _folders(storage.root / "outbox"):
        whole = 0
        for folder in _folders(sweep):
            try:
                Sealed.of(folder).check()
                whole += 1
            except DamagedError as error:
                yield Finding(
                    kind="outbox",
                    what=f"a finished trial of {sweep.name} is not what was written: {error}",
                    remedy="give the command of its study again, which sets it aside and trains it again",
                )
        if whole:
            yield Finding(
                kind="outbox",
                what=f"of {sweep.name}, {counted(whole, 'finished trial')} waiting in {sweep}",
                remedy="give the command of its study again, which puts them into the record",
            )


def damaged_checkpoints(storage: Storage) -> Iterator[Finding]:
    """States of trials from which nobody can go on."""
    for digests in sorted((storage.root / "checkpoints").glob(f"*/*/*/{DIGESTS}")):
        try:
            Sealed.of(digests.parent).check()
        except DamagedError as error:
            yield Finding(
                kind="leftover",
                what=f"a checkpoint is not what was written: {error}",
                remedy="remove it: its trial goes on from the one before, or from its start",
                repair=_remover(digests.parent),
            )


def half_written(storage: Storage) -> Iterator[Finding]:
    """What programs that died had begun. Ask while nothing runs on the storage."""
    left = [folder for folder in sorted(storage.features.glob(_HIDDEN)) if is_left(folder)]
    left += sorted((storage.root / "outbox").glob(f"*/{_HIDDEN}"))
    for folder in left:
        yield Finding(
            kind="leftover",
            what=f"{folder} was never finished by a program that has died",
            remedy="remove it",
            repair=_remover(folder),
        )
    for folder in sorted((storage.root / "outbox").glob(f"*/{_ASIDE}")):
        yield Finding(
            kind="leftover",
            what=f"{folder} is the outcome of a trial that could not be read, and was set aside",
            remedy="remove it: the trial was trained again",
            repair=_remover(folder),
        )


def _folders(place: Path) -> Iterator[Path]:
    if place.is_dir():
        yield from (inner for inner in sorted(place.iterdir()) if inner.is_dir() and not inner.name.startswith("."))


def _remover(folder: Path) -> Callable[[], None]:
    def remove() -> None:
        if folder.is_dir():  # there may be two reasons to remove it
            shutil.rmtree(folder)

    return remove
