"""What a network is trained to do: the one interface between the engine and a kind of task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn

from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a network says of one example: a transcript, a class with its probability, or a value.

    `probabilities` are those of all classes, in their order; where there may be several labels, `text` has those above
    one half. A `value` is in the user's units.
    """

    text: str
    probability: float | None = None
    probabilities: Sequence[float] | None = None
    value: float | None = None


class Task(Protocol):
    """Networks, losses and metrics of one kind of task, for the examples of one corpus."""

    def build(self) -> nn.Module:
        """A new network. Initial weights come from torch's global generator."""

    def losses(self, network: nn.Module, batch: Batch, mixing: Mixing | None = None) -> Tensor:
        """The loss of each example in nats, (batch,); of two targets in their shares where examples were mixed."""

    def training_scores(self) -> dict[str, float]:
        """How good the answers were to all that `losses` was asked about since this was last asked for.

        By names as in the record, without their prefix; nothing where that is not known.
        """

    def penalty(self, network: nn.Module) -> Tensor | None:
        """What is added to the mean loss while training, for weights that are large; None for nothing."""

    def answers(self, network: nn.Module, batch: Batch) -> tuple[Tensor | None, list[Answer]]:
        """Losses (batch,) of a network in evaluation mode, and its answer for each example.

        None in place of losses where no output of the network is right for an example.
        """

    def score(self, indices: Sequence[int], answers: Sequence[Answer]) -> dict[str, float]:
        """How good the answers to the examples at `indices` are, by names as in the record, without their prefix."""

    def counted(self, indices: Sequence[int]) -> dict[str, int]:
        """How many words and characters the transcripts at `indices` have, by what is counted; nothing of classes.

        Also how many characters another alphabet than the documented one lacks; of classes that training never saw,
        pairs.
        """

    def row(self, index: int, answer: Answer) -> dict[str, Any]:
        """The answer to one example beside its target, JSON values: a line of the table of predictions."""
