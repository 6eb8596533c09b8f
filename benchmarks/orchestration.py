"""What a study costs beyond its training: 24 one-epoch trials (8 variants x 3 seeds), wall time accounted for.

    python benchmarks/orchestration.py

Prints, and with --json writes, the seconds per trial beyond training: between the first trial's start and the last
trial's end, and for the whole sweep with the start of Ray and MLflow. Training runs on as many processes as there are
processors.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from search_spaces import PRESETS, PlannedTrial, find_study, record
from search_spaces.specs import GroupSplit, SyntheticSpeech
from trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from trainables.sweeps.progress import Silence
from trainables.sweeps.resources import Resources
from trainables.sweeps.schedule import FixedSeeds
from trainables.sweeps.storage import Storage
from trainables.sweeps.sweep import Sweep, run_sweep

SEEDS = 3


class Stopwatch(Silence):
    """Notes when trials begin and end, and how long their epochs took."""

    def __init__(self) -> None:
        self.first_start: float | None = None
        self.last_end = 0.0
        self.training_seconds = 0.0
        self.trials = 0

    def began(self, trial: PlannedTrial) -> None:
        """A trial starts to train."""
        self.first_start = self.first_start or time.perf_counter()

    def epoch(self, trial: PlannedTrial, metrics: dict[str, float]) -> None:
        """A trial has trained one more epoch."""
        self.training_seconds += metrics[record.EPOCH_SECONDS]

    def ended(self, trial: PlannedTrial, status: record.Status, reason: str | None) -> None:
        """A trial has ended."""
        self.trials += 1
        self.last_end = time.perf_counter()


def measure(folder: Path) -> dict[str, float]:
    """One sweep in a fresh storage."""
    preset = replace(PRESETS["speech"]["smoke"], epochs=1)
    study = find_study("asr-cnn-sublayer-order")
    assert isinstance(preset.corpus, SyntheticSpeech)
    sweep = Sweep(
        study=study,
        preset=preset,
        corpus=make_synthetic_speech(preset.corpus),
        corpus_name="synthetic-speech",
        split=GroupSplit(),
        schedule=FixedSeeds(study, SEEDS),
        storage=Storage(root=folder),
        resources=Resources(),
    )
    watch = Stopwatch()
    start = time.perf_counter()
    run_sweep(sweep, watch)
    whole = time.perf_counter() - start
    assert watch.first_start is not None
    slots = os.cpu_count() or 1
    training = watch.training_seconds / slots
    return {
        "trials": watch.trials,
        "training_seconds_per_trial": watch.training_seconds / watch.trials,
        "beyond_training_seconds_per_trial": (watch.last_end - watch.first_start - training) / watch.trials,
        "with_start_up_seconds_per_trial": (whole - training) / watch.trials,
        "start_up_and_end_seconds": whole - (watch.last_end - watch.first_start),
    }


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    for name, value in figures.items():
        print(f"{name:40s} {value:8.3f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
