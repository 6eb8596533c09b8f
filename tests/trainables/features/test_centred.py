"""The features of clips against librosa."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from librosa_reference import librosa

from soundproof.search_spaces.specs import MelCepstrum, MelSpectrogram
from soundproof.trainables.features.extraction import extract_centred

DOCUMENTED = {"sample_rate_hz": 22050, "window_samples": 2048, "hop_samples": 512, "mel_bands": 128}
ODD = {"sample_rate_hz": 6000, "window_samples": 557, "hop_samples": 139, "mel_bands": 128}
SPARSE = {"sample_rate_hz": 8000, "window_samples": 200, "hop_samples": 80, "mel_bands": 128}
"""So few bins that some bands have none."""

SIZES = [
    DOCUMENTED,
    ODD,
    SPARSE,
    {"sample_rate_hz": 11025, "window_samples": 1024, "hop_samples": 256, "mel_bands": 96},
    {"sample_rate_hz": 16000, "window_samples": 400, "hop_samples": 160, "mel_bands": 64},
    {"sample_rate_hz": 8000, "window_samples": 743, "hop_samples": 743, "mel_bands": 40},
]
SAMPLES = [1, 100, 2047, 139 * 30, 512 * 30, 20011]
"""Shorter than a window, divided by a hop, and neither."""


DECIBELS = 0.01
"""Near the floor an amplitude is 1e-4 of the loudest, whose rounding it carries: 1e-3 of its own."""


def _signal(kind: str, samples: int) -> np.ndarray:
    generator = np.random.default_rng(samples)
    noise = generator.standard_normal(samples)
    phase = np.arange(samples) * 0.3
    signals = {
        "noise": 0.1 * noise,
        "silence": 0 * noise,
        "quiet": 1e-6 * noise,
        "tones": 0.3 * np.sin(phase) + 0.3 * np.sin(2.5 * phase) * np.exp(-phase / 1000) + 1e-5 * noise,
        "click": np.where(np.arange(samples) == samples // 2, 1.0, 0.0),
    }
    return signals[kind].astype(np.float32)


def _librosa_power(waveform: np.ndarray, sizes: dict[str, int]) -> np.ndarray:
    """The mel spectrogram of librosa, (bands, frames); with an odd window, that of the waveform and one more zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # librosa warns of empty bands and of signals shorter than a window
        power: np.ndarray = librosa.feature.melspectrogram(
            y=np.pad(waveform, (0, sizes["window_samples"] % 2)),
            sr=sizes["sample_rate_hz"],
            n_fft=sizes["window_samples"],
            hop_length=sizes["hop_samples"],
            n_mels=sizes["mel_bands"],
        )
    return power


@pytest.mark.parametrize("kind", ["noise", "silence", "quiet", "tones", "click"])
@pytest.mark.parametrize("sizes", SIZES, ids=lambda sizes: str(sizes["window_samples"]))
def test_all_three_agree_with_librosa(sizes: dict[str, Any], kind: str) -> None:
    """Power, decibels and cepstrum at any rate, window, hop, length and level, as float32 allows."""
    for samples in SAMPLES:
        waveform = _signal(kind, samples)
        power = _librosa_power(waveform, sizes)
        decibels = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=80)
        cepstrum = librosa.feature.mfcc(S=decibels, n_mfcc=13, dct_type=2, norm="ortho")
        for features, expected, tolerance in (
            (MelSpectrogram(**sizes, scale="power"), power, 2e-6 * power.max()),
            (MelSpectrogram(**sizes), decibels, DECIBELS),
            (MelCepstrum(**sizes, coefficients=13), cepstrum, DECIBELS),
        ):
            got = extract_centred(torch.from_numpy(waveform), features).numpy()
            np.testing.assert_allclose(got, expected.T, rtol=0, atol=tolerance, err_msg=f"{features}, {samples}")


def test_digital_silence_is_100_decibels_down() -> None:
    """Silence has a level, and its cepstrum is that level alone."""
    silence = torch.zeros(22050)
    assert (extract_centred(silence, MelSpectrogram()) == -100).all()
    cepstrum = extract_centred(silence, MelCepstrum())
    torch.testing.assert_close(cepstrum[:, 0], torch.full((44,), -100 * 128**0.5))
    torch.testing.assert_close(cepstrum[:, 1:], torch.zeros(44, 12), atol=1e-3, rtol=0)


def test_empty_bands_are_at_the_floor_of_the_clip() -> None:
    """A band without a bin is 80 decibels below the loudest value, and no lower than silence in a quiet clip."""
    loud, quiet = torch.from_numpy(_signal("noise", 6000)), torch.from_numpy(_signal("quiet", 6000))
    power, features = MelSpectrogram(**SPARSE, scale="power"), MelSpectrogram(**SPARSE)
    empty = (extract_centred(loud, power) == 0).all(dim=0)
    assert empty.any()
    decibels = extract_centred(loud, features)
    assert decibels[:, empty].unique().tolist() == [(decibels.max() - 80).item()]
    assert extract_centred(quiet, features)[:, empty].unique().tolist() == [-100]


@pytest.mark.parametrize("window", [556, 557])
def test_frames_are_centred_on_hops(window: int) -> None:
    """A click at sample 3 * hop is loudest in frame 3; the frames beside it are alike, within half a sample."""
    click = torch.zeros(139 * 6)
    click[139 * 3] = 1
    sizes = ODD | {"window_samples": window}
    level = extract_centred(click, MelSpectrogram(**sizes, scale="power")).sum(dim=1)
    assert (len(level), level.argmax()) == (7, 3)
    torch.testing.assert_close(level[2], level[4], rtol=0.03 if window % 2 else 1e-4, atol=0)
