"""Validation curves of a study, for `benchmarks.short_runs`: trained here, without Ray and MLflow, or from a store.

    python -m benchmarks.short_run_curves train STUDY FILE [--preset quick] [--epochs N] [--places P ...] [--minutes M]
    python -m benchmarks.short_run_curves read STORAGE STUDY FILE [--preset quick]

`train` goes seed by seed, all of the variants at `places` before the next seed, until the minutes are over, and keeps
the seeds that are whole. `--epochs` may be more than the preset has: the smallest corpora need more than a smoke test.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from soundproof.analysis.records.loading import load_study
from soundproof.common import record
from soundproof.search_spaces import find_study, preset_of
from soundproof.search_spaces.presets import PRESET_NAMES, Preset, plan_trial
from soundproof.search_spaces.specs import Trial
from soundproof.search_spaces.studies import Study
from soundproof.trainables.corpora import choose_corpus, open_corpus, usual_split
from soundproof.trainables.features import load, prepare
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training


@dataclass(frozen=True, kw_only=True, slots=True)
class Curves:
    """Validation losses by epoch, of each variant and seed; every variant has every seed."""

    study: str
    preset: str
    losses: tuple[tuple[tuple[float, ...], ...], ...]

    def write(self, path: Path) -> None:
        """As JSON."""
        path.write_text(json.dumps({"study": self.study, "preset": self.preset, "losses": self.losses}))

    @classmethod
    def read(cls, path: Path) -> "Curves":
        """What `write` wrote."""
        plain = json.loads(path.read_text())
        losses = tuple(tuple(tuple(curve) for curve in of_variant) for of_variant in plain["losses"])
        return cls(study=plain["study"], preset=plain["preset"], losses=losses)


def trained(study: Study, preset: Preset, places: Sequence[int], folder: Path) -> Iterator[list[tuple[float, ...]]]:
    """Seed by seed the curve of each of the variants at `places`."""
    corpus = open_corpus(choose_corpus(None, study.domain), preset)
    variants = [preset.variant(study.variants[place]) for place in places]
    stores = {variant.features: load(prepare(corpus, variant.features, folder, workers=1)) for variant in variants}
    seed = 0
    while True:
        trials = [plan_trial(variant, preset, corpus.spec, usual_split(corpus), seed).trial for variant in variants]
        yield [_curve(trial, FeatureData(stores[trial.features], torch.device("cpu"))) for trial in trials]
        seed += 1


def _curve(trial: Trial, data: FeatureData) -> tuple[float, ...]:
    training = Training(trial, data)
    while training.status is None:
        training.run_epoch()
    return tuple(epoch[record.VALIDATION_LOSS] for epoch in training.history)


def recorded(storage: Path, study: str, preset: str) -> Curves:
    """The curves of a study that was run, of the seeds that every variant ended."""
    records = load_study(Storage(root=storage).tracking_uri, study, preset)
    found: dict[str, dict[int, tuple[float, ...]]] = {}
    for trial in records.trials:
        if trial.comparable and trial.seed is not None:
            points = trial.history[record.VALIDATION_LOSS]
            found.setdefault(trial.variant, {})[trial.seed] = tuple(value for _, value in points)
    seeds = sorted(set.intersection(*(set(of_variant) for of_variant in found.values())))
    losses = tuple(tuple(of_variant[seed] for seed in seeds) for of_variant in found.values())
    return Curves(study=study, preset=preset, losses=losses)


def main() -> None:
    """Train, or read, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    train, read = commands.add_parser("train"), commands.add_parser("read")
    read.add_argument("storage", type=Path)
    for command in (train, read):
        command.add_argument("study")
        command.add_argument("file", type=Path)
        command.add_argument("--preset", choices=PRESET_NAMES, default="quick")
    train.add_argument("--epochs", type=int)
    train.add_argument("--places", type=int, nargs="+", help="of the variants in the study; all by default")
    train.add_argument("--minutes", type=float, default=5.0)
    train.add_argument("--seeds", type=int, default=30, help="at most")
    given = parser.parse_args()
    if given.command == "read":
        recorded(given.storage, given.study, given.preset).write(given.file)
        return
    _train(given)


def _train(given: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    study, until = find_study(given.study), time.monotonic() + 60 * given.minutes
    preset = preset_of(study, given.preset)
    preset = replace(preset, epochs=given.epochs) if given.epochs else preset
    places = given.places or range(len(study.variants))
    by_seed: list[list[tuple[float, ...]]] = []
    with tempfile.TemporaryDirectory() as folder:
        for curves in trained(study, preset, places, Path(folder)):
            by_seed.append(curves)
            Curves(study=study.id, preset=given.preset, losses=tuple(zip(*by_seed, strict=True))).write(given.file)
            print(f"seed {len(by_seed) - 1}: {[round(min(curve), 3) for curve in curves]}", flush=True)
            if time.monotonic() > until or len(by_seed) == given.seeds:
                break


if __name__ == "__main__":
    main()
