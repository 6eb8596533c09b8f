"""What is done to the examples of a batch while a network trains, each time anew. Never done to validate or to test.

A `SpeedPerturbation` chooses among versions of the recordings. All others work on features (batch, frames, dimensions)
after they were normalised, in the order of the recipe's tuple, and draw for each example on its own. Zeros are the
mean, and deviations are 1, where the recipe normalises.
"""

from dataclasses import dataclass
from fractions import Fraction

from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.custom_networks import CustomAugmentation

_SPEEDS = (0.5, 2.0)
_MOST_PARTS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeedPerturbation(Spec):
    """Each example is heard at one of these speeds, drawn anew in each epoch, all equally likely (Ko et al. 2015).

    Tempo and pitch change together. The recordings themselves are played at each speed, and features are made of
    them once, before training: each speed but 1 takes as much of the cache as the plain features. A clip's length
    changes with its speed, so the network has to take clips of any length. Features are normalised by the plain
    examples.
    """

    factors: tuple[float, ...] = (0.9, 1.0, 1.1)

    def _check(self) -> None:
        if len(self.factors) < 2 or len(set(self.factors)) < len(self.factors):
            raise SpecError(
                f"SpeedPerturbation.factors must be two or more different speeds, got {self.factors}: 1.0 may be one"
            )
        for factor in self.factors:
            if not _SPEEDS[0] <= factor <= _SPEEDS[1] or abs(speed_ratio(factor) - factor) > 1e-9:
                raise SpecError(
                    f"SpeedPerturbation.factors must lie in 0.5..2 and have at most two decimals, got {factor}"
                )


def speed_ratio(speed: float) -> Fraction:
    """A speed as a ratio of small numbers, by which recordings are resampled."""
    return Fraction(speed).limit_denominator(_MOST_PARTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecAugment(Spec):
    """Stripes of zeros over time and over frequency (Park et al., arXiv:1904.08779), at drawn places; they may overlap.

    A stripe's width is drawn evenly from 0 to `time_fraction` of the example's own frames, rounded down, or to
    `frequency_fraction` of the dimensions: raw waveforms, of one dimension, have stripes over time alone.
    """

    time_masks: int = 2
    time_fraction: float = 0.1
    frequency_masks: int = 2
    frequency_fraction: float = 0.15

    def _check(self) -> None:
        if min(self.time_masks, self.frequency_masks) < 0 or self.time_masks + self.frequency_masks < 1:
            raise SpecError(
                "SpecAugment needs time_masks and frequency_masks of 0 or more and one of them at least 1, "
                f"got {self.time_masks} and {self.frequency_masks}"
            )
        _check_fractions(self, "time_fraction", "frequency_fraction")


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeShift(Spec):
    """Each example is moved in time by up to `fraction` of its own frames either way, all shifts equally likely.

    Zeros take the place that becomes free. Its length stays, and what is moved beyond either end is lost.
    """

    fraction: float = 0.2

    def _check(self) -> None:
        _check_fractions(self, "fraction")


@dataclass(frozen=True, kw_only=True, slots=True)
class Noise(Spec):
    """Normal noise of this standard deviation is added to every value."""

    deviation: float = 0.3

    def _check(self) -> None:
        if self.deviation <= 0:
            raise SpecError(f"Noise.deviation must be positive, got {self.deviation}: leave the Noise out for none")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mixup(Spec):
    """Each clip is mixed with another one of its batch, and so is what is to be said of it (Zhang et al. 2018).

    The clip keeps a share drawn from a beta distribution with both parameters `alpha`: the smaller `alpha`, the more
    often one of the two is heard almost alone. For classes, not for transcripts.
    """

    alpha: float = 0.2

    def _check(self) -> None:
        if self.alpha <= 0:
            raise SpecError(f"Mixup.alpha must be positive, got {self.alpha}: leave the Mixup out for none")


Augmentation = SpecAugment | TimeShift | Noise | Mixup | SpeedPerturbation | CustomAugmentation


def _check_fractions(spec: Spec, *names: str) -> None:
    for name in names:
        if not 0 < getattr(spec, name) <= 1:
            raise SpecError(f"{type(spec).__name__}.{name} must lie in 0..1 and above 0, got {getattr(spec, name)}")
