"""A study as a function for Ray Tune, all settings at their defaults: one processor a trial, a process for each.

    python -m benchmarks.rivals.ray_function STORAGE --study asr-cnn-sublayer-order --preset quick --seeds 3 --json FILE
    python -m benchmarks.rivals.ray_function STORAGE --no-op 20

The record is written by Ray's own callback for MLflow.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ray
import torch
from ray import tune
from ray.air.integrations.mlflow import MLflowLoggerCallback

from benchmarks.rivals.command import run_command
from benchmarks.rivals.study import NO_OP_EPOCHS, NO_OP_METRICS, RivalStudy, TrialFigures
from benchmarks.rivals.training import train_trial

Config = dict[str, Any]


def run_study(study: RivalStudy, folder: Path) -> list[TrialFigures]:
    """Train every variant with every seed, as many at once as there are processors."""

    def train(config: Config) -> None:
        trial = study.trial(config["variant"], config["seed"])
        trained = train_trial(trial, study.features(trial), lambda _, metrics: tune.report(metrics))
        with tempfile.TemporaryDirectory() as scratch:
            torch.save(trained.weights, Path(scratch) / "weights.pt")
            tune.report(trained.metrics, checkpoint=tune.Checkpoint.from_directory(scratch))

    grid = {"variant": tune.grid_search(list(study.variants)), "seed": tune.grid_search(list(study.seeds))}
    results = _fit(train, grid, study.id, folder)
    return [_figures(results[position]) for position in range(len(results))]


def run_no_op(trials: int, folder: Path) -> None:
    """As many trials, each with the same metrics for every epoch."""

    def report(config: Config) -> None:  # noqa: ARG001  # Ray passes it
        for _ in range(NO_OP_EPOCHS):
            tune.report(NO_OP_METRICS)

    _fit(report, {"seed": tune.grid_search(list(range(trials)))}, "no-op", folder)


def _fit(function: Callable[[Config], None], space: Config, experiment: str, folder: Path) -> tune.ResultGrid:
    """Ray Tune over the grid, on a Ray that is started for it here."""
    store = f"sqlite:///{folder.resolve() / 'mlflow.db'}"
    ray.init(address="local")
    try:
        tuner = tune.Tuner(
            function,
            param_space=space,
            run_config=tune.RunConfig(
                storage_path=str(folder.resolve() / "results"),
                callbacks=[MLflowLoggerCallback(tracking_uri=store, experiment_name=experiment)],
            ),
        )
        results = tuner.fit()
    finally:
        ray.shutdown()
    if results.errors:
        raise results.errors[0]
    return results


def _figures(result: tune.Result) -> TrialFigures:
    """What the last report of a trial said; the names that Ray adds have no slash."""
    assert result.metrics is not None
    assert result.config is not None
    metrics = {name: float(value) for name, value in result.metrics.items() if "/" in name}
    return TrialFigures(variant=result.config["variant"], seed=result.config["seed"], metrics=metrics)


if __name__ == "__main__":
    run_command(__doc__, "ray function", run_study, run_no_op)
