"""Bases of what users write beside a network: losses, metrics, augmentations. Dataclasses, like networks."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from soundproof.search_spaces.specs.custom_networks import CustomAugmentation, CustomLoss, CustomMetric
from soundproof.search_spaces.user_code.written import WrittenByUser


class GivenAnswer(Protocol):
    """What a network says of one example, as a metric is given it.

    `text` is the transcript, the class, or the labels above one half, joined by "; "; `probabilities` those of all
    classes in their order; `value` in the user's units.
    """

    @property
    def text(self) -> str:
        """See the class."""
        ...

    @property
    def probabilities(self) -> Sequence[float] | None:
        """See the class."""
        ...

    @property
    def value(self) -> float | None:
        """See the class."""
        ...


class Loss(WrittenByUser, ABC):
    """A loss in the place of the task's own, for classes, labels and values. `Recipe(loss=Mine().spec())`."""

    spec_class = CustomLoss

    @abstractmethod
    def losses(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, a tensor (batch,) that gradients pass through.

        Of classes `outputs` are logits (batch, classes) and `targets` numbers of classes (batch,); of several labels
        logits (batch, labels) and 0 or 1 (batch, labels); of values standardised ones, both (batch,).
        """


class Metric(WrittenByUser, ABC):
    """What `Score` and `ErrorMeasure` have in common."""

    spec_class = CustomMetric

    @abstractmethod
    def value(self, truth: Sequence[str], answers: Sequence[GivenAnswer]) -> float:
        """How good the answers to a side's examples are, a finite number.

        `truth` are the targets of the same examples: transcripts, classes, labels joined by "; ", or values as text.
        """


class Score(Metric):
    """A metric of which more is better, recorded as `validation/score/NAME`. `Recipe(metrics=(Mine().spec(),))`."""

    def spec(self) -> CustomMetric:
        """What stands for it in a trial. Raises `CustomFileError`."""
        return CustomMetric(**self.parts(), higher_is_better=True)


class ErrorMeasure(Metric):
    """A metric of which less is better, recorded as `validation/error/NAME`."""

    def spec(self) -> CustomMetric:
        """What stands for it in a trial. Raises `CustomFileError`."""
        return CustomMetric(**self.parts(), higher_is_better=False)


class Augmenter(WrittenByUser, ABC):
    """What is done to a batch's features while training. `Recipe(augmentations=(Mine().spec(),))`."""

    spec_class = CustomAugmentation

    @abstractmethod
    def augmented(self, values: Any, lengths: Any, generator: Any) -> Any:
        """The features (batch, frames, dimensions) that the network trains on, as many as there were.

        `values` were normalised; `lengths` (batch,) counts the real frames, and what comes out beyond them is set to 0.
        Draw from `generator`, a `torch.Generator` on the CPU, alone: then a trial is the same whenever it is trained.
        """
