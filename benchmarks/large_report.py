"""How long the report of a large study takes: 10,000 runs of 50 epochs each in SQLite.

    python -m benchmarks.large_report STORAGE --runs 10000 --epochs 50 --json FILE

The first seed of every variant is written as the sweep writes it, and copied row by row in the database for the other
seeds, with values of its own for each. What is timed is the whole command, `run_search.py report`, in a process of its
own, with the most memory that it held.
"""

import argparse
import resource
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.facts import in_words, machine_facts, write_json
from soundproof.common import record
from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.specs import GroupSplit, SyntheticSpeech
from soundproof.trainables.sweeps.outbox.results import collect, leave
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.training.engine import Outcome

STUDY = find_study("asr-cnn-sublayer-order")
PRESET = PRESETS["speech"]["quick"]
COPIED = ("runs", "tags", "params", "metrics", "latest_metrics")


def main() -> None:
    """Write the record unless it is there, and time the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storage", type=Path)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    facts = machine_facts()
    print(in_words(facts), flush=True)
    storage = Storage(root=arguments.storage)
    database = storage.root / "mlflow.db"
    if not database.exists():
        write_first_seeds(storage, arguments.epochs)
        copy_seeds(database, arguments.runs // len(STUDY.variants))
    command = [sys.executable, "run_search.py", "report", STUDY.id, "--storage", str(storage.root), "--json"]
    seconds = []
    for _ in range(arguments.repetitions):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
        print(f"{seconds[-1]:.1f} s", flush=True)
    gibibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(f"at most {gibibytes:.2f} GiB of memory; the database has {database.stat().st_size / 2**20:.0f} MiB")
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "seconds": seconds, "gibibytes": gibibytes})


def write_first_seeds(storage: Storage, epochs: int) -> None:
    """One finished trial of every variant."""
    heading = Heading(
        kind=record.KIND_STUDY,
        id=STUDY.id,
        question=STUDY.question,
        preset=PRESET.label,
        corpus="synthetic-speech",
        margin=1.5,
        design="1",
    )
    assert isinstance(PRESET.corpus, SyntheticSpeech)
    storage.root.mkdir(parents=True)
    tracker = Tracker(storage.tracking_uri, heading, storage.artifacts)
    for planned in expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), (0,)):
        history = [
            {
                record.TRAIN_LOSS: 90.0 - epoch,
                record.VALIDATION_LOSS: 95.0 - epoch,
                record.VALIDATION_CER: 0.9 - 0.01 * epoch,
                record.EPOCH_SECONDS: 1.0,
            }
            for epoch in range(epochs)
        ]
        final = {
            record.best(record.VALIDATION_LOSS): 95.0 - epochs,
            record.best(record.VALIDATION_CER): 0.4,
            record.TRAIN_SECONDS: float(epochs),
            record.PARAMETERS: 74429.0,
        }
        outcome = Outcome(status="completed", reason=None, metrics=final, weights=None, predictions={})
        trial_result = collect(leave(storage.root / "outbox", planned.trial, outcome, history, "cpu"))
        tracker.deliver(trial_result, PRESET.variant(STUDY.variant(planned.variant_id)), None)
    tracker.end()


def copy_seeds(database: Path, seeds: int) -> None:
    """As many seeds of every variant, each with noise of its own on its metrics."""
    noise = np.random.default_rng(0)
    with sqlite3.connect(database) as connection:
        of_trials = "SELECT run_uuid FROM tags WHERE key = ? AND value = ?"
        runs = [run for (run,) in connection.execute(of_trials, (record.KIND, record.KIND_TRIAL))]
        for run in runs:
            shifts = [abs(shift) for shift in noise.normal(0, 3.0, seeds - 1)]
            for table in COPIED:
                cursor = connection.execute(f"SELECT * FROM {table} WHERE run_uuid = ?", (run,))
                columns = [column[0] for column in cursor.description]
                rows = [dict(zip(columns, row, strict=True)) for row in cursor]
                named = f"{', '.join(columns)}) VALUES ({', '.join(f':{column}' for column in columns)}"
                connection.executemany(f"INSERT INTO {table} ({named})", _copies(rows, run, shifts))


def _copies(rows: Sequence[dict[str, Any]], run: str, shifts: Sequence[float]) -> Iterator[dict[str, Any]]:
    """The rows of a run again for every seed after the first; metrics, the rows with a step, are shifted."""
    for seed, shift in enumerate(shifts, start=1):
        name = uuid.uuid5(uuid.NAMESPACE_OID, f"{run} {seed}").hex
        own = {record.SEED: str(seed), record.TRIAL_ID: name[:16]}
        for row in rows:
            value: Any = row.get("value")
            value = value + shift if "step" in row else own.get(row.get("key", ""), value)
            yield row | {"run_uuid": name, "value": value}


if __name__ == "__main__":
    main()
