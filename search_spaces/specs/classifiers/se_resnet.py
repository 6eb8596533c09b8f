"""Residual blocks with squeeze-and-excitation (He et al. 2016, Hu et al. 2018) on mel spectrograms."""

from dataclasses import dataclass

from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.checks import at_least_one, not_empty, rates
from soundproof.search_spaces.specs.tasks import OfClassification


@dataclass(frozen=True, kw_only=True, slots=True)
class SeStage(Spec):
    """A max pool of 2 where `pool`, dropout, a 3x3 convolution with batch norm and ReLU to `channels`, then `blocks`.

    Each of the `blocks`: convolution, batch norm, ReLU, convolution, batch norm, squeeze-and-excitation; added to what
    the block was given, then ReLU.
    """

    channels: int
    blocks: int
    pool: bool
    dropout: float | None

    def _check(self) -> None:
        at_least_one(self, "channels")
        if self.blocks < 0:
            raise SpecError(f"SeStage.blocks must be 0 or more, got {self.blocks}")
        rates(self, "dropout")


@dataclass(frozen=True, kw_only=True, slots=True)
class SeResNet(OfClassification):
    """Stages over (mel, time), the mean over both, a dense layer with ReLU, dropout, the classes.

    `bottleneck` counts the channels between the two 1x1 convolutions of every squeeze-and-excitation.
    """

    stages: tuple[SeStage, ...]
    bottleneck: int
    dense: int
    dropout: float | None
    classes: int

    def _check(self) -> None:
        not_empty(self, "stages")
        at_least_one(self, "bottleneck", "dense", "classes")
        rates(self, "dropout")
