"""Trials run to their end, and their numbers without what that cost."""

from typing import Any

from soundproof.common import record
from soundproof.search_spaces.specs import Adam, Budget, GroupSplit, MelSpectrogram, Network, Recipe, Trial
from soundproof.search_spaces.specs.classifiers import FrameCnn, SoundBlock
from soundproof.trainables.training.engine import Outcome, Training

COSTS = {record.EPOCH_SECONDS, record.TRAIN_SECONDS, record.LATENCY_SECONDS}

CLIP_FEATURES = MelSpectrogram(sample_rate_hz=8000, window_samples=256, hop_samples=256, mel_bands=32)


def small_network(classes: int, *dense: int) -> FrameCnn:
    """One convolution along the bands of each frame, which trains in seconds."""
    return FrameCnn(blocks=(SoundBlock(filters=16, kernel_size=3, sublayers=()),), dense=dense, classes=classes)


def clip_trial(corpus: Any, network: Network, *, split: Any = None, epochs: int = 30, seed: int = 0, **recipe) -> Trial:
    """A small trial on clips; what is given of its recipe stands in the place of the usual."""
    usual = {"optimizer": Adam(learning_rate=0.01), "batch_size": 8}
    return Trial(
        corpus=corpus,
        split=split or GroupSplit(),
        features=CLIP_FEATURES,
        network=network,
        recipe=Recipe(**usual | recipe),
        budget=Budget(epochs=epochs, preset="smoke"),
        seed=seed,
    )


def run_to_end(training: Training) -> tuple[list[dict[str, float]], Outcome]:
    """The metrics of every epoch, and the outcome."""
    history = []
    while training.status is None:
        history.append(training.run_epoch())
    return history, training.finish()


def numbers(history: list[dict[str, float]]) -> list[dict[str, float]]:
    """What a second run of the same trial has to repeat."""
    return [{name: value for name, value in epoch.items() if name not in COSTS} for epoch in history]
