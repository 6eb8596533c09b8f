"""The features of speech against librosa and python_speech_features."""

import numpy as np
import pytest
import python_speech_features
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from librosa_reference import librosa

from soundproof.search_spaces.specs import LifteredMfcc, LogSpectrogram, Mfcc, window_samples
from soundproof.trainables.features.extraction import POWER_FLOOR, extract, extract_speech


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
    assert (LogSpectrogram().dimensions, Mfcc().dimensions, LifteredMfcc().dimensions) == (161, 26, 26)


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


def _reference(waveform: np.ndarray, features: LifteredMfcc) -> np.ndarray:
    return python_speech_features.mfcc(
        waveform.astype(np.float64) * 32768,
        features.sample_rate_hz,
        winlen=features.window_seconds,
        winstep=features.step_seconds,
        numcep=features.coefficients,
        nfilt=features.mel_bands,
        nfft=2 ** int(np.ceil(np.log2(window_samples(features)))),
        preemph=features.pre_emphasis,
        ceplifter=features.lifter,
    )


def _noise(samples: int, level: float) -> np.ndarray:
    return (np.random.default_rng(samples).uniform(-level, level, samples)).astype(np.float32)


@settings(deadline=None)
@given(
    waveform=arrays(np.float32, st.integers(1, 3000), elements=st.floats(-1, 1, width=32))
    | st.builds(_noise, st.integers(1, 20000), st.floats(0, 1)),
    rate=st.sampled_from([8000, 11025, 16000, 22050]),  # at 22.05 kHz a step is 220.5 samples, which become 221
)
@example(waveform=np.zeros(1000, np.float32), rate=16000)
@example(waveform=np.sign(_speech_like(1000)), rate=16000)
@example(waveform=np.hanning(400).astype(np.float32) ** 2 * _speech_like(400), rate=16000)
@example(waveform=_noise(401, 1), rate=16000)
def test_liftered_mfcc_agrees_with_python_speech_features(waveform: np.ndarray, rate: int) -> None:
    """For signals of any length and level: less than a window, digital silence, full scale, fading to nothing."""
    features = LifteredMfcc(sample_rate_hz=rate)
    got = extract(torch.from_numpy(waveform), features).numpy()
    np.testing.assert_allclose(got, _reference(waveform, features), rtol=0, atol=2e-5)


@settings(deadline=None)
@given(
    st.builds(
        LifteredMfcc,
        mel_bands=st.just(40),
        coefficients=st.integers(1, 40),
        window_seconds=st.sampled_from([0.01, 0.02, 0.032]),
        pre_emphasis=st.floats(0, 1),
        lifter=st.integers(0, 30),
    )
)
def test_fields_of_liftered_mfcc_are_arguments_of_the_reference(features: LifteredMfcc) -> None:
    """Bands without a bin, more coefficients than the lifter is long, none of either kind of weight."""
    waveform = _noise(4000, 0.1)
    got = extract(torch.from_numpy(waveform), features).numpy()
    np.testing.assert_allclose(got, _reference(waveform, features), rtol=0, atol=2e-5)


def test_silence_is_finite() -> None:
    """Digital silence has a logarithm."""
    assert torch.isfinite(extract_speech(torch.zeros(1600), LogSpectrogram())).all()


def test_frames_depend_on_their_own_samples_alone() -> None:
    """No padding: the first frames of a longer recording are those of its beginning."""
    waveform = torch.from_numpy(_speech_like(8000))
    torch.testing.assert_close(
        extract_speech(waveform[:4000], LogSpectrogram()), extract_speech(waveform, LogSpectrogram())[:24]
    )
