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
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from search_spaces import record
from search_spaces.specs import Trial
from trainables.networks import Speech, measured_parameters
from trainables.training.chance import numpy_generator, seed_torch
from trainables.training.ctc import ctc_losses
from trainables.training.data import SpeechData, bucketed_batches
from trainables.training.error_rates import character_error_rate
from trainables.training.evaluation import Evaluation, evaluate
from trainables.training.optimisation import Optimisation
from trainables.training.splitting import split_utterances
from trainables.training.stopping import Plateau


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a trial leaves behind: final metrics, weights of the best epoch, and transcripts with predictions."""

    status: record.Status
    reason: str | None
    metrics: dict[str, float]
    weights: dict[str, Tensor] | None
    predictions: dict[str, list[dict[str, Any]]]


class Training:
    """One trial in progress. `status` is None until it has ended."""

    def __init__(self, trial: Trial, data: SpeechData) -> None:
        self.trial = trial
        self.data = data
        self.partitions = split_utterances(data.store.utterances, trial.split, trial.seed)
        mean, deviation = data.store.normalisation(self.partitions.train)
        self._normalisation = (torch.from_numpy(mean).to(data.device), torch.from_numpy(deviation).to(data.device))
        seed_torch(trial.seed, "initialisation")
        self.network = Speech(trial.network, data.store.dimensions).to(data.device)
        self.optimisation = Optimisation(trial.recipe, self.network.parameters())
        self.epoch = 0
        self.status: record.Status | None = None
        self.reason: str | None = None
        self._plateau = Plateau(trial.recipe.stopping)
        self._best: dict[str, float] = {}
        self._best_weights: dict[str, Tensor] | None = None
        self._best_hypotheses: Sequence[str] = ()
        self._train_seconds = 0.0

    def run_epoch(self) -> dict[str, float]:
        """Train one epoch and validate. Returns the epoch's metrics under their recorded names."""
        assert self.status is None, "the trial has ended"
        self.epoch += 1
        started = time.perf_counter()
        train_loss = self._train()
        self._train_seconds += time.perf_counter() - started
        validation = self._evaluate(self.partitions.validation)
        metrics = {
            record.TRAIN_LOSS: train_loss,
            record.VALIDATION_LOSS: validation.loss,
            record.VALIDATION_CER: validation.cer,
            record.VALIDATION_WER: validation.wer,
            record.EPOCH_SECONDS: time.perf_counter() - started,
        }
        self._judge(metrics, validation)
        return {name: value for name, value in metrics.items() if math.isfinite(value)}

    def _train(self) -> float:
        """One pass over the training split. Returns the mean loss in nats per utterance."""
        seed_torch(self.trial.seed, "dropout", self.epoch)
        order = numpy_generator(self.trial.seed, "order", self.epoch)
        batches = bucketed_batches(self.data.store.lengths, self.partitions.train, self.trial.recipe.batch_size, order)
        self.network.train()
        total = torch.zeros((), device=self.data.device)
        for indices in batches:
            batch = self.data.batch(indices, *self._normalisation)
            scores, frames = self.network(batch.values, batch.lengths)
            losses = ctc_losses(scores, frames, batch.targets, batch.target_lengths)
            losses.mean().backward()  # type: ignore[no-untyped-call]
            self.optimisation.step()
            total += losses.detach().sum()
        return float(total) / len(self.partitions.train)

    def _evaluate(self, indices: Sequence[int]) -> Evaluation:
        return evaluate(self.network, self.data, indices, self._normalisation, batch_size=self.trial.recipe.batch_size)

    def _judge(self, metrics: dict[str, float], validation: Evaluation) -> None:
        """Keep the best weights; recognise divergence, a plateau, and the end of the budget."""
        losses = (metrics[record.TRAIN_LOSS], metrics[record.VALIDATION_LOSS])
        if not all(math.isfinite(loss) for loss in losses):
            self.status = "diverged"
            self.reason = f"the loss of epoch {self.epoch} is not finite"
            return
        if metrics[record.VALIDATION_LOSS] < self._best.get(record.VALIDATION_LOSS, math.inf):
            self._best = {**metrics, record.BEST_EPOCH: float(self.epoch)}
            self._best_weights = {name: value.cpu().clone() for name, value in self.network.state_dict().items()}
            self._best_hypotheses = validation.hypotheses
        plateau = self._plateau.reached(metrics[record.VALIDATION_LOSS])
        if self.epoch >= self.trial.budget.epochs:
            self.status = "completed"
        elif plateau:
            self.status = "stopped_early"
            self.reason = f"no improvement in {self._plateau.epochs_without_improvement} epochs"

    def checkpoint(self) -> dict[str, Any]:
        """All that a later process needs to go on from the end of this epoch, bit for bit."""
        return {
            "epoch": self.epoch,
            "network": self.network.state_dict(),
            "optimizer": self.optimisation.optimizer.state_dict(),
            "steps": self.optimisation.steps,
            "best": self._best,
            "best_weights": self._best_weights,
            "best_hypotheses": self._best_hypotheses,
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
        self._best_hypotheses = state["best_hypotheses"]
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
        predictions: dict[str, list[dict[str, Any]]] = {}
        if self.status in record.COMPARABLE:
            assert self._best_weights is not None
            self.network.load_state_dict(self._best_weights)
            test = self._evaluate(self.partitions.test)
            metrics |= {record.BEST_EPOCH: self._best[record.BEST_EPOCH]}
            for name in (record.VALIDATION_LOSS, record.VALIDATION_CER, record.VALIDATION_WER):
                metrics[record.best(name)] = self._best[name]
            metrics |= {f"{record.TEST_PREFIX}{name}": getattr(test, name) for name in ("loss", "cer", "wer")}
            predictions = {
                "validation": self._table(self.partitions.validation, self._best_hypotheses),
                "test": self._table(self.partitions.test, test.hypotheses),
            }
        return Outcome(
            status=self.status,
            reason=self.reason,
            metrics=metrics,
            weights=self._best_weights,
            predictions=predictions,
        )

    def _table(self, indices: Sequence[int], hypotheses: Sequence[str]) -> list[dict[str, Any]]:
        rows = []
        for index, hypothesis in zip(indices, hypotheses, strict=True):
            utterance = self.data.store.utterances[index]
            cer = character_error_rate([utterance.text], [hypothesis])
            row = {"key": utterance.key, "speaker": utterance.speaker, "reference": utterance.text}
            rows.append({**row, "hypothesis": hypothesis, "cer": cer})
        return rows
