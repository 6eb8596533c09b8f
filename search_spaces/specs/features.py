"""What the network hears: log spectrogram or mel-frequency cepstral coefficients, both by their parameters."""

from __future__ import annotations

from dataclasses import dataclass

from search_spaces.specs.canonical import Spec, SpecError


@dataclass(frozen=True, kw_only=True, slots=True)
class LogSpectrogram(Spec):
    """Natural logarithm of the power in each frequency bin of Hann windows, without padding at the ends.

    The documented front end: 20 ms windows every 10 ms at 16 kHz, 161 bins.
    """

    sample_rate_hz: int = 16000
    window_seconds: float = 0.02
    step_seconds: float = 0.01

    def _check(self) -> None:
        _check_windows(self)

    @property
    def dimensions(self) -> int:
        """Frequency bins per frame."""
        return window_samples(self) // 2 + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Mfcc(Spec):
    """Orthonormal cosine transform of the log power in mel bands (HTK scale), without padding at the ends."""

    sample_rate_hz: int = 16000
    window_seconds: float = 0.02
    step_seconds: float = 0.01
    mel_bands: int = 40
    coefficients: int = 26

    def _check(self) -> None:
        _check_windows(self)
        if not 1 <= self.coefficients <= self.mel_bands:
            raise SpecError(f"Mfcc.coefficients must lie in 1..mel_bands ({self.mel_bands}), got {self.coefficients}")

    @property
    def dimensions(self) -> int:
        """Coefficients per frame."""
        return self.coefficients


Features = LogSpectrogram | Mfcc


def window_samples(features: Features) -> int:
    """Samples in one analysis window."""
    return round(features.window_seconds * features.sample_rate_hz)


def step_samples(features: Features) -> int:
    """Samples from one window to the next."""
    return round(features.step_seconds * features.sample_rate_hz)


def frame_count(features: Features, samples: int) -> int:
    """Frames of a signal of `samples` samples at the features' own rate; 0 when it is shorter than a window."""
    return max(0, 1 + (samples - window_samples(features)) // step_samples(features))


def _check_windows(features: Features) -> None:
    name = type(features).__name__
    if features.sample_rate_hz < 1:
        raise SpecError(f"{name}.sample_rate_hz must be positive, got {features.sample_rate_hz}")
    if step_samples(features) < 1 or window_samples(features) < step_samples(features):
        raise SpecError(
            f"{name} needs step_seconds of at least one sample and window_seconds of at least one step, "
            f"got {features.step_seconds} and {features.window_seconds} at {features.sample_rate_hz} Hz"
        )
