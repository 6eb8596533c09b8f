"""The command line that the rivals share: what to run, and the figures as JSON."""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.facts import machine_facts, write_json
from benchmarks.rivals.study import RivalStudy, TrialFigures, make_study
from soundproof.common import record
from soundproof.search_spaces.presets import PRESET_NAMES
from soundproof.trainables.sweeps.storage import Storage

RunStudy = Callable[[RivalStudy, Path], Sequence[TrialFigures]]
"""Trains a study, with its record in a folder."""
RunNoOp = Callable[[int, Path], None]
"""Runs so many trials that only report, with their record in a folder."""


def run_command(description: str, name: str, run: RunStudy, run_no_op: RunNoOp) -> None:
    """Parse the command line, run the study or the trials without training, and print the figures.

    `wall_seconds` is what `run` takes: the store is opened and the first process started in it, imports and features
    come before.
    """
    arguments = _parser(description).parse_args()
    folder: Path = arguments.storage / name.replace(" ", "_")
    folder.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {"rival": name, "machine": machine_facts()}
    if arguments.no_op is not None:
        start = time.perf_counter()
        run_no_op(arguments.no_op, folder)
        figures |= {"no_op_trials": arguments.no_op, "wall_seconds": time.perf_counter() - start}
    else:
        figures |= _study_figures(arguments, folder, run)
    print(json.dumps(figures))
    if arguments.json is not None:
        write_json(arguments.json, figures)


def _study_figures(arguments: argparse.Namespace, folder: Path, run: RunStudy) -> dict[str, Any]:
    start = time.perf_counter()
    study = make_study(
        arguments.study,
        arguments.preset,
        Storage(root=arguments.storage).features,
        seeds=arguments.seeds,
        epochs=arguments.epochs,
        variants=arguments.variants,
    )
    ready = time.perf_counter()
    trials = run(study, folder)
    end = time.perf_counter()
    return {
        "study": study.id,
        "preset": arguments.preset,
        "features_seconds": ready - start,
        "wall_seconds": end - ready,
        "training_seconds": sum(trial.metrics[record.TRAIN_SECONDS] for trial in trials),
        "trials": [asdict(trial) for trial in trials],
    }


def _parser(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storage", type=Path, help="features are kept here, as Soundproof keeps them, and the record")
    parser.add_argument("--study", default="asr-cnn-sublayer-order")
    parser.add_argument("--preset", choices=PRESET_NAMES, default="quick")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, help="instead of the preset's")
    parser.add_argument("--variants", type=int, help="the first so many alone")
    parser.add_argument("--no-op", type=int, metavar="TRIALS", help="so many trials that report 10 epochs, untrained")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser
