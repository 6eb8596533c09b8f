"""Mel filters against librosa."""

import warnings

import numpy as np
import pytest
from librosa_reference import librosa

from soundproof.trainables.features.extraction import slaney_filters

SIZES = [
    (22050, 2048, 128),
    (44100, 2048, 96),
    (16000, 400, 40),
    (11025, 1024, 128),
    (6000, 557, 128),
    (8000, 743, 64),
    (8000, 200, 128),
    (3000, 256, 24),
    (1500, 64, 12),
]


@pytest.mark.parametrize(("rate", "length", "bands"), SIZES)
def test_filters_agree_with_librosa(rate: int, length: int, bands: int) -> None:
    """Any rate and length: odd ones, where the last bin is below half the rate, and those with empty bands."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # librosa warns of empty bands
        expected = librosa.filters.mel(sr=rate, n_fft=length, n_mels=bands).T
    got = slaney_filters(rate, length, bands)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-6 * expected.max())


def test_bands_narrower_than_a_bin_are_empty() -> None:
    """Some of 128 bands below 4 kHz hold no bin of a 25 ms window; they are zero, and nothing warns."""
    empty = (slaney_filters(8000, 200, 128) == 0).all(axis=0)
    assert 0 < empty.sum() < 128


def test_filters_have_area_one() -> None:
    """Where bins are dense, the sum over frequency of every filter is 1 per hertz: the norm that Slaney gave them."""
    filters = slaney_filters(16000, 2**16, 40)
    np.testing.assert_allclose(filters.sum(axis=0) * 16000 / 2**16, 1, rtol=1e-3)
