"""The features of speech against librosa."""

import warnings

import numpy as np
import pytest
import torch

from soundproof.search_spaces.specs import LogSpectrogram, Mfcc
from soundproof.trainables.features.extraction import POWER_FLOOR, extract_speech

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what librosa's own imports warn of
    import librosa


def _speech_like(samples: int) -> np.ndarray:
    generator = np.random.default_rng(0)
    time = np.arange(samples) / 16000
    tone = sum(np.sin(2 * np.pi * frequency * time) for frequency in (120, 240, 1000, 3100))
    return (0.1 * tone + 0.01 * generator.standard_normal(samples)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_log_spectrogram_agrees_with_librosa(rate: int) -> None:
    """20 ms Hann windows every 10 ms, power, natural logarithm: the documented 161 bins at 16 kHz."""
    features = LogSpectrogram(sample_rate_hz=rate)
    waveform = _speech_like(rate)
    window = rate // 50
    spectrum = librosa.stft(waveform, n_fft=window, hop_length=rate // 100, window="hann", center=False)
    expected = np.log(np.abs(spectrum) ** 2 + POWER_FLOOR).T
    got = extract_speech(torch.from_numpy(waveform), features).numpy()
    assert got.shape == expected.shape == (99, window // 2 + 1)
    np.testing.assert_allclose(got, expected, atol=2e-3)


def test_documented_dimensions() -> None:
    """161 bins and 26 coefficients."""
    assert (LogSpectrogram().dimensions, Mfcc().dimensions) == (161, 26)


def test_mfcc_agrees_with_librosa() -> None:
    """Mel bands on the HTK scale, logarithm, orthonormal cosine transform."""
    features = Mfcc()
    waveform = _speech_like(16000)
    spectrum = librosa.stft(waveform, n_fft=512, win_length=320, hop_length=160, window="hann", center=False)
    bands = librosa.filters.mel(sr=16000, n_fft=512, n_mels=40, htk=True, norm=None) @ np.abs(spectrum) ** 2
    expected = librosa.feature.mfcc(S=np.log(bands + POWER_FLOOR), n_mfcc=26).T
    got = extract_speech(torch.from_numpy(waveform), features).numpy()
    # librosa centres the shorter window in the longer transform and so starts 96 samples later; compare where both lie.
    shifted = extract_speech(torch.from_numpy(np.roll(waveform, -96)), features).numpy()
    np.testing.assert_allclose(shifted[: len(expected)], expected, atol=2e-2)
    assert got.shape == (99, 26)


def test_silence_is_finite() -> None:
    """Digital silence has a logarithm."""
    assert torch.isfinite(extract_speech(torch.zeros(1600), LogSpectrogram())).all()


def test_frames_depend_on_their_own_samples_alone() -> None:
    """No padding: the first frames of a longer recording are those of its beginning."""
    waveform = torch.from_numpy(_speech_like(8000))
    torch.testing.assert_close(
        extract_speech(waveform[:4000], LogSpectrogram()), extract_speech(waveform, LogSpectrogram())[:24]
    )
