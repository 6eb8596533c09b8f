"""Waveform to the features of clips: mel spectrogram and mel cepstrum with windows centred on every hop.

Frame `t` is the window around sample `t * hop`, zeros beyond the ends, so a clip shorter than a window has frames too.
The values are those of librosa 0.11. With an odd window it leaves the last frame out where the hop divides the clip;
here the number of frames does not depend on the window.
"""

import functools
import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from soundproof.search_spaces.specs import MelCepstrum, MelSpectrogram
from soundproof.search_spaces.specs.features import CentredFeatures
from soundproof.trainables.features.slaney import slaney_filters

LEAST_POWER = 1e-10
"""Smaller powers become -100 decibels, digital silence among them."""

DYNAMIC_RANGE_DECIBELS = 80.0
"""How far below the loudest value of a clip its other values may lie."""


def extract_centred(waveform: Tensor, features: CentredFeatures) -> Tensor:
    """`features` of `waveform` (samples,), at least a sample long, as (frames, dimensions); float32."""
    bands = _power(waveform, features) @ _filters(features.sample_rate_hz, features.window_samples, features.mel_bands)
    match features:
        case MelSpectrogram(scale="power"):
            return bands
        case MelSpectrogram():
            return _decibels(bands)
        case MelCepstrum():
            return _decibels(bands) @ _cosines(features.mel_bands, features.coefficients)


def _power(waveform: Tensor, features: CentredFeatures) -> Tensor:
    """Squared magnitudes of the Fourier transforms of Hann windows, (frames, window_samples // 2 + 1)."""
    window = _window(features.window_samples)
    before = len(window) // 2
    padded = pad(waveform, (before, len(window) - before))
    spectra: Tensor = torch.fft.rfft(padded.unfold(0, len(window), features.hop_samples) * window)
    return spectra.real.square() + spectra.imag.square()  # a third of the time of abs().square()


def _decibels(power: Tensor) -> Tensor:
    decibels = power.clamp(min=LEAST_POWER).log10() * 10
    return decibels.clamp(min=decibels.max() - DYNAMIC_RANGE_DECIBELS)


@functools.cache
def _window(samples: int) -> Tensor:
    return torch.hann_window(samples, dtype=torch.float64).float()


@functools.cache
def _filters(sample_rate_hz: int, window_samples: int, mel_bands: int) -> Tensor:
    return torch.from_numpy(slaney_filters(sample_rate_hz, window_samples, mel_bands))


@functools.cache
def _cosines(bands: int, coefficients: int) -> Tensor:
    """The first columns of the orthonormal cosine transform of type 2, (bands, coefficients)."""
    centres = torch.arange(bands, dtype=torch.float64)[:, None] + 0.5
    cosines = torch.cos(math.pi / bands * centres * torch.arange(coefficients)) * math.sqrt(2 / bands)
    cosines[:, 0] /= math.sqrt(2)
    return cosines.float()
