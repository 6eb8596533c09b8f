"""Environmental sounds: mel bands as channels, a network for each frame, or one for each frame before an LSTM.

All three are towers of one-dimensional convolutions ("valid" padding, ReLU); they differ in what axis these run along.
"""

from dataclasses import dataclass

from soundproof.search_spaces.specs.canonical import Spec
from soundproof.search_spaces.specs.checks import at_least_one, not_empty, rates
from soundproof.search_spaces.specs.sublayers import BatchNorm, Dropout
from soundproof.search_spaces.specs.tasks import OfClassification


@dataclass(frozen=True, kw_only=True, slots=True)
class MaxPool(Spec):
    """The largest of each `size` neighbours, without overlap; a last group may be smaller ("same" padding)."""

    size: int

    def _check(self) -> None:
        at_least_one(self, "size")


SoundSublayer = MaxPool | BatchNorm | Dropout


@dataclass(frozen=True, kw_only=True, slots=True)
class SoundBlock(Spec):
    """A convolution and ReLU, then `sublayers` in their order."""

    filters: int
    kernel_size: int
    sublayers: tuple[SoundSublayer, ...]

    def _check(self) -> None:
        at_least_one(self, "filters", "kernel_size")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tower(OfClassification):
    """Convolutions with ReLU, then `dense` layers with ReLU, then the classes."""

    blocks: tuple[SoundBlock, ...]
    dense: tuple[int, ...]
    classes: int

    def _check(self) -> None:
        not_empty(self, "blocks")
        at_least_one(self, "dense", "classes")


@dataclass(frozen=True, kw_only=True, slots=True)
class BandCnn(_Tower):
    """Convolutions run along time with mel bands as channels; flattened, `dense` ReLU layers, then the classes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameCnn(_Tower):
    """Each frame alone: convolutions along its mel bands, `dense` ReLU layers, the probabilities of the classes.

    All frames share weights. The probability of a class is its mean over the frames.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameCnnLstm(OfClassification):
    """Each frame through convolutions along its mel bands, then an LSTM over the frames (one bias vector a gate).

    The mean of its states over time goes through dropout and a dense layer to the classes.
    """

    blocks: tuple[SoundBlock, ...]
    lstm_units: int
    dropout: float | None
    classes: int

    def _check(self) -> None:
        not_empty(self, "blocks")
        at_least_one(self, "lstm_units", "classes")
        rates(self, "dropout")
