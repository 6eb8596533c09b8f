"""A study from its declaration to its record: expand, leave out what is finished, make features, train, write."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from search_spaces.arithmetic import Extent, frames_needed, infeasibility
from search_spaces.presets import PlannedTrial, Preset, expand
from search_spaces.specs import Features, GroupSplit
from search_spaces.studies import Study, Variant
from trainables.corpora.corpus import Corpus
from trainables.features import FeatureStore, load, prepare
from trainables.sweeps.outbox import waiting
from trainables.sweeps.progress import Progress
from trainables.sweeps.ray_session import session
from trainables.sweeps.recorder import Recorder
from trainables.sweeps.storage import Storage

if TYPE_CHECKING:
    from trainables.sweeps.tracking import Tracker


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """What a trial may use, and how many run at once. None leaves it to Ray: as many as there is room for."""

    max_concurrent: int | None = None
    cpus_per_trial: float = 1.0
    gpus_per_trial: float = 0.0
    address: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """One study at one preset on one corpus, with seeds 0 to `seeds` - 1."""

    study: Study
    preset: Preset
    corpus: Corpus
    corpus_name: str
    split: GroupSplit
    seeds: int
    storage: Storage
    tracking_uri: str | None = None
    resources: Resources = Resources()

    @property
    def name(self) -> str:
        """Study, preset and corpus in one word, safe as a file name."""
        return f"{self.study.id}.{self.preset.name}.{self.corpus_name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """What remains to be done: trials to train, and the variants that are the same trial as one of them."""

    train: Sequence[PlannedTrial]
    twins: dict[str, list[PlannedTrial]]
    finished: int
    reused: int
    infeasible: dict[str, str]


def run_sweep(sweep: Sweep, progress: Progress) -> None:
    """Run what is not finished. May be called again after any interruption, and then goes on.

    Raises `CorpusError`, `StorageError` or `TrackingError` before anything is trained.
    """
    variants = {variant.id: sweep.preset.variant(variant) for variant in sweep.study.variants}
    sweep.storage.root.mkdir(parents=True, exist_ok=True)
    gpus = None if sweep.resources.gpus_per_trial else 0
    with sweep.storage.exclusive(sweep.name), ThreadPoolExecutor(2) as beside:
        opening = beside.submit(_open_tracker, sweep)
        preparing = beside.submit(_prepare_features, sweep, variants, progress)
        with session(sweep.resources.address, gpus):  # Ray's start is mostly waiting: the rest is done meanwhile
            _run(sweep, variants, opening.result(), preparing.result(), progress)


def _run(
    sweep: Sweep, variants: dict[str, Variant], tracker: Tracker, entries: dict[str, Path], progress: Progress
) -> None:
    _deliver_waiting(sweep, tracker, variants)
    work = _remaining(sweep, tracker, variants, entries)
    epochs = sum(planned.trial.budget.epochs for planned in work.train)
    progress.planned(
        trials=len(work.train),
        epochs=epochs,
        finished=work.finished,
        reused=work.reused,
        infeasible=work.infeasible,
    )
    interrupted = True
    try:
        if work.train:
            _train(sweep, work, tracker=tracker, variants=variants, entries=entries, progress=progress)
        interrupted = False
    finally:
        tracker.end(interrupted=interrupted)


def _open_tracker(sweep: Sweep) -> Tracker:
    from trainables.sweeps.tracking import Heading, Tracker  # noqa: PLC0415  # MLflow loads while Ray starts

    heading = Heading(
        study=sweep.study,
        preset=sweep.preset.name,
        corpus=sweep.corpus_name,
        margin=sweep.study.margin(float(np.mean([len(utterance.text) for utterance in sweep.corpus.utterances]))),
    )
    if sweep.tracking_uri is not None:
        return Tracker(sweep.tracking_uri, heading, artifacts=None)
    with sweep.storage.opening():
        return Tracker(sweep.storage.tracking_uri, heading, artifacts=sweep.storage.artifacts)


def _prepare_features(sweep: Sweep, variants: dict[str, Variant], progress: Progress) -> dict[str, Path]:
    """Cache entries by the digest of the feature spec."""
    wanted: dict[str, Features] = {variant.features.digest(): variant.features for variant in variants.values()}
    return {
        digest: prepare(sweep.corpus, features, sweep.storage.features, progress=progress.preparing)
        for digest, features in wanted.items()
    }


def _deliver_waiting(sweep: Sweep, tracker: Tracker, variants: dict[str, Variant]) -> None:
    """Write what was finished when an earlier driver died."""
    parcels = waiting(sweep.storage.outbox(sweep.name))
    if not parcels:
        return
    done = tracker.finished_here()
    wanted = {planned.trial.trial_id: planned for planned in _expand(sweep)}
    for parcel in parcels:
        planned = wanted.get(parcel.trial.trial_id)
        if planned is None or (planned.variant_id, parcel.trial.trial_id) in done:
            parcel.discard()  # delivered already, or of a study that was declared differently then
        else:
            tracker.deliver(parcel, variants[planned.variant_id], run_id=None)


def _expand(sweep: Sweep) -> list[PlannedTrial]:
    return list(expand(sweep.study, sweep.preset, sweep.corpus.spec, sweep.split, range(sweep.seeds)))


def _remaining(sweep: Sweep, tracker: Tracker, variants: dict[str, Variant], entries: dict[str, Path]) -> Work:
    """Leave out what is finished here, copy what is finished elsewhere, name what is infeasible."""
    here, elsewhere = tracker.finished_here(), tracker.finished_elsewhere()
    infeasible = _infeasible(variants, {digest: load(entry) for digest, entry in entries.items()})
    for variant_id, reason in infeasible.items():
        if (variant_id, None) not in here:
            tracker.infeasible(variants[variant_id], reason)
    known = {trial_id: run for (_, trial_id), run in here.items() if trial_id is not None} | elsewhere
    train: dict[str, PlannedTrial] = {}
    twins: dict[str, list[PlannedTrial]] = {}
    finished = reused = 0
    for planned in _expand(sweep):
        trial_id = planned.trial.trial_id
        if planned.variant_id in infeasible:
            continue
        if (planned.variant_id, trial_id) in here:
            finished += 1
        elif trial_id in known:
            tracker.reuse(variants[planned.variant_id], planned.trial, known[trial_id])
            reused += 1
        elif trial_id in train:
            twins.setdefault(trial_id, []).append(planned)
        else:
            train[trial_id] = planned
    return Work(train=list(train.values()), twins=twins, finished=finished, reused=reused, infeasible=infeasible)


def _infeasible(variants: dict[str, Variant], stores: dict[str, FeatureStore]) -> dict[str, str]:
    """Variants whose output would be shorter than a transcript of the corpus, each with its reason."""
    extents = {
        digest: [
            Extent(frames=int(frames), needed=frames_needed(utterance.text))
            for frames, utterance in zip(store.lengths, store.utterances, strict=True)
        ]
        for digest, store in stores.items()
    }
    reasons = {
        variant.id: infeasibility(variant.network, extents[variant.features.digest()]) for variant in variants.values()
    }
    return {variant_id: reason for variant_id, reason in reasons.items() if reason is not None}


def _train(
    sweep: Sweep,
    work: Work,
    *,
    tracker: Tracker,
    variants: dict[str, Variant],
    entries: dict[str, Path],
    progress: Progress,
) -> None:
    from trainables.sweeps.tuning import tune_trials  # noqa: PLC0415  # Ray Tune is loaded only when there is work

    outbox = sweep.storage.outbox(sweep.name)
    with Recorder(tracker, variants, outbox) as recorder:
        tune_trials(
            work,
            entries=entries,
            outbox=outbox,
            notes=sweep.storage.ray_results(sweep.name),
            resources=sweep.resources,
            recorder=recorder,
            progress=progress,
        )
