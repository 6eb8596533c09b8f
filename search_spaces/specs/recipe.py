"""How a network is trained: optimiser, learning rate, batch, clipping, augmentation, stopping, what is kept."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from soundproof.search_spaces.specs.augmentation import Augmentation, Mixup, SpeedPerturbation
from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.checks import at_least_one
from soundproof.search_spaces.specs.custom_networks import CustomLoss, CustomMetric

Decayed = Literal["weights", "everything"]
"""What weight decay shrinks. "weights" leaves out biases, scales and shifts of normalising layers, and whatever has one
dimension.

These are few and fit little noise, and zero is no natural value of theirs: a scale that shrinks silences its channel.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sgd(Spec):
    """Stochastic gradient descent. The rate at step t (from 0) is learning_rate / (1 + decay * t).

    `weight_decay` times each weight is added to its gradient, as torch's SGD does, after gradients were clipped;
    `decayed` says to which.
    """

    learning_rate: float
    momentum: float = 0.9
    nesterov: bool = True
    decay: float = 0.0
    weight_decay: float = 0.0
    decayed: Decayed = "weights"

    def _check(self) -> None:
        _check_learning_rate(self.learning_rate)
        if not 0 <= self.momentum < 1:
            raise SpecError(f"Sgd.momentum must lie in [0, 1), got {self.momentum}")
        if self.nesterov and self.momentum == 0:
            raise SpecError("Sgd.nesterov needs momentum above 0, got 0: set nesterov=False")
        if self.decay < 0:
            raise SpecError(f"Sgd.decay must be 0 or more, got {self.decay}")
        _check_weight_decay(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Adam(Spec):
    """Adam (Kingma and Ba 2015).

    `epsilon` is added to the root of the second moment: to the one that is corrected for its start at zero, as torch
    does, or to the uncorrected one, as Keras does, which makes it 30 times as large at the first step.
    """

    learning_rate: float
    first_decay: float = 0.9
    second_decay: float = 0.999
    epsilon: float = 1e-8
    epsilon_added_to: Literal["corrected root", "uncorrected root"] = "corrected root"

    def _check(self) -> None:
        _check_moments(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class AdamW(Spec):
    """Adam with decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101).

    Each step first takes the learning rate times `weight_decay` of a weight away, then updates as Adam does: the decay
    is no part of a gradient, so neither moments nor clipping know of it. `decayed` says of which weights.
    """

    learning_rate: float
    first_decay: float = 0.9
    second_decay: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01
    decayed: Decayed = "weights"

    def _check(self) -> None:
        _check_moments(self)
        _check_weight_decay(self)


Optimizer = Sgd | Adam | AdamW


@dataclass(frozen=True, kw_only=True, slots=True)
class ExponentialDecay(Spec):
    """The learning rate is constant for `hold_epochs`, then multiplied by exp(-`rate`) with every epoch."""

    hold_epochs: int
    rate: float

    def _check(self) -> None:
        if self.hold_epochs < 0 or self.rate <= 0:
            raise SpecError(
                "ExponentialDecay needs hold_epochs of 0 or more and a positive rate, "
                f"got {self.hold_epochs} and {self.rate}"
            )

    def factor(self, epoch: int) -> float:
        """The learning rate of an epoch (from 1) over that of the first."""
        return math.exp(-self.rate * max(0, epoch - self.hold_epochs))


@dataclass(frozen=True, kw_only=True, slots=True)
class StepDecay(Spec):
    """After epoch `after_epochs[i]` the learning rate is `factors[i]` times that of the first epoch."""

    after_epochs: tuple[int, ...]
    factors: tuple[float, ...]

    def _check(self) -> None:
        rising = all(earlier < later for earlier, later in pairwise((0, *self.after_epochs)))
        if not self.after_epochs or len(self.after_epochs) != len(self.factors) or not rising:
            raise SpecError(
                "StepDecay needs rising after_epochs of 1 or more and a factor for each, "
                f"got {self.after_epochs} and {self.factors}"
            )
        if min(self.factors) <= 0:
            raise SpecError(f"StepDecay.factors must be positive, got {self.factors}")

    def factor(self, epoch: int) -> float:
        """The learning rate of an epoch (from 1) over that of the first."""
        passed = sum(epoch > after for after in self.after_epochs)
        return self.factors[passed - 1] if passed else 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WarmupCosine(Spec):
    """The learning rate rises in a line, and falls again as half a cosine does, step by step.

    Over `warmup_fraction` of the budget's steps it rises to the optimiser's, which the last of them has; step t (from
    0) of a warm-up of W steps has (t + 1) / W of it. From there it falls, to reach `final_factor` of it where the
    budget ends. Fractions, not epochs: a preset, or --epochs, that shortens the budget shortens both parts alike.
    """

    warmup_fraction: float = 0.1
    final_factor: float = 0.0

    def _check(self) -> None:
        for name in ("warmup_fraction", "final_factor"):
            if not 0 <= getattr(self, name) < 1:
                raise SpecError(f"WarmupCosine.{name} must lie in [0, 1), got {getattr(self, name)}")

    def factor(self, step: int, steps_an_epoch: int, epoch: int, epochs: int) -> float:
        """The learning rate over the optimiser's, at a step (from 0) of `steps_an_epoch` of an epoch (from 1)."""
        passed, warmup = epoch - 1 + step / steps_an_epoch, self.warmup_fraction * epochs
        if passed < warmup:
            return min(1.0, (epoch - 1 + (step + 1) / steps_an_epoch) / warmup)
        fallen = (1 - math.cos(math.pi * (passed - warmup) / (epochs - warmup))) / 2
        return 1 - (1 - self.final_factor) * fallen


@dataclass(frozen=True, kw_only=True, slots=True)
class PlateauStopping(Spec):
    """Stop when the validation loss has not fallen by `minimum_improvement` for `patience_epochs` epochs in a row.

    Where validation holds classes that training never saw, their equal error rate, a share of 1, takes its place.
    """

    patience_epochs: int
    minimum_improvement: float = 0.0

    def _check(self) -> None:
        at_least_one(self, "patience_epochs")
        if self.minimum_improvement < 0:
            raise SpecError(f"PlateauStopping.minimum_improvement must be 0 or more, got {self.minimum_improvement}")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunningStatistics(Spec):
    """The mean and variance that batch norm keeps for evaluation.

    With each batch, `kept` of what was there stays, and the rest is the batch's. They start at 0 and 1; with
    `corrected_start`, what is left of that start is taken out (as Adam corrects its moments).
    """

    kept: float
    corrected_start: bool = False

    def _check(self) -> None:
        if not 0 <= self.kept < 1:
            raise SpecError(f"RunningStatistics.kept must lie in [0, 1), got {self.kept}: 0.99 is usual")


USUAL_BATCH_SIZE = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe(Spec):
    """Batches of `batch_size` examples; gradients scaled down to a global norm of `clip_norm`.

    With `batch_frames` a batch holds as many examples of about one length as that many frames have room for, padding
    counted, and at least two. The recipe then says nothing of `batch_size`, and presets leave its batches as they are.
    With `accumulate_batches` one update is made from the gradient of so many batches, that of all their examples
    together; the last of an epoch may have fewer. Batch norm still sees batch by batch.

    `label_smoothing` gives that share of each class target evenly to all classes. The recorded training loss is the
    smoothed one, which is minimised; validation and test are never smoothed, so that recipes can be compared by them.
    `precision` "bfloat16" computes what a step costs most, products and convolutions, in that type; weights, losses and
    recurrences stay in single precision, and so do validation, test and predictions.

    `loss`, of the user's own, takes the place of the task's in training and validation; `metrics` are recorded beside
    the task's own.

    The weights kept are those of the epoch with the best validation loss, or the best validation accuracy (the earliest
    of equals), or of the last epoch; where validation holds classes that training never saw, those of the lowest equal
    error rate are kept in place of the best loss. `normalise`: each dimension of the features gets the mean 0 and the
    deviation 1 over the training split. `validate_on` "test" judges every epoch by the test split, as some documents
    do; their results flatter, and nothing is left that no choice was made by. `running_statistics` None: speech
    networks keep 0.9 of what was there; classifiers 0.99 (those whose documents used torch 0.9), with a corrected
    start.
    """

    optimizer: Optimizer
    schedule: ExponentialDecay | StepDecay | WarmupCosine | None = None
    batch_size: int = USUAL_BATCH_SIZE
    clip_norm: float | None = None
    normalise: bool = True
    augmentations: tuple[Augmentation, ...] = ()
    stopping: PlateauStopping | None = None
    keep: Literal["loss", "accuracy", "last"] = "loss"
    loss: CustomLoss | None = None
    metrics: tuple[CustomMetric, ...] = ()
    validate_on: Literal["validation", "test"] = "validation"
    running_statistics: RunningStatistics | None = None
    label_smoothing: float = 0.0
    accumulate_batches: int = 1
    batch_frames: int | None = None
    precision: Literal["single", "bfloat16"] = "single"

    def _check(self) -> None:
        at_least_one(self, "batch_size", "accumulate_batches")
        if self.batch_frames is not None:
            at_least_one(self, "batch_frames")
            if self.batch_size != USUAL_BATCH_SIZE:
                raise SpecError(
                    f"batches hold so many examples or so many frames, got batch_size {self.batch_size} and "
                    f"batch_frames {self.batch_frames}: leave one of them out"
                )
        if not 0 <= self.label_smoothing < 1:
            raise SpecError(f"Recipe.label_smoothing must lie in [0, 1), got {self.label_smoothing}: 0.1 is usual")
        if self.clip_norm is not None and self.clip_norm <= 0:
            raise SpecError(f"Recipe.clip_norm must be positive, got {self.clip_norm}: use None for no clipping")
        if self.schedule is not None and isinstance(self.optimizer, Sgd) and self.optimizer.decay > 0:
            raise SpecError("the learning rate may follow Sgd.decay or a schedule, got both: set decay=0")
        names = [metric.recorded for metric in self.metrics]
        if len(set(names)) < len(names):
            raise SpecError(f"Recipe.metrics must have names that differ, got {', '.join(names)}: rename a class")
        if self.loss is not None and self.label_smoothing > 0:
            raise SpecError("label_smoothing is of the usual loss, got a loss of one's own too: leave one of them out")
        if any(isinstance(augmentation, Mixup) for augmentation in self.augmentations[:-1]):
            raise SpecError("Mixup must come last among the augmentations, and once: move it to the end")
        if any(isinstance(augmentation, SpeedPerturbation) for augmentation in self.augmentations[1:]):
            raise SpecError(
                "SpeedPerturbation must come first among the augmentations, and once: the recordings themselves are "
                "changed, before there are features; move it to the front"
            )

    @property
    def speeds(self) -> tuple[float, ...]:
        """Speeds beside that of the recording at which features of every example are made, before training."""
        return tuple(factor for factor in self.speed_factors if factor != 1)

    @property
    def speed_factors(self) -> tuple[float, ...]:
        """Speeds of which one is drawn for each training example in each epoch; none where all have their own."""
        first = self.augmentations[0] if self.augmentations else None
        return first.factors if isinstance(first, SpeedPerturbation) else ()

    @property
    def mixes(self) -> bool:
        """Whether targets are mixed."""
        return any(isinstance(augmentation, Mixup) for augmentation in self.augmentations)


def _check_moments(spec: Adam | AdamW) -> None:
    name = type(spec).__name__
    _check_learning_rate(spec.learning_rate)
    if spec.epsilon <= 0:
        raise SpecError(f"{name}.epsilon must be positive, got {spec.epsilon}")
    if not (0 <= spec.first_decay < 1 and 0 <= spec.second_decay < 1):
        raise SpecError(f"{name}'s decays must lie in [0, 1), got {spec.first_decay}, {spec.second_decay}")


def _check_weight_decay(spec: Sgd | AdamW) -> None:
    if spec.weight_decay < 0:
        raise SpecError(f"{type(spec).__name__}.weight_decay must be 0 or more, got {spec.weight_decay}")


def _check_learning_rate(rate: float) -> None:
    if rate <= 0:
        raise SpecError(f"learning_rate must be positive, got {rate}")
