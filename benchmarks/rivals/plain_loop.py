"""A study as a sequential loop in one process: torch, Optuna's grid, MLflow's usual calls, torch's own threads.

    python -m benchmarks.rivals.plain_loop STORAGE --study asr-cnn-sublayer-order --preset quick --seeds 3 --json FILE
    python -m benchmarks.rivals.plain_loop STORAGE --no-op 20

Optuna keeps its trials in memory, its default, which is faster than a file.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import mlflow
import optuna
import torch

from benchmarks.rivals.command import run_command
from benchmarks.rivals.study import NO_OP_EPOCHS, NO_OP_METRICS, RivalStudy, TrialFigures
from benchmarks.rivals.training import Trained, train_trial
from soundproof.common import record
from soundproof.search_spaces.specs import Trial


def run_study(study: RivalStudy, folder: Path) -> list[TrialFigures]:
    """Train every variant with every seed, one after another."""
    figures: list[TrialFigures] = []

    def objective(chosen: optuna.Trial) -> float:
        variant = chosen.suggest_categorical("variant", study.variants)
        seed = chosen.suggest_categorical("seed", study.seeds)
        trained = _train_logged(study, variant, seed)
        figures.append(TrialFigures(variant=variant, seed=seed, metrics=trained.metrics))
        return trained.metrics[record.best(record.VALIDATION_LOSS)]

    with _parent_run(study.id, folder):
        _search({"variant": list(study.variants), "seed": list(study.seeds)}, objective)
    return figures


def run_no_op(trials: int, folder: Path) -> None:
    """As many runs as trials, each with the same metrics for every epoch."""

    def objective(chosen: optuna.Trial) -> float:
        seed = chosen.suggest_categorical("seed", range(trials))
        with mlflow.start_run(run_name=f"seed {seed}", nested=True):
            mlflow.log_params(chosen.params)
            for epoch in range(1, NO_OP_EPOCHS + 1):
                mlflow.log_metrics(NO_OP_METRICS, step=epoch)
        return NO_OP_METRICS[record.VALIDATION_LOSS]

    with _parent_run("no-op", folder):
        _search({"seed": list(range(trials))}, objective)


@contextmanager
def _parent_run(experiment: str, folder: Path) -> Iterator[None]:
    """A run of MLflow that others are nested in, in a store of SQLite."""
    mlflow.set_tracking_uri(f"sqlite:///{folder.resolve() / 'mlflow.db'}")
    if mlflow.get_experiment_by_name(experiment) is None:
        mlflow.create_experiment(experiment, artifact_location=str(folder.resolve() / "artifacts"))
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name=experiment):
        yield


def _search(grid: dict[str, Sequence[str | int]], objective: optuna.study.study.ObjectiveFuncType) -> None:
    study = optuna.create_study(sampler=optuna.samplers.GridSampler(grid), direction="minimize")
    study.optimize(objective)  # ends when the grid does


def _train_logged(study: RivalStudy, variant: str, seed: int) -> Trained:
    trial = study.trial(variant, seed)
    with mlflow.start_run(run_name=f"{variant} seed {seed}", nested=True), tempfile.TemporaryDirectory() as scratch:
        mlflow.log_params({"variant": variant, "seed": seed} | _hyperparameters(trial))
        trained = train_trial(
            trial, study.features(trial), lambda epoch, metrics: mlflow.log_metrics(metrics, step=epoch)
        )
        mlflow.log_metrics(trained.metrics)
        weights = Path(scratch) / "weights.pt"
        torch.save(trained.weights, weights)
        mlflow.log_artifact(str(weights))
    return trained


def _hyperparameters(trial: Trial) -> dict[str, object]:
    recipe = trial.recipe
    return {
        "epochs": trial.budget.epochs,
        "batch_size": recipe.batch_size,
        "learning_rate": recipe.optimizer.learning_rate,
        "optimizer": type(recipe.optimizer).__name__,
        "clip_norm": recipe.clip_norm,
    }


if __name__ == "__main__":
    run_command(__doc__, "plain loop", run_study, run_no_op)
