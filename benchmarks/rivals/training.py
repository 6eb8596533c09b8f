"""One trial as a plain loop: train an epoch, validate, keep the best weights, test once. Both rivals train with it."""

import copy
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.rivals.data import PaddedBatch, make_loaders
from benchmarks.rivals.network import PlainSpeech, RivalError
from soundproof.common import record
from soundproof.search_spaces.alphabet import BLANK, decode
from soundproof.search_spaces.specs import Adam, AdamW, Recipe, Sgd, SpeechNetwork, Trial, WarmupCosine
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.tasks.transcription import character_error_rate

Report = Callable[[int, dict[str, float]], object]
"""Hears the number of an epoch, from 1, and its metrics."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """Final metrics by their recorded names, seconds of training passes among them, and the best epoch's weights."""

    metrics: dict[str, float]
    weights: dict[str, Tensor]


class Trainee:
    """A network with all that trains it: CTC loss, optimiser, learning rates."""

    def __init__(self, network: PlainSpeech, recipe: Recipe, steps_per_epoch: int) -> None:
        """`steps_per_epoch` for a learning rate that changes with the epoch."""
        if recipe.augmentations or recipe.stopping is not None:
            raise RivalError("the rivals neither augment nor stop early: choose a study whose recipes do neither")
        self.network = network
        self.criterion = nn.CTCLoss(blank=BLANK, reduction="sum")
        self.clip_norm = recipe.clip_norm
        self.optimizer = _optimizer(recipe, network)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda step: _rate_factor(recipe, step, steps_per_epoch)
        )

    def step(self, batch: PaddedBatch) -> float:
        """One update. Returns the sum of the losses in nats."""
        self.optimizer.zero_grad()
        loss = self._loss(batch, *self.network(batch.features, batch.lengths))
        (loss / len(batch.lengths)).backward()  # type: ignore[no-untyped-call]
        if self.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.clip_norm)
        self.optimizer.step()
        self.scheduler.step()
        return loss.item()

    def train(self, batches: Iterable[PaddedBatch]) -> float:
        """One epoch. Returns the mean loss in nats per utterance."""
        self.network.train()
        total, count = 0.0, 0
        for batch in batches:
            total += self.step(batch)
            count += len(batch.lengths)
        return total / count

    @torch.no_grad()
    def evaluate(self, batches: Iterable[PaddedBatch]) -> dict[str, float]:
        """Mean loss in nats per utterance, and the character error rate of greedy decoding."""
        self.network.eval()
        total = 0.0
        references: list[str] = []
        hypotheses: list[str] = []
        for batch in batches:
            scores, lengths = self.network(batch.features, batch.lengths)
            total += self._loss(batch, scores, lengths).item()
            references += batch.texts
            hypotheses += greedy_decode(scores, lengths)
        return {record.LOSS: total / len(references), record.CER: character_error_rate(references, hypotheses)}

    def _loss(self, batch: PaddedBatch, scores: Tensor, lengths: Tensor) -> Tensor:
        loss: Tensor = self.criterion(scores, batch.targets, lengths, batch.target_lengths)
        return loss


def train_trial(trial: Trial, store: FeatureStore, report: Report) -> Trained:
    """All epochs of a trial, each reported, and the test with the weights of the lowest validation loss."""
    assert isinstance(trial.network, SpeechNetwork)
    torch.manual_seed(trial.seed)
    loaders = make_loaders(trial, store)
    network = PlainSpeech(trial.network, store.dimensions)
    trainee = Trainee(network, trial.recipe, len(loaders.train))
    best: dict[str, float] = {}
    weights: dict[str, Any] = {}
    training_seconds = 0.0
    for epoch in range(1, trial.budget.epochs + 1):
        start = time.perf_counter()
        metrics = {record.TRAIN_LOSS: trainee.train(loaders.train)}
        training_seconds += time.perf_counter() - start
        metrics |= _named(record.VALIDATION_PREFIX, trainee.evaluate(loaders.validation))
        report(epoch, metrics)
        if not best or metrics[record.VALIDATION_LOSS] < best[record.VALIDATION_LOSS]:
            best, weights = metrics, copy.deepcopy(network.state_dict())
    network.load_state_dict(weights)
    final = {
        record.best(record.VALIDATION_LOSS): best[record.VALIDATION_LOSS],
        record.best(record.VALIDATION_CER): best[record.VALIDATION_CER],
        record.TRAIN_SECONDS: training_seconds,
    }
    return Trained(metrics=final | _named(record.TEST_PREFIX, trainee.evaluate(loaders.test)), weights=weights)


def greedy_decode(scores: Tensor, lengths: Tensor) -> list[str]:
    """Texts from `scores` (frames, batch, symbols): best symbol per frame, repeats merged, blanks dropped."""
    texts = []
    for symbols, length in zip(scores.argmax(dim=2).T, lengths, strict=True):
        merged = torch.unique_consecutive(symbols[:length])
        texts.append(decode(merged[merged < BLANK].tolist()))
    return texts


def _named(prefix: str, metrics: dict[str, float]) -> dict[str, float]:
    return {prefix + name: value for name, value in metrics.items()}


def _optimizer(recipe: Recipe, network: nn.Module) -> torch.optim.Optimizer:
    match recipe.optimizer:
        case Sgd(learning_rate=rate, momentum=momentum, nesterov=nesterov):
            return torch.optim.SGD(network.parameters(), lr=rate, momentum=momentum, nesterov=nesterov)
        case Adam(learning_rate=rate, first_decay=first, second_decay=second):
            return torch.optim.Adam(network.parameters(), lr=rate, betas=(first, second))
        case AdamW():
            raise NotImplementedError("no documented study trains with AdamW")


def _rate_factor(recipe: Recipe, step: int, steps_per_epoch: int) -> float:
    """The learning rate of an update, counted from 0, over that of the first."""
    if isinstance(recipe.schedule, WarmupCosine):
        raise NotImplementedError("no documented study trains with WarmupCosine")
    if recipe.schedule is not None:
        return recipe.schedule.factor(1 + step // steps_per_epoch)
    if isinstance(recipe.optimizer, Sgd):
        return 1 / (1 + recipe.optimizer.decay * step)
    return 1.0
