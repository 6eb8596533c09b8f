"""A feed-forward network on flattened features."""

from dataclasses import dataclass

from soundproof.search_spaces.specs.checks import at_least_one, not_empty, penalties, rates
from soundproof.search_spaces.specs.tasks import OfClassification


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedForward(OfClassification):
    """Features flattened, then dense layers with ReLU, each followed by batch norm and dropout where asked for.

    `batch_norm` also normalises the flattened input. `l2` is the coefficient of the squared weights of the hidden
    layers (not biases, nor the output layer's weights), which whoever trains the network adds to the loss.
    """

    dense: tuple[int, ...]
    batch_norm: bool = False
    dropout: float | None = None
    l2: float | None = None
    classes: int

    def _check(self) -> None:
        not_empty(self, "dense")
        at_least_one(self, "dense", "classes")
        rates(self, "dropout")
        penalties(self, "l2")
