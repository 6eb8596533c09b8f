"""Epochs of several seeds of one variant side by side, against one after another in the same engine, on one thread.

    python -m benchmarks.side_by_side --together 4 --repetitions 6

Each repetition trains the same epoch both ways, in turn, and gives one ratio of processor times. Says, too, whether the
numbers were the same to the bit.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from benchmarks.embedded import embedded_trials
from benchmarks.facts import in_words, machine_facts, write_json
from soundproof.common import record
from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training, run_epochs

Epoch = dict[str, float]


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", default="asr-cnn-sublayer-order")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--together", type=int, default=4)
    parser.add_argument("--repetitions", type=int, default=6)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    facts = machine_facts()
    print(in_words(facts), flush=True)
    preset = PRESETS["speech"][arguments.preset]
    with embedded_trials(arguments.study, [0], preset, arguments.together) as (trials, store):
        ratios = measure(trials, FeatureData(store, torch.device("cpu")), arguments.repetitions)
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"one after another / side by side, {len(trials)} trials: {middle:.2f} (quartiles {low:.2f} to {high:.2f})")
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "together": len(trials), "ratios": ratios})


def measure(trials: Sequence[Trial], data: FeatureData, repetitions: int) -> list[float]:
    """One ratio for each epoch after a first one."""
    apart = [Training(trial, data) for trial in trials]
    together = [Training(trial, data) for trial in trials]
    ratios = []
    for number in range(1 + repetitions):
        if apart[0].status is not None:
            apart = [Training(trial, data) for trial in trials]
            together = [Training(trial, data) for trial in trials]
        one_by_one, expected = _timed(lambda: [training.run_epoch() for training in apart])  # noqa: B023  # called at once
        side_by_side, found = _timed(lambda: run_epochs(together))  # noqa: B023
        same = all(map(_same, expected, found))
        print(f"{one_by_one:.2f} s, {side_by_side:.2f} s, {'the same' if same else 'other'} bits", flush=True)
        if number > 0:
            ratios.append(one_by_one / side_by_side)
    return ratios


def _timed(run: Callable[[], list[Epoch]]) -> tuple[float, list[Epoch]]:
    started = time.process_time()
    found = run()
    return time.process_time() - started, found


def _same(one: Epoch, other: Epoch) -> bool:
    return {**one, record.EPOCH_SECONDS: 0.0} == {**other, record.EPOCH_SECONDS: 0.0}


if __name__ == "__main__":
    main()
