"""A search with a learning sampler and early stopping against random search without stopping, at equal wall time.

    python -m benchmarks.search_against_random STORAGE --repetitions 5

Each repetition has a sampler seed of its own. TPE with ASHA runs `--trials` trials; random search then gets as many
minutes as those took, from the first trial's start to the last one's end, and finishes what it has begun. What each arm
holds for its best network is trained again on fresh seeds, which neither has seen: that mean is what counts. Networks
are judged by the validation loss in nats. May be interrupted and started again.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.trainables.sweeps.storage import Storage

MANY = 100_000
SEEDS = 5


def search(storage: Path, space: str, seed: int, *options: str) -> dict[str, Any]:
    """One command to its end; its report."""
    command = [sys.executable, "run_search.py", "search", space, "--storage", str(storage), "--json"]
    command += ["--search-seed", str(seed), *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def arm(storage: Path, space: str, seed: int, options: list[str]) -> dict[str, Any]:
    """A search, and then its own best network on fresh seeds."""
    report = search(storage, space, seed, *options, "--confirm", "1", "--confirm-seeds", str(SEEDS))
    confirmed = report["confirmed"][0]
    return {
        "trials": sum(report["statuses"].values()),
        "statuses": report["statuses"],
        "epochs": report["savings"]["epochs_trained"],
        "seconds": phase_seconds(storage, report["search"]),
        "search_own": confirmed["search_value_optimistic"],
        "fresh": confirmed["mean"],
        "fresh_interval": confirmed["interval"],
        "test": confirmed["test"]["mean"],
        "choices": confirmed["choices"],
    }


def phase_seconds(storage: Path, search_id: str) -> float:
    """From the start of the first trial of the search itself to the end of the last one."""
    client = MlflowClient(Storage(root=storage).tracking_uri)
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    parents = client.search_runs(experiments, f"tags.`{record.SEARCH}` = '{search_id}'")
    own = f"tags.`{record.PARENT_RUN}` = '{parents[0].info.run_id}'"
    searched = f"{own} and tags.`{record.PURPOSE}` = '{record.PURPOSE_SEARCH}'"
    children = client.search_runs(experiments, searched, max_results=1000)
    started, ended = (run.info.start_time for run in children), (run.info.end_time for run in children)
    return float(max(ended) - min(started)) / 1000


def main() -> None:
    """Run the repetitions and print them, with the difference of the arms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("storage", type=Path)
    parser.add_argument("--space", default="speech")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}", flush=True)
    rows: list[dict[str, Any]] = []
    for seed in range(arguments.repetitions):
        storage = arguments.storage / str(seed)  # a store each: nothing is learnt from another repetition or arm
        learnt = ["--preset", arguments.preset, "--trials", str(arguments.trials), "--sampler", "tpe"]
        one = arm(storage / "tpe", arguments.space, seed, [*learnt, "--scheduler", "asha"])
        drawn = ["--preset", arguments.preset, "--trials", str(MANY), "--sampler", "random", "--scheduler", "none"]
        other = arm(storage / "random", arguments.space, seed, [*drawn, "--minutes", str(one["seconds"] / 60)])
        rows.append({"seed": seed, "tpe_asha": one, "random": other})
        print(json.dumps(rows[-1]), flush=True)
        (arguments.storage / "comparison.json").write_text(json.dumps(rows, indent=1))
    differences = [row["random"]["fresh"] - row["tpe_asha"]["fresh"] for row in rows]
    print("random minus TPE + ASHA on fresh seeds, nats:", [round(value, 2) for value in differences])
    if len(differences) > 1:
        print(f"mean {statistics.mean(differences):.2f}, standard deviation {statistics.stdev(differences):.2f}")


if __name__ == "__main__":
    main()
