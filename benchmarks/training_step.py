"""Time of a training step relative to a plain loop's, on one CPU thread.

    python -m benchmarks.training_step [--repetitions N] [--json FILE]

The network is the first of `asr-cnn-sublayer-order`: a convolution, a bidirectional GRU, a dense layer, CTC. A step is
the pass forward, the loss, the gradient, clipping and the update, on a batch that is there already. Each repetition
runs both on the same batch of made-up features, in turn, and gives one ratio of processor times; a row is their median
and quartiles.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.facts import in_words, machine_facts, write_json
from benchmarks.noise import noise_features
from benchmarks.rivals.data import Utterances, collate
from benchmarks.rivals.network import PlainSpeech
from benchmarks.rivals.training import Trainee
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.presets import plan_trial
from soundproof.search_spaces.specs import GroupSplit, Partition, SpeechNetwork, Trial
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.steps.accumulation import accumulate

STUDY = "asr-cnn-sublayer-order"
WARM_UP = 3
SEED = 20_261_121


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One size: of layers, of the batch, and of its utterances, in frames and characters.

    By default they are about as long as the embedded speech at the quick preset, in batches of similar lengths.
    """

    units: int
    batch: int
    dimensions: int
    least_frames: int = 216
    most_frames: int = 264
    characters: int = 40

    def __str__(self) -> str:
        return f"{self.units} filters and units, batch {self.batch}, {self.dimensions} dimensions"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """Quartiles of the ratios, and medians of both times in milliseconds."""

    case: Case
    low: float
    median: float
    high: float
    ours_milliseconds: float
    plain_milliseconds: float

    def __str__(self) -> str:
        times = f"{self.ours_milliseconds:.1f} : {self.plain_milliseconds:.1f}"
        return f"{self.case!s:52} {self.median:.2f} ({self.low:.2f} to {self.high:.2f})   {times}"


CASES = tuple(
    Case(units=units, batch=batch, dimensions=dimensions)
    for units, dimensions in ((64, 81), (200, 161))
    for batch in (32, 8)
)


def measure(case: Case, repetitions: int) -> Row:
    """Steps of both in turn, each being the first every other time."""
    ours, plain = make_steps(case)
    pairs = []
    for repetition in range(WARM_UP + repetitions):
        if repetition % 2:
            seconds = _seconds(plain)
            pairs.append((_seconds(ours), seconds))
        else:
            pairs.append((_seconds(ours), _seconds(plain)))
    pairs = pairs[WARM_UP:]
    low, median, high = statistics.quantiles([ours_ / plain_ for ours_, plain_ in pairs], n=4)
    ours_milliseconds, plain_milliseconds = (1000 * statistics.median(column) for column in zip(*pairs, strict=True))
    return Row(
        case=case,
        low=low,
        median=median,
        high=high,
        ours_milliseconds=ours_milliseconds,
        plain_milliseconds=plain_milliseconds,
    )


def make_steps(case: Case) -> tuple[Callable[[], float], Callable[[], float]]:
    """A step of the engine and one of the plain loop on the same batch. Both return the summed loss in nats."""
    trial = _trial(case)
    training = Training(trial, FeatureData(_store(case), torch.device("cpu")))
    chosen = training.partitions.train
    batch = training.data.batch(chosen, training.normalisation)

    def ours() -> float:
        losses = accumulate(training.task, training.network, batch, None, None)
        training.optimisation.step()
        return float(losses)

    assert isinstance(trial.network, SpeechNetwork)
    network = PlainSpeech(trial.network, case.dimensions)
    trainee = Trainee(network, trial.recipe, steps_per_epoch=1)
    normalisation = training.normalisation
    utterances = Utterances(training.data.store, chosen, normalisation.mean, normalisation.deviation)
    padded = collate([utterances[position] for position in range(len(utterances))])
    training.network.train()
    network.train()
    return ours, lambda: trainee.step(padded)


def _trial(case: Case) -> Trial:
    preset = PRESETS["speech"]["documented"]
    variant = preset.variant(find_study(STUDY).variants[0])
    network = variant.network
    assert isinstance(network, SpeechNetwork)
    assert network.convolution is not None
    assert network.recurrent is not None
    sized = replace(
        network,
        convolution=replace(network.convolution, filters=case.units),
        recurrent=replace(network.recurrent, units=case.units),
    )
    variant = replace(variant, network=sized, recipe=replace(variant.recipe, batch_size=case.batch))
    return plan_trial(variant, preset, preset.corpus, GroupSplit(), seed=0).trial


def _store(case: Case) -> FeatureStore:
    """Noise as features: a batch to train on, and an utterance each to validate and to test."""
    chance = np.random.default_rng(SEED)
    partitions: list[Partition] = ["train" for _ in range(case.batch)]
    partitions += ["validation", "test"]
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz "))
    examples = [
        Example(
            key=str(number),
            target="".join(chance.choice(letters, case.characters)),
            recording=str(number),
            partition=partition,
        )
        for number, partition in enumerate(partitions)
    ]
    lengths = chance.integers(case.least_frames, case.most_frames, len(partitions), endpoint=True)
    return noise_features(examples, lengths.tolist(), case.dimensions, chance)


def _seconds(step: Callable[[], float]) -> float:
    start = time.process_time()
    step()
    return time.process_time() - start


def main() -> None:
    """Print one row per case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=30)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    facts = machine_facts()
    print(in_words(facts))
    print("time relative to the plain step: median (quartiles); milliseconds of both, medians")
    rows = []
    for case in CASES:
        rows.append(measure(case, arguments.repetitions))
        print(rows[-1], flush=True)
    if arguments.json is not None:
        figures = {"machine": facts, "repetitions": arguments.repetitions, "rows": [asdict(row) for row in rows]}
        write_json(arguments.json, figures)


if __name__ == "__main__":
    main()
