"""The engine: trains one trial, epoch by epoch. Knows neither Ray nor MLflow.

training = Training(trial, data)
while training.status is None:
    metrics = training.run_epoch()
outcome = training.finish()
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import torch
from torch import Tensor

from search_spaces import record
from search_spaces.specs import Partition, Trial
from search_spaces.specs.augmentation import Mixup
from trainables.networks import measured_parameters
from trainables.training.augmentation import Mixing, augment, mix
from trainables.training.chance import numpy_generator, seed_torch, torch_generator
from trainables.training.data import Batch, FeatureData, bucketed_batches
from trainables.training.evaluation import Evaluation, evaluate
from trainables.training.normalisation import Normalisation
from trainables.training.objective import Answer
from trainables.training.optimisation import Optimisation
from trainables.training.splitting import split_examples
from trainables.training.stopping import Plateau
from trainables.training.tasks import objective_of
from trainables.training.weights import pack


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a trial leaves behind: final metrics, weights of the best epoch, and targets with predictions."""

    status: record.Status
    reason: str | None
    metrics: dict[str, float]
    weights: dict[str, Tensor] | None
    predictions: dict[str, list[dict[str, Any]]]


class Training:
    """One trial in progress. `status` is None until it has ended."""

    def __init__(self, trial: Trial, data: FeatureData) -> None:
        self.trial = trial
        self.data = data
        self.objective = objective_of(trial, data)
        self.partitions = split_examples(data.store.examples, trial)
        self.normalisation = (
            Normalisation.measured(data.store, self.partitions.train, data.device)
            if trial.recipe.normalise
            else Normalisation.none(data.store.dimensions, data.device)
        )
        seed_torch(trial.seed, "initialisation")
        self.network = self.objective.build().to(data.device)
        self.optimisation = Optimisation(trial.recipe, self.network.parameters())
        self.epoch = 0
        self.status: record.Status | None = None
        self.reason: str | None = None
        self._plateau = Plateau(trial.recipe.stopping)
        self._best: dict[str, float] = {}
        self._best_weights: dict[str, Tensor] | None = None
        self._best_answers: Sequence[Answer] = ()
        self._train_seconds = 0.0

    def run_epoch(self) -> dict[str, float]:
        """Train one epoch and validate. Returns the epoch's metrics under their recorded names."""
        assert self.status is None, "the trial has ended"
        self.epoch += 1
        started = time.perf_counter()
        train_loss = self._train()
        self._train_seconds += time.perf_counter() - started
        validation = self._evaluate(self.partitions.validation)
        metrics = {record.TRAIN_LOSS: train_loss}
        metrics |= {record.VALIDATION_PREFIX + name: value for name, value in validation.metrics.items()}
        metrics[record.EPOCH_SECONDS] = time.perf_counter() - started
        self._judge(metrics, validation)
        return {name: value for name, value in metrics.items() if math.isfinite(value)}

    def _train(self) -> float:
        """One pass over the training split. Returns the mean loss in nats per example, without penalties."""
        seed_torch(self.trial.seed, "dropout", self.epoch)
        order = numpy_generator(self.trial.seed, "order", self.epoch)
        chance = torch_generator(self.trial.seed, "augmentation", self.epoch)
        batches = bucketed_batches(self.data.store.lengths, self.partitions.train, self.trial.recipe.batch_size, order)
        self.optimisation.begin_epoch(self.epoch)
        self.network.train()
        total = torch.zeros((), device=self.data.device)
        for indices in batches:
            batch, mixing = self._augmented(self.data.batch(indices, self.normalisation), chance)
            losses = self.objective.losses(self.network, batch, mixing)
            penalty = self.objective.penalty(self.network)
            mean = losses.mean()
            (mean if penalty is None else mean + penalty).backward()  # type: ignore[no-untyped-call]
            self.optimisation.step()
            total += losses.detach().sum()
        return float(total) / len(self.partitions.train)

    def _augmented(self, batch: Batch, chance: torch.Generator) -> tuple[Batch, Mixing | None]:
        mixup = next((one for one in self.trial.recipe.augmentations if isinstance(one, Mixup)), None)
        others = [one for one in self.trial.recipe.augmentations if not isinstance(one, Mixup)]
        values, mixing = batch.values, None
        if others:
            values = augment(values, batch.lengths, others, chance)
        if mixup is not None:
            values, mixing = mix(values, mixup, chance)
        return replace(batch, values=values), mixing

    def _evaluate(self, indices: Sequence[int]) -> Evaluation:
        size = self.trial.recipe.batch_size
        return evaluate(self.objective, self.network, self.data, indices, self.normalisation, batch_size=size)

    def _judge(self, metrics: dict[str, float], validation: Evaluation) -> None:
        """Keep the best weights; recognise divergence, a plateau, and the end of the budget."""
        losses = (metrics[record.TRAIN_LOSS], metrics[record.VALIDATION_LOSS])
        if not all(math.isfinite(loss) for loss in losses):
            self.status = "diverged"
            self.reason = f"the loss of epoch {self.epoch} is not finite"
            return
        if self._is_best(metrics):
            self._best = {**metrics, record.BEST_EPOCH: float(self.epoch)}
            self._best_weights = {name: value.cpu().clone() for name, value in self.network.state_dict().items()}
            self._best_answers = validation.answers
        plateau = self._plateau.reached(metrics[record.VALIDATION_LOSS])
        if self.epoch >= self.trial.budget.epochs:
            self.status = "completed"
        elif plateau:
            self.status = "stopped_early"
            self.reason = f"no improvement in {self._plateau.epochs_without_improvement} epochs"

    def _is_best(self, metrics: dict[str, float]) -> bool:
        """Whether no earlier epoch was as good, by what the recipe keeps weights for."""
        if not self._best:
            return True
        if self.trial.recipe.keep == "accuracy":
            return metrics[record.VALIDATION_ACCURACY] > self._best[record.VALIDATION_ACCURACY]
        return metrics[record.VALIDATION_LOSS] < self._best[record.VALIDATION_LOSS]

    def checkpoint(self) -> dict[str, Any]:
        """All that a later process needs to go on from the end of this epoch, bit for bit."""
        return {
            "epoch": self.epoch,
            "network": self.network.state_dict(),
            "optimizer": self.optimisation.optimizer.state_dict(),
            "steps": self.optimisation.steps,
            "best": self._best,
            "best_weights": self._best_weights,
            "best_answers": self._best_answers,
            "plateau": (self._plateau.lowest, self._plateau.epochs_without_improvement),
            "train_seconds": self._train_seconds,
            "status": self.status,
            "reason": self.reason,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint of the same trial. Random numbers need no state: each epoch draws its own."""
        self.epoch = state["epoch"]
        self.network.load_state_dict(state["network"])
        self.optimisation.optimizer.load_state_dict(state["optimizer"])
        self.optimisation.steps = state["steps"]
        self._best, self._best_weights = state["best"], state["best_weights"]
        self._best_answers = state["best_answers"]
        self._plateau.lowest, self._plateau.epochs_without_improvement = state["plateau"]
        self._train_seconds = state["train_seconds"]
        self.status, self.reason = state["status"], state["reason"]

    def finish(self) -> Outcome:
        """The outcome. The test split is read here, once, with the weights of the best epoch."""
        assert self.status is not None, "the trial has not ended"
        metrics = {
            record.TRAIN_SECONDS: self._train_seconds,
            record.PARAMETERS: float(measured_parameters(self.network).total),
        }
        metrics |= {record.DATA_PREFIX + name: float(len(self.partitions.of(name))) for name in get_args(Partition)}
        predictions: dict[str, list[dict[str, Any]]] = {}
        if self.status in record.COMPARABLE:
            assert self._best_weights is not None
            self.network.load_state_dict(self._best_weights)
            test = self._evaluate(self.partitions.test)
            metrics[record.BEST_EPOCH] = self._best[record.BEST_EPOCH]
            for name, value in test.metrics.items():
                metrics[record.best(record.VALIDATION_PREFIX + name)] = self._best[record.VALIDATION_PREFIX + name]
                metrics[record.TEST_PREFIX + name] = value
            predictions = {
                "validation": self._table(self.partitions.validation, self._best_answers),
                "test": self._table(self.partitions.test, test.answers),
            }
        return Outcome(
            status=self.status,
            reason=self.reason,
            metrics={name: value for name, value in metrics.items() if math.isfinite(value)},
            weights=None if self._best_weights is None else pack(self._best_weights, self.normalisation),
            predictions=predictions,
        )

    def _table(self, indices: Sequence[int], answers: Sequence[Answer]) -> list[dict[str, Any]]:
        return [self.objective.row(index, answer) for index, answer in zip(indices, answers, strict=True)]
