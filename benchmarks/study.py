"""A whole study against what a user would otherwise write: 8 variants x 3 seeds of speech networks, command to report.

    python -m benchmarks.study STORAGE --repetitions 3 --json FILE
    python -m benchmarks.study STORAGE --epochs 6   # all that the preset has

Each repetition runs Soundproof, the plain loop and the Ray Tune function (`benchmarks.rivals`) as whole commands, one
after another, on the same features, networks, epochs and seeds. Features are made beforehand. Prints wall times, our
ratios to both, the share of the processors' time that went into training steps, and the variants' mean losses by each.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlflow.tracking import MlflowClient

from benchmarks.facts import in_words, machine_facts, write_json
from soundproof.common import record
from soundproof.trainables.sweeps.storage import Storage

OURS, LOOP, FUNCTION = "soundproof", "plain loop", "ray function"
LOSS = record.best(record.VALIDATION_LOSS)


def main() -> None:
    """Run the repetitions and print their medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storage", type=Path)
    parser.add_argument("--study", default="asr-cnn-sublayer-order")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2, help="a trial then takes the plain loop about ten seconds")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    facts = machine_facts()
    print(in_words(facts), flush=True)
    study = ["--preset", arguments.preset, "--seeds", str(arguments.seeds), "--epochs", str(arguments.epochs)]
    features = Storage(root=arguments.storage / "prepared").features
    ours(arguments.storage / "prepared", arguments.study, study)
    rows: list[dict[str, Any]] = []
    for number in range(arguments.repetitions):
        row = {}
        for name in (OURS, LOOP, FUNCTION):
            storage = arguments.storage / f"{number} {name}"
            shutil.copytree(features, Storage(root=storage).features)
            found = (
                ours(storage, arguments.study, study) if name == OURS else rival(storage, arguments.study, study, name)
            )
            row[name] = found
            print(f"{name}: {found['wall_seconds']:.1f} s", flush=True)
        rows.append(row)
    print("\n".join(summary(rows)))
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "study": arguments.study, "repetitions": rows})


def ours(storage: Path, study: str, options: Sequence[str]) -> dict[str, Any]:
    """The whole command, and what its record says."""
    command = [sys.executable, "run_search.py", "run", study, "--storage", str(storage), "--json", *options]
    moment, started = time.time(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    client = MlflowClient(Storage(root=storage).tracking_uri)
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    runs = client.search_runs(experiments, f"tags.`{record.KIND}` = '{record.KIND_TRIAL}'", max_results=1000)
    trials = [{"variant": run.data.tags[record.VARIANT], "metrics": run.data.metrics} for run in runs]
    firsts = [client.get_metric_history(run.info.run_id, record.EPOCH_SECONDS)[0] for run in runs]
    began = min(first.timestamp / 1000 - first.value for first in firsts)
    figures = _figures(
        wall, trials, started=min(run.info.start_time for run in runs), ended=max(run.info.end_time for run in runs)
    )
    return figures | {"seconds_to_first_epoch": began - moment}


def rival(storage: Path, study: str, options: Sequence[str], name: str) -> dict[str, Any]:
    """The whole command of a rival, and what it prints."""
    module, figures = f"benchmarks.rivals.{name.replace(' ', '_')}", storage / "figures.json"
    command = [sys.executable, "-m", module, str(storage), "--study", study, "--json", str(figures), *options]
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    return _figures(wall, json.loads(figures.read_text())["trials"])


def _figures(wall: float, trials: Sequence[Mapping[str, Any]], started: int = 0, ended: int = 0) -> dict[str, Any]:
    training = sum(trial["metrics"][record.TRAIN_SECONDS] for trial in trials)
    losses = defaultdict(list)
    for trial in trials:
        losses[trial["variant"]].append(trial["metrics"][LOSS])
    processors = os.cpu_count() or 1
    between = (ended - started) / 1000
    return {
        "wall_seconds": wall,
        "trials": len(trials),
        "training_seconds": training,
        "training_share": training / (processors * wall),
        "training_share_between_trials": training / (processors * between) if between else None,
        "losses": {variant: statistics.mean(values) for variant, values in sorted(losses.items())},
    }


def summary(rows: Sequence[Mapping[str, Mapping[str, Any]]]) -> list[str]:
    """Medians over the repetitions."""
    lines = []
    for name in (OURS, LOOP, FUNCTION):
        walls = [row[name]["wall_seconds"] for row in rows]
        ratios = [row[OURS]["wall_seconds"] / row[name]["wall_seconds"] for row in rows]
        shares = [row[name]["training_share"] for row in rows]
        losses = statistics.mean(value for row in rows for value in row[name]["losses"].values())
        ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        share = f"training steps {statistics.median(shares):.2f} of the processors' time"
        wall = f"{statistics.median(walls):7.1f} s"
        lines.append(f"{name:14} {wall}   ours / this {ratio}   {share}   mean loss {losses:.2f} nats")
    starts = [row[OURS]["seconds_to_first_epoch"] for row in rows]
    lines.append(f"ours, from the command to the first epoch: {statistics.median(starts):.1f} s")
    between = [row[OURS]["training_share_between_trials"] for row in rows]
    lines.append(
        f"ours, from the first trial's start to the last one's end: training steps {statistics.median(between):.2f}"
    )
    return lines


if __name__ == "__main__":
    main()
