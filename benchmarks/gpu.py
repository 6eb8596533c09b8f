"""Time of a pass over training examples on a GPU and on one CPU thread, through the engine.

    python -m benchmarks.gpu

Made-up features of 400 utterances as long as the embedded speech, in batches of 32; the first pass on each device
warms up, the second is timed. Needs a CUDA device, and neither Ray nor MLflow.
"""

import sys
import time
from dataclasses import replace

import numpy as np
import torch

from benchmarks.noise import noise_features
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.specs import (
    Adam,
    Budget,
    Features,
    GroupSplit,
    Recipe,
    RecurrentStack,
    SpeechNetwork,
    Trial,
)
from soundproof.search_spaces.specs.network import Cell
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

STUDIES = ("asr-cnn-sublayer-order", "asr-rnn-only")
CELLS: tuple[Cell, ...] = ("simple_rnn", "gru", "lstm")
WORDS = ("one", "two", "three", "four", "five", "six")
UTTERANCES, LEAST_FRAMES, MOST_FRAMES = 400, 216, 264


def made_up(features: Features) -> FeatureStore:
    """Noise of the dimensions of `features`, with eight words an utterance."""
    chance = np.random.default_rng(1)
    frames = [int(length) for length in chance.integers(LEAST_FRAMES, MOST_FRAMES, UTTERANCES)]
    examples = [
        Example(key=str(place), target=" ".join(chance.choice(WORDS, 8)), recording=str(place))
        for place in range(UTTERANCES)
    ]
    return noise_features(examples, frames, features.dimensions, chance)


def timed_pass(trial: Trial, store: FeatureStore, device: torch.device) -> tuple[float, float]:
    """Seconds of the second pass, and its mean loss in nats."""
    training = Training(trial, FeatureData(store, device, resident=device.type == "cuda"))
    training.run_pass()
    started = time.perf_counter()
    total = training.run_pass()
    return time.perf_counter() - started, float(total) / len(training.partitions.train)


def main() -> None:
    """Print a row for every size, study and cell."""
    if not torch.cuda.is_available():
        sys.exit("a CUDA device is needed, and torch finds none here")
    torch.set_num_threads(1)
    print(torch.cuda.get_device_name())
    for name in ("quick", "documented"):
        preset = PRESETS["speech"][name]
        for study in STUDIES:
            variant = preset.variant(find_study(study).variants[0])
            network = variant.network
            assert isinstance(network, SpeechNetwork)
            assert isinstance(network.recurrent, RecurrentStack)
            store = made_up(variant.features)
            for cell in CELLS:
                trial = Trial(
                    corpus=preset.corpus,
                    split=GroupSplit(),
                    features=variant.features,
                    network=replace(network, recurrent=replace(network.recurrent, cell=cell)),
                    recipe=Recipe(optimizer=Adam(learning_rate=0.001), batch_size=32, clip_norm=5.0),
                    budget=Budget(epochs=3, preset=name),
                    seed=0,
                )
                (gpu, loss), (cpu, loss_cpu) = (timed_pass(trial, store, torch.device(d)) for d in ("cuda", "cpu"))
                print(
                    f"{name:10} {study:24} {cell:10} GPU {gpu:.2f} s, CPU {cpu:.2f} s, ratio {cpu / gpu:.1f}; "
                    f"losses {loss:.2f} and {loss_cpu:.2f}"
                )


if __name__ == "__main__":
    main()
