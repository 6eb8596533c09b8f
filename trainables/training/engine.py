"""The engine: trains one trial, epoch by epoch. Knows neither Ray nor MLflow.

training = Training(trial, data)
while training.status is None:
    metrics = training.run_epoch()
outcome = training.finish()
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from soundproof.common import record
from soundproof.search_spaces.specs import Partition, Trial
from soundproof.trainables.networks import measured_parameters
from soundproof.trainables.networks.sublayers import draw_from, keep_statistics
from soundproof.trainables.training.best import Best, Plateau, watched_metric
from soundproof.trainables.training.checkpoints import Checkpoint
from soundproof.trainables.training.data.augmentation import augmented, versions_of
from soundproof.trainables.training.data.batches import FeatureData, updates_of
from soundproof.trainables.training.data.clip_facts import clip_facts
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.data.random_streams import (
    numpy_generator,
    seed_globals,
    stream_seed,
    torch_generator,
)
from soundproof.trainables.training.data.splitting import split_examples
from soundproof.trainables.training.data.value_scale import ValueScale
from soundproof.trainables.training.evaluation import Evaluation, evaluate, latency_seconds
from soundproof.trainables.training.settings import TrainingSettings
from soundproof.trainables.training.steps.accumulation import accumulate
from soundproof.trainables.training.steps.device import wait_for
from soundproof.trainables.training.steps.layer_norms import LayerNorms
from soundproof.trainables.training.steps.optimisation import Optimisation, undecayed
from soundproof.trainables.training.steps.precision import as_trained_by
from soundproof.trainables.training.tasks.choice import task_of
from soundproof.trainables.training.tasks.classification import commonest_answer_scores
from soundproof.trainables.training.tasks.own_code import own_scores
from soundproof.trainables.training.tasks.task import Answer
from soundproof.trainables.training.tasks.valuing import mean_answer_scores
from soundproof.trainables.training.weights import pack


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a trial leaves behind: final metrics, weights of the best epoch, and targets with predictions."""

    status: record.Status
    reason: str | None
    metrics: dict[str, float]
    weights: dict[str, Tensor] | None
    predictions: dict[str, list[dict[str, Any]]]


_USUAL = TrainingSettings()


class Training:
    """One trial in progress. `status` is None until it has ended; `history` holds the metrics of each epoch."""

    def __init__(
        self, trial: Trial, data: FeatureData, settings: TrainingSettings = _USUAL, *, micro_batch: int | None = None
    ) -> None:
        """`micro_batch`: the most examples at once, where memory does not suffice for a batch. See `accumulate`."""
        self.trial = trial
        self.data = data
        self.micro_batch = micro_batch
        self.task = task_of(trial, data)
        self.partitions = split_examples(data.store.examples, trial)
        self.normalisation = (
            Normalisation.measured(data.store, self.partitions.train, data.device)
            if trial.recipe.normalise
            else Normalisation.none(data.store.dimensions, data.device)
        )
        self.scale = ValueScale.measured(data.store.examples, self.partitions.train) if trial.has_values else None
        seed_globals(trial.seed, "initialisation")
        self.network = self.task.build().to(data.device)
        if trial.recipe.running_statistics is not None:
            keep_statistics(self.network, trial.recipe.running_statistics)
        self._dropout = torch.Generator(data.device)
        draw_from(self.network, self._dropout)
        self._as_trained = as_trained_by(self.network, trial.recipe.precision, data.device)
        self.optimisation = Optimisation(
            trial.recipe,
            self.network.parameters(),
            undecayed=undecayed(self.network),
            epochs=trial.budget.epochs,
        )
        self._norms = LayerNorms(self.network) if settings.norms else None
        self.epoch = 0
        self.status: record.Status | None = None
        self.reason: str | None = None
        self.history: list[dict[str, float]] = []
        self._plateau = Plateau(trial.recipe.stopping)
        self._watched = watched_metric(trial)
        self._best = Best(trial.recipe, self._watched)
        self._train_seconds = 0.0

    def run_epoch(self) -> dict[str, float]:
        """Train one epoch and validate. Returns the epoch's metrics under their recorded names."""
        started = time.perf_counter()
        total = self.run_pass()
        trained = time.perf_counter()
        validation = self._evaluated(self.partitions.validation)
        validated = time.perf_counter()
        self._train_seconds += trained - started
        metrics = {record.TRAIN_LOSS: float(total) / len(self.partitions.train)}
        if not self.trial.recipe.mixes:  # clips that were mixed have no right answer
            metrics |= {record.TRAIN_PREFIX + name: value for name, value in self.task.training_scores().items()}
        metrics |= {record.VALIDATION_PREFIX + name: value for name, value in validation.metrics.items()}
        metrics[record.EPOCH_SECONDS] = validated - started
        metrics |= {} if self._norms is None else self._norms.take()
        self._judge(metrics, validation)
        self.history.append({name: value for name, value in metrics.items() if math.isfinite(value)})
        return self.history[-1]

    def run_pass(self) -> Tensor:
        """The next epoch's pass over the training split. Every source of chance begins anew.

        Returns the sum of the losses in nats, without penalties, on the device, whose work has been waited for.
        """
        assert self.status is None, "the trial has ended"
        self.epoch += 1
        seed_globals(self.trial.seed, "dropout", self.epoch)  # for what the library draws by itself
        self._dropout.manual_seed(stream_seed(self.trial.seed, "dropout", self.epoch))
        order = numpy_generator(self.trial.seed, "order", self.epoch)
        chance = torch_generator(self.trial.seed, "augmentation", self.epoch)
        speeds = numpy_generator(self.trial.seed, "speed", self.epoch)
        versions = versions_of(self.trial.recipe, len(self.data.store.examples), speeds)
        updates = updates_of(self.trial.recipe, self.data.lengths(versions), self.partitions.train, order)
        self.optimisation.begin_epoch(self.epoch, len(updates))
        self.network.train()
        total = torch.zeros((), device=self.data.device)
        for update in updates:
            total += self._add_gradients(update, versions, chance)
            if self._norms is not None:
                self._norms.note_gradients()
            self.optimisation.step()
        wait_for(self.data.device)
        return total

    def _add_gradients(
        self, batches: Sequence[Sequence[int]], versions: NDArray[np.int64] | None, chance: torch.Generator
    ) -> Tensor:
        """Those of one update, from examples at these indices, in these versions. Returns the sum of their losses."""
        total, examples = torch.zeros((), device=self.data.device), sum(map(len, batches))
        for number, indices in enumerate(batches):
            plain = self.data.batch(indices, self.normalisation, versions)
            batch, mixing = augmented(plain, self.trial.recipe.augmentations, chance)
            total += accumulate(
                self.task,
                self._as_trained,
                batch,
                mixing,
                self.micro_batch,
                of_examples=examples,
                penalised=number == 0,
            )
        return total

    def _evaluated(self, indices: Sequence[int]) -> Evaluation:
        found = evaluate(
            self.task,
            self.network,
            self.data,
            indices,
            self.normalisation,
            batch_size=self.micro_batch or self.trial.recipe.batch_size,
            batch_frames=None if self.micro_batch else self.trial.recipe.batch_frames,
        )
        own = own_scores(self.trial.recipe.metrics, self.data.store.examples, indices, found.answers)
        return replace(found, metrics={**found.metrics, **own})

    def _judge(self, metrics: dict[str, float], validation: Evaluation) -> None:
        """Keep the best weights; recognise divergence, a plateau, and the end of the budget."""
        losses = (metrics[record.TRAIN_LOSS], metrics[self._watched])
        if not all(math.isfinite(loss) for loss in losses):
            self.status = "diverged"
            what = "loss" if self._watched == record.VALIDATION_LOSS else "loss or an embedding"
            self.reason = f"the {what} of epoch {self.epoch} is not finite"
            return
        self._best.offer(self.epoch, metrics, self.network, validation.answers)
        plateau = self._plateau.reached(metrics[self._watched])
        if self.epoch >= self.trial.budget.epochs:
            self.status = "completed"
        elif plateau:
            self.status = "stopped_early"
            self.reason = f"no improvement in {self._plateau.epochs_without_improvement} epochs"

    def checkpoint(self) -> Checkpoint:
        """Where the trial stands, at its end too. Random numbers need no state: each epoch draws its own."""
        parts: dict[str, Mapping[str, Tensor]] = {
            "network": self.network.state_dict(),
            "optimizer": self.optimisation.tensors(),
            "best": self._best.weights or {},
        }
        return Checkpoint(
            trial_id=self.trial.trial_id,
            epoch=self.epoch,
            tensors={f"{part}.{name}": tensor for part, table in parts.items() for name, tensor in table.items()},
            state={
                "steps": self.optimisation.steps,
                "best": self._best.state(),
                "plateau": [self._plateau.lowest, self._plateau.epochs_without_improvement],
                "history": self.history,
                "train_seconds": self._train_seconds,
                "micro_batch": self.micro_batch,
                "status": self.status,
                "reason": self.reason,
            },
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same trial. One that was made in micro-batches goes on in them."""
        assert checkpoint.trial_id == self.trial.trial_id, "the checkpoint is another trial's"
        self._take(checkpoint)
        self._train_seconds = checkpoint.state["train_seconds"]
        self.status, self.reason = checkpoint.state["status"], checkpoint.state["reason"]

    def start_warm(self, checkpoint: Checkpoint) -> None:
        """Begin where the parent has ended, with its epochs as the first of this trial's.

        The times that those took are the parent's, and are not counted again.
        """
        warm_start = self.trial.warm_start
        assert warm_start is not None, "the trial begins afresh"
        assert (checkpoint.trial_id, checkpoint.epoch) == (warm_start.parent, warm_start.epochs), "not the parent's end"
        self._take(checkpoint)
        for metrics in self.history:
            metrics.pop(record.EPOCH_SECONDS, None)

    def _take(self, checkpoint: Checkpoint) -> None:
        parts: dict[str, dict[str, Tensor]] = {"network": {}, "optimizer": {}, "best": {}}
        for key, tensor in checkpoint.tensors.items():
            part, name = key.split(".", 1)
            parts[part][name] = tensor
        state = checkpoint.state
        self.epoch = checkpoint.epoch
        self.network.load_state_dict(parts["network"])
        self.optimisation.restore(parts["optimizer"], state["steps"])
        self._best.restore(state["best"], parts["best"])
        self._plateau.lowest, self._plateau.epochs_without_improvement = state["plateau"]
        self.history = [dict(metrics) for metrics in state["history"]]
        self.micro_batch = self.micro_batch or state["micro_batch"]

    def _sizes(self) -> dict[str, float]:
        """How much is in each partition: examples, the words and characters of transcripts, pairs to be compared."""
        sizes = {}
        for name in get_args(Partition):
            indices = self.partitions.of(name)
            sizes[record.DATA_PREFIX + name] = float(len(indices))
            for counted, number in self.task.counted(indices).items():
                sizes[f"{record.DATA_PREFIX}{name}_{counted}"] = float(number)
        return sizes

    def _scores_without_listening(self) -> dict[str, float]:
        """Where answers are values or classes, what there is to be better than."""
        sides = {record.VALIDATION_PREFIX: self.partitions.validation, record.TEST_PREFIX: self.partitions.test}
        found: dict[str, float] = {}
        for prefix, indices in sides.items():
            if indices and self.scale is not None:
                of_mean = mean_answer_scores(self.data, self.scale, indices)
                found |= {record.MEAN_ANSWER_PREFIX + prefix + name: value for name, value in of_mean.items()}
            elif indices and self.trial.has_one_class:
                commonest = commonest_answer_scores(self.data.store.examples, self.partitions.train, indices)
                found |= {record.COMMONEST_ANSWER_PREFIX + prefix + name: value for name, value in commonest.items()}
        return found

    def finish(self) -> Outcome:
        """The outcome. The test split, if any, is read here, once, with the weights of the best epoch."""
        assert self.status is not None, "the trial has not ended"
        metrics = {
            record.TRAIN_SECONDS: self._train_seconds,
            record.PARAMETERS: float(measured_parameters(self.network).total),
        }
        metrics |= self._sizes() | self._scores_without_listening()
        if self.micro_batch is not None:
            metrics[record.MICRO_BATCH] = float(self.micro_batch)
        predictions: dict[str, list[dict[str, Any]]] = {}
        if self.status in record.COMPARABLE:
            assert self._best.weights is not None
            self.network.load_state_dict(self._best.weights)
            predictions = {"validation": self._table(self.partitions.validation, self._best.answers), "test": []}
            if self.partitions.test:
                test = self._evaluated(self.partitions.test)
                metrics |= {record.TEST_PREFIX + name: value for name, value in test.metrics.items()}
                predictions["test"] = self._table(self.partitions.test, test.answers)
            metrics[record.LATENCY_SECONDS] = self._latency_seconds()
            metrics[record.BEST_EPOCH] = self._best.metrics[record.BEST_EPOCH]
            for name, value in self._best.metrics.items():
                if name.startswith(record.VALIDATION_PREFIX):
                    metrics[record.best(name)] = value
            last = self.history[-1]
            if record.VALIDATION_LOSS in last:
                metrics[record.TRAIN_GAP] = last[record.VALIDATION_LOSS] - last[record.TRAIN_LOSS]
            if record.TEST_ACCURACY in metrics:
                metrics[record.TEST_GAP] = (
                    metrics[record.best(record.VALIDATION_ACCURACY)] - metrics[record.TEST_ACCURACY]
                )
        return Outcome(
            status=self.status,
            reason="; ".join(filter(None, (self._shortage(), self.reason))) or None,
            metrics={name: value for name, value in metrics.items() if math.isfinite(value)},
            weights=None if self._best.weights is None else pack(self._best.weights, self.normalisation, self.scale),
            predictions=predictions,
        )

    def _latency_seconds(self) -> float:
        """That of the network for the example of median length: of the test, or where there is none, the validation."""
        by_length = sorted(self.partitions.test or self.partitions.validation, key=self.data.store.lengths.__getitem__)
        batch = self.data.batch([by_length[len(by_length) // 2]], self.normalisation)
        return latency_seconds(self.task, self.network, batch)

    def _shortage(self) -> str | None:
        """Why the trial was trained in micro-batches."""
        if self.micro_batch is None:
            return None
        recipe = self.trial.recipe
        size = str(recipe.batch_size) if recipe.batch_frames is None else f"{recipe.batch_frames} frames"
        return f"out of memory at batches of {size}: trained in halves of {self.micro_batch}, accumulated"

    def _table(self, indices: Sequence[int], answers: Sequence[Answer]) -> list[dict[str, Any]]:
        return [
            self.task.row(index, answer) | clip_facts(self.data.store, self.trial.features, index)
            for index, answer in zip(indices, answers, strict=True)
        ]
