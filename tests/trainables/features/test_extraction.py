"""Every kind of features comes out in the shape that the arithmetic on specs promised."""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from soundproof.search_spaces.specs import (
    Features,
    LifteredMfcc,
    LogSpectrogram,
    MelCepstrum,
    MelSpectrogram,
    Mfcc,
    RawWaveform,
    frame_count,
    least_samples,
)
from soundproof.trainables.features.extraction import extract


@st.composite
def centred(draw: st.DrawFn) -> MelSpectrogram | MelCepstrum:
    """Windows odd and even, hops that divide them or are as long, more bands than bins."""
    window = draw(st.integers(1, 70))
    sizes = {
        "sample_rate_hz": draw(st.sampled_from([1, 4000, 11025, 22050])),
        "window_samples": window,
        "hop_samples": draw(st.integers(1, window)),
        "mel_bands": draw(st.integers(1, 20)),
    }
    if draw(st.booleans()):
        return MelSpectrogram(**sizes, scale=draw(st.sampled_from(["power", "decibels"])))
    return MelCepstrum(**sizes, coefficients=draw(st.integers(1, sizes["mel_bands"])))


SPEECH = [
    LogSpectrogram(),
    LogSpectrogram(sample_rate_hz=8000),
    LogSpectrogram(sample_rate_hz=11025, window_seconds=0.02, step_seconds=0.02),
    Mfcc(),
    Mfcc(sample_rate_hz=8000, coefficients=13),
    LifteredMfcc(),
    LifteredMfcc(sample_rate_hz=22050, coefficients=13, lifter=0),
]
KINDS = st.one_of(st.sampled_from(SPEECH), centred(), st.just(RawWaveform()))


@settings(deadline=None)
@given(features=KINDS, samples=st.integers(0, 2000))
@example(features=MelSpectrogram(sample_rate_hz=6000, window_samples=557, hop_samples=139), samples=139 * 5)
@example(features=MelSpectrogram(sample_rate_hz=6000, window_samples=556, hop_samples=139), samples=139 * 5)
@example(features=LogSpectrogram(), samples=319)
@example(features=LogSpectrogram(), samples=320)
@example(features=LogSpectrogram(), samples=480)
@example(features=LifteredMfcc(), samples=400)
@example(features=LifteredMfcc(), samples=401)
def test_frames_are_counted_by_arithmetic(features: Features, samples: int) -> None:
    """Frames and dimensions are known before any audio is read, and every value is a finite float32."""
    waveform = torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, samples).astype(np.float32))
    extracted = extract(waveform, features)
    assert extracted.shape == (frame_count(features, samples), features.dimensions)
    assert extracted.dtype == torch.float32
    assert torch.isfinite(extracted).all()


@pytest.mark.parametrize("features", [*SPEECH, MelSpectrogram(), MelCepstrum(), RawWaveform()])
def test_least_samples_is_where_frames_begin(features: Features) -> None:
    """One sample less than `least_samples` has no frame, and that many have one."""
    least = least_samples(features)
    assert [len(extract(torch.zeros(samples), features)) for samples in (least - 1, least)] == [0, 1]


def test_raw_waveform_is_the_samples() -> None:
    """A frame for every sample, its value unchanged."""
    waveform = torch.linspace(-1, 1, 7)
    assert extract(waveform, RawWaveform()).tolist() == [[sample] for sample in waveform.tolist()]
