"""Waveform to the features of speech: log spectrogram and mel-frequency cepstral coefficients.

Neither pads the ends, so frame `t` is the window that starts at sample `t * step`, and an utterance's features depend
on nothing around it.
"""

import functools

import torch
from torch import Tensor

from soundproof.search_spaces.specs import LogSpectrogram, Mfcc, step_samples, window_samples
from soundproof.search_spaces.specs.features import SpeechFeatures
from soundproof.trainables.audio_maths import functional

POWER_FLOOR = 1e-6
"""Added to powers before the logarithm, for audio in -1..1: digital silence becomes -13.8 instead of minus infinity."""


def extract_speech(waveform: Tensor, features: SpeechFeatures) -> Tensor:
    """`features` of `waveform` (samples,), at least a window long, as (frames, dimensions); float32."""
    match features:
        case LogSpectrogram():
            return (_power(waveform, features, window_samples(features)) + POWER_FLOOR).log()
        case Mfcc():
            filters, cosines = _mel_filters(features), _cosines(features)
            bands = _power(waveform, features, _mel_fourier_length(features)) @ filters
            return (bands + POWER_FLOOR).log() @ cosines


def _power(waveform: Tensor, features: SpeechFeatures, fourier_length: int) -> Tensor:
    """Squared magnitudes of the Fourier transforms of Hann windows, (frames, fourier_length // 2 + 1)."""
    window = torch.hann_window(window_samples(features))
    frames = waveform.unfold(0, len(window), step_samples(features)) * window
    spectra: Tensor = torch.fft.rfft(frames, n=fourier_length)
    return spectra.abs().square()


def _mel_fourier_length(features: Mfcc) -> int:
    """The next power of two: bins narrow enough that no mel band is empty."""
    return 1 << (window_samples(features) - 1).bit_length()


@functools.cache
def _mel_filters(features: Mfcc) -> Tensor:
    filters: Tensor = functional.melscale_fbanks(
        n_freqs=_mel_fourier_length(features) // 2 + 1,
        f_min=0.0,
        f_max=features.sample_rate_hz / 2,
        n_mels=features.mel_bands,
        sample_rate=features.sample_rate_hz,
    )
    return filters


@functools.cache
def _cosines(features: Mfcc) -> Tensor:
    cosines: Tensor = functional.create_dct(features.coefficients, features.mel_bands, norm="ortho")
    return cosines
