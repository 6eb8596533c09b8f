"""Recordings of several lengths from their files to the answers: trained as they are, asked as they are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.clip_choice import ClipChoice
from soundproof.search_spaces.specs import (
    Adam,
    Budget,
    Classifier,
    ConformerStack,
    ConvolutionModule,
    ConvStack,
    CorpusSpec,
    Features,
    GroupSplit,
    MelSpectrogram,
    Mixup,
    RawWaveform,
    Recipe,
    SpecAugment,
    SpecError,
    Trial,
)
from soundproof.search_spaces.specs.classifiers import (
    AttentionClassifier,
    FeedForward,
    FrameCnn,
    MaxPool,
    SeResNet,
    SeStage,
    SoundBlock,
    VggDense,
    VggPair,
    WaveformVgg,
)
from soundproof.search_spaces.specs.sublayers import BatchNorm
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.corpora import choose_corpus, open_corpus
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.features import FeatureStore, load, prepare
from soundproof.trainables.prediction.answers import least_heard, predict_file
from soundproof.trainables.prediction.recorded import RecordedTrial
from soundproof.trainables.prediction.trained import Trained, rebuild
from soundproof.trainables.sweeps.planning.feasibility import infeasible_variants
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

RATE = 4000
CPU = torch.device("cpu")
MELS = MelSpectrogram(sample_rate_hz=RATE, window_samples=256, hop_samples=128, mel_bands=12)
_BLOCK = SoundBlock(filters=4, kernel_size=3, sublayers=(MaxPool(size=2), BatchNorm()))
_STAGES = (
    SeStage(channels=4, blocks=1, pool=False, dropout=None),
    SeStage(channels=4, blocks=1, pool=True, dropout=0.2),
)
SE_RESNET = SeResNet(stages=_STAGES, bottleneck=2, dense=6, dropout=0.2, classes=2)
_PAIRS = (VggPair(channels=4), VggPair(channels=4, dropout=0.2))
_CONFORMER = ConformerStack(
    layers=1, channels=8, heads=2, feed_forward_units=9, dropout=0.1, convolution=ConvolutionModule(kernel_size=3)
)
_STRIDED = ConvStack(layers=1, filters=6, kernel_size=3, stride=2, padding="valid", sublayers=(BatchNorm(),))
NETWORKS: dict[str, tuple[Classifier, Features]] = {
    "AttentionClassifier": (
        AttentionClassifier(convolution=_STRIDED, attention=_CONFORMER, pooling="attention", dropout=0.2, classes=2),
        MELS,
    ),
    "FrameCnn": (FrameCnn(blocks=(_BLOCK,), dense=(6,), classes=2), MELS),
    "SeResNet": (SE_RESNET, MELS),
    "WaveformVgg": (
        WaveformVgg(pairs=_PAIRS, dense=(VggDense(units=6, dropout=None),), classes=2),
        RawWaveform(sample_rate_hz=RATE),
    ),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Two classes of tones, ten recordings each, from 0.2 s to 1.1 s."""
    folder, chance = tmp_path_factory.mktemp("tones"), np.random.default_rng(0)
    for label, pitch in (("high", 1200), ("low", 300)):
        (folder / label).mkdir()
        for number in range(10):
            times = np.arange(int((0.2 + 0.1 * number) * RATE)) / RATE
            tone = 0.3 * np.sin(2 * np.pi * (pitch + 10 * number) * times) + chance.normal(0, 0.05, len(times))
            soundfile.write(folder / label / f"{number}.wav", tone, RATE, subtype="FLOAT")
    choice = choose_corpus(f"folder:{folder}", "keywords")
    return open_corpus(choice, PRESETS["keywords"]["smoke"], clips=ClipChoice(clip_place="own-length"))


def _store(corpus: Corpus, features: Features, folder: Path) -> FeatureStore:
    return load(prepare(corpus, features, folder, workers=1))


def _trial(corpus: CorpusSpec, network: Classifier, features: Features) -> Trial:
    return Trial(
        corpus=corpus,
        split=GroupSplit(validation_fraction=0.3, test_fraction=0.2),
        features=features,
        network=network,
        recipe=Recipe(
            optimizer=Adam(learning_rate=0.01), batch_size=5, augmentations=(SpecAugment(), Mixup()), normalise=True
        ),
        budget=Budget(epochs=2, preset="smoke"),
        seed=0,
    )


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("micro_batch", [None, 3])
def test_a_file_is_asked_as_it_was_trained_on(
    name: str, micro_batch: int | None, corpus: Corpus, tmp_path: Path
) -> None:
    """Trained in batches of several lengths, also part by part; each test file alone has the answer of its batch."""
    torch.set_num_threads(1)
    trial = _trial(corpus.spec, *NETWORKS[name])
    training = Training(trial, FeatureData(_store(corpus, trial.features, tmp_path), CPU), micro_batch=micro_batch)
    while training.status is None:
        training.run_epoch()
    outcome = training.finish()
    assert outcome.status == "completed", outcome.reason
    assert outcome.weights is not None
    trained = rebuild(RecordedTrial(trial_id=trial.trial_id, trial=trial, weights=outcome.weights), CPU)
    rows = outcome.predictions["test"]
    assert len({row["duration_seconds"] for row in rows}) > 1
    for row in rows:
        answer = predict_file(trained, corpus.folder / row["key"])  # type: ignore[attr-defined]
        assert (answer.text, len(answer.windows)) == (row["hypothesis"], 1)
        assert answer.probability == pytest.approx(row["probability"], abs=1e-5)
    _ask_about_extremes(trained, tmp_path)


def _ask_about_extremes(trained: Trained, folder: Path) -> None:
    """Too short a file is named with what would do, one that is just long enough is answered, a long one in pieces."""
    least, path = least_heard(trained.trial), folder / "asked.wav"
    noise = np.random.default_rng(1).normal(0, 0.1, 3 * RATE)
    if least > 1:
        soundfile.write(path, noise[: least - 1], RATE)
        with pytest.raises(BrokenAudioError, match="too short: the network of trial .* needs at least"):
            predict_file(trained, path)
    soundfile.write(path, noise[:least], RATE)
    assert len(predict_file(trained, path).windows) == 1
    soundfile.write(path, noise, RATE)
    assert [window.start_seconds for window in predict_file(trained, path).windows] == [0, 1, 2]


def test_who_wants_one_length_is_told(corpus: Corpus, tmp_path: Path) -> None:
    """Before training such variants are infeasible, with the remedy; so are those of which the shortest leaves nothing.

    Whoever trains without a sweep gets the same as an error.
    """
    flat = FeedForward(dense=(4,), classes=2)
    deep = replace(SE_RESNET, stages=(*_STAGES, *[replace(_STAGES[1], blocks=0)] * 2))
    store = _store(corpus, MELS, tmp_path)
    variants = {
        name: Variant(
            id=name,
            levels=(),
            features=MELS,
            network=network,
            recipe=Recipe(optimizer=Adam(learning_rate=0.01)),
            epochs=1,
        )
        for name, network in {"flat": flat, "deep": deep, "fits": SE_RESNET}.items()
    }
    reasons = infeasible_variants(variants, corpus.spec, {MELS.digest(): store})
    assert set(reasons) == {"flat", "deep"}
    assert "7 to 35 frames: --clip-place whole" in reasons["flat"]
    assert reasons["deep"].startswith("7 frames of 12 dimensions leave nothing after layer")
    with pytest.raises(SpecError, match="FeedForward takes clips of one length"):
        Training(_trial(corpus.spec, flat, MELS), FeatureData(store, CPU))
