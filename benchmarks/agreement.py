"""Whether the engine reaches what the rivals' plain loop reaches: the same trials by each, on many seeds.

    python -m benchmarks.agreement --seeds 12 --epochs 2 --json FILE

Both train the same networks on the same features with the same recipe; chance is drawn differently, and batches of the
engine hold utterances of similar lengths. Prints the best validation losses of each, the mean difference over the
variants with a 95% interval (Student's t over the seeds), and the same for character error rates.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from scipy import stats

from benchmarks.embedded import embedded_trials
from benchmarks.facts import in_words, machine_facts, write_json
from benchmarks.rivals.training import train_trial
from soundproof.common import record
from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

METRICS = (record.best(record.VALIDATION_LOSS), record.best(record.VALIDATION_CER))


def main() -> None:
    """Print what each reaches."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", default="asr-cnn-sublayer-order")
    parser.add_argument("--variants", type=int, nargs="+", default=[0, 3], help="places in the study")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    facts = machine_facts()
    print(in_words(facts), flush=True)
    preset = replace(PRESETS["speech"][arguments.preset], most_epochs=arguments.epochs)
    rows = []
    with embedded_trials(arguments.study, arguments.variants, preset, arguments.seeds) as (trials, store):
        for trial in trials:
            rows.append(_both(trial, store) | {"seed": trial.seed})
            print(rows[-1], flush=True)
    print("\n".join(summary(rows)))
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "trials": rows})


def _both(trial: Trial, store: FeatureStore) -> dict[str, float]:
    """Each metric by the engine (`ours`) and by the plain loop (`theirs`)."""
    training = Training(trial, FeatureData(store, torch.device("cpu")))
    while training.status is None:
        training.run_epoch()
    ours = training.finish().metrics
    theirs = train_trial(trial, store, lambda *_: None).metrics
    return {f"{who} {name}": found[name] for name in METRICS for who, found in (("ours", ours), ("theirs", theirs))}


def summary(rows: Sequence[dict[str, float]]) -> list[str]:
    """Means of each and the difference, over seeds whose variants are averaged first."""
    lines = []
    seeds = sorted({row["seed"] for row in rows})
    for name in METRICS:
        ours, theirs = (
            np.array([np.mean([row[f"{who} {name}"] for row in rows if row["seed"] == seed]) for seed in seeds])
            for who in ("ours", "theirs")
        )
        difference = ours - theirs
        half = stats.t.ppf(0.975, len(seeds) - 1) * stats.sem(difference)
        lines.append(
            f"{name}: ours {ours.mean():.3f}, plain loop {theirs.mean():.3f}, difference {difference.mean():+.3f} "
            f"(95% interval {difference.mean() - half:+.3f} to {difference.mean() + half:+.3f}, n = {len(seeds)})"
        )
    return lines


if __name__ == "__main__":
    main()
