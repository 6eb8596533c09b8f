"""Trials that were really trained, in a store of their own, and the audio of their corpora as files."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import soundfile
import torch

from soundproof.common import record
from soundproof.search_spaces import PRESETS, expand, find_study, preset_of
from soundproof.search_spaces.specs import GroupSplit, Trial
from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.corpora.embedded.synthetic_keywords import make_synthetic_keywords
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.features import load, prepare
from soundproof.trainables.sweeps.outbox.results import collect, leave
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

NATIVE_HZ = 22050
STUDIES = {"speech": "asr-cnn-sublayer-order", "keywords": "speech-commands"}
MAKERS = {"speech": make_synthetic_speech, "keywords": make_synthetic_keywords}


@dataclass(frozen=True)
class Sample:
    """A trained trial in the store at `uri`, and what it said of its test split."""

    uri: str
    trial: Trial
    corpus: Corpus
    rows: list[dict[str, object]]
    run_id: str
    tracker: Tracker

    def write(self, row: dict[str, object], path: Path) -> Path:
        """The example that `row` is about, as a float WAV file at the rate at which it was made."""
        index = [example.key for example in self.corpus.examples].index(row["key"])
        (waveform,) = self.corpus.waveforms([index], NATIVE_HZ)
        soundfile.write(path, waveform, NATIVE_HZ, subtype="FLOAT")
        return path


def train(domain: str, folder: Path) -> Sample:
    """The first variant of a study of `domain`, trained at the smoke preset and delivered as a sweep does it."""
    torch.set_num_threads(1)
    study = find_study(STUDIES[domain])
    corpus = MAKERS[domain](PRESETS[domain]["smoke"].corpus)
    planned = next(expand(study, preset_of(study, "smoke"), corpus.spec, GroupSplit(), [0]))
    cache = folder / f"features-{domain}"
    store = load(prepare(corpus, planned.trial.features, cache, workers=1))
    training, history = Training(planned.trial, FeatureData(store, torch.device("cpu"))), []
    while training.status is None:
        history.append(training.run_epoch())
    outcome = training.finish()
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    heading = Heading(
        kind=record.KIND_STUDY,
        id=study.id,
        question=study.question,
        preset="smoke",
        corpus="embedded",
        margin=1.0,
        design="1",
    )
    tracker = Tracker(uri, heading, folder / "artifacts")
    trial_result = collect(leave(folder / "outbox", planned.trial, outcome, history, "cpu"))
    run_id = tracker.deliver(trial_result, study.variant(planned.variant_id), None)
    rows = json.loads(json.dumps(outcome.predictions["test"]))
    return Sample(uri=uri, trial=planned.trial, corpus=corpus, rows=rows, run_id=run_id, tracker=tracker)


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one tracking store for all tests."""
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(scope="session")
def keywords(storage: Path) -> Sample:
    """A classifier of spoken keywords."""
    return train("keywords", storage)


@pytest.fixture(scope="session")
def speech(storage: Path) -> Sample:
    """A network that transcribes."""
    return train("speech", storage)
