"""Waveform to features, of any kind.

Those of speech, log spectrogram and mel-frequency cepstral coefficients, have windows within the signal: frame `t` is
the window that starts at sample `t * step`, and an utterance's features depend on nothing around it. Only liftered
coefficients have a last frame that begins within the signal and ends in zeros.

Those of clips, mel spectrogram and mel cepstrum, have windows centred on every hop: frame `t` is the window around
sample `t * hop`, zeros beyond the ends, so a clip shorter than a window has frames too. The values are those of librosa
0.11. With an odd window it leaves the last frame out where the hop divides the clip; here the number of frames does not
depend on the window. Their mel bands lie on Slaney's scale: linear in frequency up to 1 kHz, logarithmic above
(Auditory Toolbox, 1998), worked out in double precision for any Fourier length. torchaudio's filters take the last bin
for half the sampling rate, which it is not when the length is odd, and warn of empty bands.
"""

import functools
import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from soundproof.search_spaces import specs
from soundproof.search_spaces.specs.features import CentredFeatures, SpeechFeatures
from soundproof.trainables.audio_maths import functional

POWER_FLOOR = 1e-6
"""Added to powers before the logarithm, for audio in -1..1: digital silence becomes -13.8 instead of minus infinity."""

LEAST_POWER = 1e-10
"""Smaller powers become -100 decibels, digital silence among them."""

DYNAMIC_RANGE_DECIBELS = 80.0
"""How far below the loudest value of a clip its other values may lie."""

_INTEGERS_TO_ONE = 32768
"""What samples in -1..1 are, as the 16-bit integers that they were read from, to 1."""

_KNEE_HZ = 1000.0
_MELS_PER_HZ = 3 / 200
_KNEE_MEL = _KNEE_HZ * _MELS_PER_HZ
_MELS_PER_NEPER = 27 / math.log(6.4)


def extract(waveform: Tensor, features: specs.Features) -> Tensor:
    """Compute `features` of one signal.

    Arguments:
        waveform: (samples,) at the features' own sampling rate, float32 in -1..1.
        features: Which, and with which windows.

    Returns:
        (frames, dimensions), float32. `frame_count` gives the frames beforehand; a signal shorter than `least_samples`
        has none.
    """
    if len(waveform) < specs.least_samples(features):
        return waveform.new_empty(0, features.dimensions)
    match features:
        case specs.LogSpectrogram() | specs.Mfcc() | specs.LifteredMfcc():
            return extract_speech(waveform, features)
        case specs.MelSpectrogram() | specs.MelCepstrum():
            return extract_centred(waveform, features)
        case specs.RawWaveform():
            return waveform[:, None]


def extract_centred(waveform: Tensor, features: CentredFeatures) -> Tensor:
    """`features` of `waveform` (samples,), at least a sample long, as (frames, dimensions); float32."""
    bands = _power(waveform, features) @ _filters(features.sample_rate_hz, features.window_samples, features.mel_bands)
    match features:
        case specs.MelSpectrogram(scale="power"):
            return bands
        case specs.MelSpectrogram():
            return _decibels(bands)
        case specs.MelCepstrum():
            return _decibels(bands) @ _cosines(features.mel_bands, features.coefficients).float()


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
    """The first columns of the orthonormal cosine transform of type 2, (bands, coefficients), in double precision."""
    centres = torch.arange(bands, dtype=torch.float64)[:, None] + 0.5
    cosines = torch.cos(math.pi / bands * centres * torch.arange(coefficients)) * math.sqrt(2 / bands)
    cosines[:, 0] /= math.sqrt(2)
    return cosines


def slaney_filters(sample_rate_hz: int, fourier_length: int, bands: int) -> NDArray[np.float32]:
    """Triangular filters from 0 Hz to half the rate, each of area 1 over frequency in hertz, (bins, bands).

    Equal to librosa's `filters.mel`, transposed. A band narrower than the spacing of the bins may be zero throughout.
    """
    bins_hz = np.arange(fourier_length // 2 + 1) * (sample_rate_hz / fourier_length)
    corners_hz = _to_hz(np.linspace(0, _to_mel(sample_rate_hz / 2), bands + 2))
    low, centre, high = corners_hz[:-2], corners_hz[1:-1], corners_hz[2:]
    rising = (bins_hz[:, None] - low) / (centre - low)
    falling = (high - bins_hz[:, None]) / (high - centre)
    triangles = np.maximum(0, np.minimum(rising, falling))
    filters: NDArray[np.float32] = (triangles * 2 / (high - low)).astype(np.float32)
    return filters


def _to_mel(hz: float) -> float:
    return hz * _MELS_PER_HZ if hz < _KNEE_HZ else _KNEE_MEL + _MELS_PER_NEPER * math.log(hz / _KNEE_HZ)


def _to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _KNEE_HZ * np.exp((mels - _KNEE_MEL) / _MELS_PER_NEPER)
    return np.where(mels < _KNEE_MEL, mels / _MELS_PER_HZ, above)


def extract_speech(waveform: Tensor, features: SpeechFeatures) -> Tensor:
    """`features` of `waveform` (samples,), as long as `least_samples`, as (frames, dimensions); float32."""
    match features:
        case specs.LifteredMfcc():
            return _liftered_coefficients(waveform.double(), features).float()
        case specs.LogSpectrogram():
            return (_speech_power(waveform, features, specs.window_samples(features)) + POWER_FLOOR).log()
        case specs.Mfcc():
            filters, cosines = _mel_filters(features), _speech_cosines(features)
            bands = _speech_power(waveform, features, _mel_fourier_length(features)) @ filters
            return (bands + POWER_FLOOR).log() @ cosines


def _speech_power(waveform: Tensor, features: specs.LogSpectrogram | specs.Mfcc, fourier_length: int) -> Tensor:
    """Squared magnitudes of the Fourier transforms of Hann windows, (frames, fourier_length // 2 + 1)."""
    window = torch.hann_window(specs.window_samples(features))
    frames = waveform.unfold(0, len(window), specs.step_samples(features)) * window
    spectra: Tensor = torch.fft.rfft(frames, n=fourier_length)
    return spectra.abs().square()


def _mel_fourier_length(features: specs.Mfcc | specs.LifteredMfcc) -> int:
    """The next power of two: bins narrow enough that no mel band is empty."""
    return 1 << (specs.window_samples(features) - 1).bit_length()


@functools.cache
def _mel_filters(features: specs.Mfcc) -> Tensor:
    filters: Tensor = functional.melscale_fbanks(
        n_freqs=_mel_fourier_length(features) // 2 + 1,
        f_min=0.0,
        f_max=features.sample_rate_hz / 2,
        n_mels=features.mel_bands,
        sample_rate=features.sample_rate_hz,
    )
    return filters


@functools.cache
def _speech_cosines(features: specs.Mfcc) -> Tensor:
    cosines: Tensor = functional.create_dct(features.coefficients, features.mel_bands, norm="ortho")
    return cosines


def _liftered_coefficients(waveform: Tensor, features: specs.LifteredMfcc) -> Tensor:
    """Liftered coefficients of `waveform` (samples,), both in double precision.

    Single precision is up to 1.3e-4 away on speech, and by whole units where a band lies far below the loudest one.
    """
    samples = waveform * _INTEGERS_TO_ONE
    emphasised = torch.cat([samples[:1], samples[1:] - features.pre_emphasis * samples[:-1]])
    window, step = specs.window_samples(features), specs.step_samples(features)
    covered = window + (specs.frame_count(features, len(samples)) - 1) * step
    fourier_length = _mel_fourier_length(features)
    spectra = torch.fft.rfft(pad(emphasised, (0, covered - len(samples))).unfold(0, window, step), n=fourier_length)
    power = (spectra.real.square() + spectra.imag.square()) / fourier_length
    coefficients = _log_where_positive(power @ _bin_filters(features)) @ _liftered_cosines(features)
    coefficients[:, 0] = _log_where_positive(power.sum(dim=1))
    return coefficients


def _log_where_positive(power: Tensor) -> Tensor:
    return torch.where(power == 0, torch.finfo(power.dtype).eps, power).log()


@functools.cache
def _bin_filters(features: specs.LifteredMfcc) -> Tensor:
    """Triangles between whole bins, evenly spaced in mels (HTK scale) before they are rounded, (bins, bands)."""
    fourier_length = _mel_fourier_length(features)
    highest_mel = 2595 * np.log10(1 + features.sample_rate_hz / 2 / 700)
    corners_hz = 700 * (10 ** (np.linspace(0, highest_mel, features.mel_bands + 2) / 2595) - 1)
    corners = np.floor((fourier_length + 1) * corners_hz / features.sample_rate_hz)
    low, centre, high = corners[:-2], corners[1:-1], corners[2:]
    bins = np.arange(fourier_length // 2 + 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):  # of sides without a bin, which are not chosen
        sides = (bins - low) / (centre - low), (high - bins) / (high - centre)
    filters = np.select([(low <= bins) & (bins < centre), (centre <= bins) & (bins < high)], sides)
    return torch.from_numpy(filters)


@functools.cache
def _liftered_cosines(features: specs.LifteredMfcc) -> Tensor:
    """The cosine transform, each coefficient weighted by the sine lifter of HTK, (bands, coefficients)."""
    cosines, lifter = _cosines(features.mel_bands, features.coefficients), features.lifter
    if lifter == 0:
        return cosines
    return cosines * (1 + lifter / 2 * torch.sin(math.pi / lifter * torch.arange(features.coefficients).double()))
