"""A two-dimensional CNN on MFCC images, (frames, coefficients)."""

from dataclasses import dataclass

from soundproof.search_spaces.specs.canonical import Spec
from soundproof.search_spaces.specs.checks import at_least_one, not_empty, pairs, penalties, rates
from soundproof.search_spaces.specs.tasks import OfClassification


@dataclass(frozen=True, kw_only=True, slots=True)
class MfccBlock(Spec):
    """Convolution ("valid"), ReLU, max pool ("same", `pool_stride` along both axes), batch norm, dropout.

    `kernel` and `pool` are sizes along (frames, coefficients).
    """

    filters: int
    kernel: tuple[int, int]
    pool: tuple[int, int]
    pool_stride: int = 2
    dropout: float | None

    def _check(self) -> None:
        at_least_one(self, "filters", "pool_stride")
        pairs(self, "kernel", "pool")
        rates(self, "dropout")


@dataclass(frozen=True, kw_only=True, slots=True)
class MfccCnn(OfClassification):
    """Blocks, flattened, a dense layer with ReLU, dropout, then the classes.

    `l2` is the coefficient of the squared weights of the convolutions, which whoever trains the network adds to the
    loss.
    """

    blocks: tuple[MfccBlock, ...]
    l2: float | None
    dense: int
    dropout: float | None
    classes: int

    def _check(self) -> None:
        not_empty(self, "blocks")
        at_least_one(self, "dense", "classes")
        rates(self, "dropout")
        penalties(self, "l2")
