"""A finished study in a store, as a sweep writes it, without the training: networks are as they were initialised."""

import math

import torch

from soundproof.common import record
from soundproof.search_spaces import PRESETS, Study, expand
from soundproof.search_spaces.declarations import declare_study
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.networks import build_transcriber
from soundproof.trainables.sweeps.outbox.results import collect, leave
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.engine import Outcome
from soundproof.trainables.training.weights import pack

CORPUS = "synthetic-speech"
_EPOCHS = 4


def validation_loss(place: int, seed: int, epoch: int) -> float:
    """Of the variant at `place` in its study: the first is the best, and so are later epochs and higher seeds."""
    return 20.0 + 5 * place - 0.1 * seed + 8 * math.exp(-epoch)


TRANSCRIPT = {"key": "one", "speaker": None, "reference": "<b onclick=alert(1)> שלום 🎤", "hypothesis": "b", "cer": 1.0}


def write_finished_study(study: Study, storage: Storage, seeds: int, corpus: str = CORPUS) -> Tracker:
    """Every trial of a speech study at the smoke preset, completed, with curves, numbers and weights."""
    preset = PRESETS["speech"]["smoke"]
    heading = Heading(
        kind=record.KIND_STUDY,
        id=study.id,
        question=study.question,
        preset=preset.label,
        corpus=corpus,
        margin=1.0,
        design=str(seeds),
        declaration=declare_study(study, margin=1.0, seeds=str(seeds), first_seed=0),
    )
    tracker = Tracker(storage.tracking_uri, heading, storage.artifacts)
    places = {variant.id: place for place, variant in enumerate(study.variants)}
    for planned in expand(study, preset, preset.corpus, GroupSplit(), range(seeds)):
        losses = [
            validation_loss(places[planned.variant_id], planned.trial.seed, epoch) for epoch in range(1, _EPOCHS + 1)
        ]
        history = [{record.VALIDATION_LOSS: loss, record.TRAIN_LOSS: loss - 1} for loss in losses]
        network = build_transcriber(planned.trial.network, planned.trial.features.dimensions)
        normalisation = Normalisation(
            mean=torch.zeros(planned.trial.features.dimensions), deviation=torch.ones(planned.trial.features.dimensions)
        )
        outcome = Outcome(
            status="completed",
            reason=None,
            metrics={
                record.best(record.VALIDATION_LOSS): losses[-1],
                record.BEST_EPOCH: float(_EPOCHS),
                record.PARAMETERS: 100.0,
                record.TRAIN_SECONDS: 1.0,
            },
            weights=pack(network.state_dict(), normalisation),
            predictions={partition: [TRANSCRIPT] for partition in ("validation", "test")},
        )
        trial_result = collect(leave(storage.outbox(study.id), planned.trial, outcome, history, "cpu"))
        tracker.deliver(trial_result, preset.variant(study.variant(planned.variant_id)), None)
    tracker.end()
    return tracker
