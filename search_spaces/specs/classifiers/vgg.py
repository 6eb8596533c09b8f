"""Pairs of small convolutions with a max pool after each pair (Simonyan and Zisserman 2015), with batch norm.

`WaveformVgg` runs along the samples of a recording, `MfccVgg` over an image of coefficients and time.
"""

from dataclasses import dataclass

from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.classifiers.checks import at_least_one, not_empty, rates
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
class WaveformVgg(OfClassification):
    """Pairs along the samples, the mean over time, dense layers, the classes."""

    pairs: tuple[VggPair, ...]
    kernel_size: int = 3
    dense: tuple[VggDense, ...]
    classes: int

    def _check(self) -> None:
        _check_vgg(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class MfccVgg(OfClassification):
    """Pairs over (coefficients, time), flattened, dense layers, the classes. Kernels are square."""

    pairs: tuple[VggPair, ...]
    kernel_size: int = 3
    dense: tuple[VggDense, ...]
    classes: int

    def _check(self) -> None:
        _check_vgg(self)


def _check_vgg(spec: WaveformVgg | MfccVgg) -> None:
    not_empty(spec, "pairs")
    at_least_one(spec, "kernel_size", "classes")
    if spec.kernel_size % 2 == 0:
        odd = f"use {spec.kernel_size - 1} or {spec.kernel_size + 1}"
        raise SpecError(f"{type(spec).__name__}.kernel_size must be odd, got {spec.kernel_size}: {odd}")
