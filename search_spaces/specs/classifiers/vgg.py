"""Pairs of small convolutions with a max pool after each pair (Simonyan and Zisserman 2015), with batch norm.

`WaveformVgg` runs along the samples of a recording, `MfccVgg` over an image of coefficients and time.
"""

from dataclasses import dataclass

from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.checks import at_least_one, not_empty, rates
from soundproof.search_spaces.specs.tasks import OfClassification


@dataclass(frozen=True, kw_only=True, slots=True)
class VggPair(Spec):
    """Dropout first, then twice convolution ("same"), batch norm and ReLU to `channels`, then a max pool of 2."""

    channels: int
    dropout: float | None = None

    def _check(self) -> None:
        at_least_one(self, "channels")
        rates(self, "dropout")


@dataclass(frozen=True, kw_only=True, slots=True)
class VggDense(Spec):
    """Dropout first, then a dense layer with ReLU."""

    units: int
    dropout: float | None

    def _check(self) -> None:
        at_least_one(self, "units")
        rates(self, "dropout")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Vgg(OfClassification):
    """Pairs, dense layers, the classes."""

    pairs: tuple[VggPair, ...]
    kernel_size: int = 3
    dense: tuple[VggDense, ...]
    classes: int

    def _check(self) -> None:
        not_empty(self, "pairs")
        at_least_one(self, "kernel_size", "classes")
        if self.kernel_size % 2 == 0:
            odd = f"use {self.kernel_size - 1} or {self.kernel_size + 1}"
            raise SpecError(f"{type(self).__name__}.kernel_size must be odd, got {self.kernel_size}: {odd}")


@dataclass(frozen=True, kw_only=True, slots=True)
class WaveformVgg(_Vgg):
    """Pairs along the samples, the mean over time, dense layers, the classes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MfccVgg(_Vgg):
    """Pairs over (coefficients, time), flattened, dense layers, the classes. Kernels are square."""
