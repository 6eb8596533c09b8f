"""What the network hears: spectrograms, mel-frequency cepstral coefficients, or samples, by their parameters.

Those of speech have windows within the signal; those of clips have windows centred on every hop.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from soundproof.search_spaces.specs.canonical import Spec, SpecError


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
        _check_coefficients(self)

    @property
    def dimensions(self) -> int:
        """Coefficients per frame."""
        return self.coefficients


@dataclass(frozen=True, kw_only=True, slots=True)
class LifteredMfcc(Spec):
    """Liftered mel-frequency cepstral coefficients, the logarithm of a frame's energy in place of the first.

    The documents' front end, with its defaults: 26 coefficients of 26 mel bands, 25 ms every 10 ms. Equal to `mfcc` of
    python_speech_features 0.6. Unlike `Mfcc` it emphasises high frequencies first, takes samples as 16-bit integers and
    windows as they are (rectangular), places the corners of its bands on bins, has no floor but where a power is zero,
    and fills the last frame up with zeros, so that any signal has one. A `lifter` of 0 leaves the coefficients as they
    are; coefficients above the lifter change their sign.
    """

    sample_rate_hz: int = 16000
    window_seconds: float = 0.025
    step_seconds: float = 0.01
    mel_bands: int = 26
    coefficients: int = 26
    pre_emphasis: float = 0.97
    lifter: int = 22

    def _check(self) -> None:
        _check_windows(self)
        _check_coefficients(self)
        if not 0 <= self.pre_emphasis <= 1:
            raise SpecError(f"LifteredMfcc.pre_emphasis must lie in 0..1, got {self.pre_emphasis}")
        if self.lifter < 0:
            raise SpecError(f"LifteredMfcc.lifter must be positive, or 0 for none, got {self.lifter}")

    @property
    def dimensions(self) -> int:
        """Coefficients per frame."""
        return self.coefficients


@dataclass(frozen=True, kw_only=True, slots=True)
class MelSpectrogram(Spec):
    """Power in mel bands (Slaney's scale and norm) of Hann windows centred on every hop, zeros beyond the ends.

    `scale` "power" leaves it so; "decibels" takes 10 log10 of it, no more than 80 below the clip's loudest value. Equal
    to librosa's `feature.melspectrogram` and `power_to_db`.
    """

    sample_rate_hz: int = 22050
    window_samples: int = 2048
    hop_samples: int = 512
    mel_bands: int = 128
    scale: Literal["power", "decibels"] = "decibels"

    def _check(self) -> None:
        _check_centred(self)

    @property
    def dimensions(self) -> int:
        """Mel bands."""
        return self.mel_bands


@dataclass(frozen=True, kw_only=True, slots=True)
class MelCepstrum(Spec):
    """Orthonormal cosine transform of `MelSpectrogram` in decibels; equal to librosa's `feature.mfcc`."""

    sample_rate_hz: int = 22050
    window_samples: int = 2048
    hop_samples: int = 512
    mel_bands: int = 128
    coefficients: int = 13

    def _check(self) -> None:
        _check_centred(self)
        _check_coefficients(self)

    @property
    def dimensions(self) -> int:
        """Coefficients per frame."""
        return self.coefficients


@dataclass(frozen=True, kw_only=True, slots=True)
class RawWaveform(Spec):
    """The samples themselves: one dimension, a frame for every sample."""

    sample_rate_hz: int = 16000
    dimensions: ClassVar[int] = 1

    def _check(self) -> None:
        if self.sample_rate_hz < 1:
            raise SpecError(f"RawWaveform.sample_rate_hz must be positive, got {self.sample_rate_hz}")


SpeechFeatures = LogSpectrogram | Mfcc | LifteredMfcc
CentredFeatures = MelSpectrogram | MelCepstrum
Features = SpeechFeatures | CentredFeatures | RawWaveform


def window_samples(features: Features) -> int:
    """Samples in one analysis window; of a raw waveform, whose frames are samples, one."""
    match features:
        case LogSpectrogram() | Mfcc():
            return round(features.window_seconds * features.sample_rate_hz)
        case LifteredMfcc():
            return _round_half_up(features.window_seconds * features.sample_rate_hz)
        case MelSpectrogram() | MelCepstrum():
            return features.window_samples
        case RawWaveform():
            return 1


def step_samples(features: Features) -> int:
    """Samples from one frame to the next."""
    match features:
        case LogSpectrogram() | Mfcc():
            return round(features.step_seconds * features.sample_rate_hz)
        case LifteredMfcc():
            return _round_half_up(features.step_seconds * features.sample_rate_hz)
        case MelSpectrogram() | MelCepstrum():
            return features.hop_samples
        case RawWaveform():
            return 1


def least_samples(features: Features) -> int:
    """The shortest signal, at the features' own rate, that has a frame."""
    return window_samples(features) if isinstance(features, LogSpectrogram | Mfcc) else 1


def frame_count(features: Features, samples: int) -> int:
    """Frames of a signal of `samples` samples at the features' own rate; 0 when it is too short."""
    least = least_samples(features)
    if samples < least:
        return 0
    step = step_samples(features)
    if isinstance(features, LifteredMfcc):
        return 1 + max(0, -(-(samples - window_samples(features)) // step))  # rounded up: the last may be part zeros
    first = 0 if isinstance(features, CentredFeatures) else least  # where windows are centred, the first is on sample 0
    return 1 + (samples - first) // step


_MOST_SAMPLES = 2**31 - 1
"""Of a window: more are no window, and beyond it counts of frames stop being whole numbers."""


def _round_half_up(samples: float) -> int:
    return math.floor(samples + 0.5)


def _check_windows(features: SpeechFeatures) -> None:
    name = type(features).__name__
    if features.sample_rate_hz < 1:
        raise SpecError(f"{name}.sample_rate_hz must be positive, got {features.sample_rate_hz}")
    if max(features.window_seconds, features.step_seconds) * features.sample_rate_hz > _MOST_SAMPLES:
        raise SpecError(
            f"{name} needs windows and steps of at most {_MOST_SAMPLES:,} samples, got {features.window_seconds:g} and "
            f"{features.step_seconds:g} s at {features.sample_rate_hz:g} Hz"
        )
    if step_samples(features) < 1 or window_samples(features) < step_samples(features):
        raise SpecError(
            f"{name} needs step_seconds of at least one sample and window_seconds of at least one step, "
            f"got {features.step_seconds} and {features.window_seconds} at {features.sample_rate_hz} Hz"
        )


def _check_centred(features: CentredFeatures) -> None:
    name = type(features).__name__
    if min(features.sample_rate_hz, features.mel_bands) < 1:
        raise SpecError(
            f"{name}.sample_rate_hz and mel_bands must be positive, got {features.sample_rate_hz}, {features.mel_bands}"
        )
    if not 1 <= features.hop_samples <= features.window_samples:
        raise SpecError(
            f"{name} needs 1 <= hop_samples <= window_samples, got {features.hop_samples} and {features.window_samples}"
        )


def _check_coefficients(features: Mfcc | LifteredMfcc | MelCepstrum) -> None:
    if not 1 <= features.coefficients <= features.mel_bands:
        name = type(features).__name__
        given = f"1..mel_bands ({features.mel_bands}), got {features.coefficients}"
        raise SpecError(f"{name}.coefficients must lie in {given}")
