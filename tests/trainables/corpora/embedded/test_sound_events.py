"""The made sound events: repeatable, well-formed, and a task that is neither trivial nor hopeless."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from soundproof.search_spaces.specs.clips import SOUND_CLASSES
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.synthetic_sounds import render_event

RATE_HZ = 8000


def _draw(kind: str, draw: int, seconds: float = 3, rate_hz: int = RATE_HZ, **snr: tuple[float, float]) -> Waveform:
    generator = np.random.default_rng([SOUND_CLASSES.index(kind), draw])
    return render_event(kind, generator, seconds, rate_hz, **snr)


def _spectral_summary(waveform: Waveform) -> NDArray[np.float64]:
    """Over time: mean, deviation and peaks of the log power in bands, and the size of its changes."""
    frames = np.lib.stride_tricks.sliding_window_view(waveform, 256)[::128] * np.hanning(256)
    power = np.abs(np.fft.rfft(frames))[:, :128] ** 2
    edges = np.unique(np.geomspace(1, 128, 25).round().astype(int))[:-1]
    bands = np.log(np.add.reduceat(power, edges, axis=1) + 1e-8)
    changes, peaks = np.abs(np.diff(bands, axis=0)), np.percentile(bands, 95, axis=0)
    mean = bands.mean(axis=0)
    return np.concatenate([mean, bands.std(axis=0), peaks - mean, changes.mean(axis=0), changes.max(axis=0)])


@pytest.mark.parametrize("kind", SOUND_CLASSES)
@pytest.mark.parametrize(("seconds", "rate_hz"), [(0.5, 8000), (1.37, 16000), (5, 22050)])
def test_waveforms_are_well_formed(kind: str, seconds: float, rate_hz: int) -> None:
    """Length, type, range and finiteness hold for short and long clips at any rate."""
    for draw in range(3):
        waveform = _draw(kind, draw, seconds, rate_hz)
        assert waveform.shape == (round(seconds * rate_hz),)
        assert waveform.dtype == np.float32
        assert np.isfinite(waveform).all()
        assert 0.09 < np.abs(waveform).max() <= 1


def test_a_draw_depends_on_its_generator_alone() -> None:
    """Order does not matter, and another generator gives another sound."""
    forwards = [_draw(kind, 0) for kind in SOUND_CLASSES]
    backwards = [_draw(kind, 0) for kind in reversed(SOUND_CLASSES)][::-1]
    assert all(np.array_equal(*pair) for pair in zip(forwards, backwards, strict=True))
    assert not any(np.array_equal(clip, _draw(kind, 1)) for kind, clip in zip(SOUND_CLASSES, forwards, strict=True))


@pytest.mark.parametrize("kind", SOUND_CLASSES)
def test_the_ratio_to_the_background_is_the_one_asked_for(kind: str) -> None:
    """Ten decibels asked for are ten decibels in the waveform: the same draw almost without noise is the reference."""
    quiet = _draw(kind, 2, snr_db=(300, 300)).astype(np.float64)
    noisy = _draw(kind, 2, snr_db=(10, 10)).astype(np.float64)
    noise = noisy - quiet * (quiet @ noisy) / (quiet @ quiet)
    sounding = np.abs(quiet) > 0.01 * np.abs(quiet).max()
    sound = quiet[sounding] * (quiet @ noisy) / (quiet @ quiet)
    assert 10 * np.log10(np.mean(sound**2) / np.mean(noise**2)) == pytest.approx(10, abs=0.3)


def test_classes_are_learnable_and_overlap() -> None:
    """Unheard draws are told apart far above chance (0.1) by a linear rule on a crude summary, yet not perfectly."""
    drawn = [(_spectral_summary(_draw(kind, draw)), kind) for draw in range(36) for kind in SOUND_CLASSES]
    features, labels = np.array([pair[0] for pair in drawn]), np.array([pair[1] for pair in drawn])
    training = np.arange(len(drawn)) < 240
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=500))
    classifier.fit(features[training], labels[training])
    predicted = classifier.predict(features[~training])
    accuracy = np.mean(predicted == labels[~training])
    assert 0.5 < accuracy < 0.9, accuracy
    recalls = recall_score(labels[~training], predicted, labels=SOUND_CLASSES, average=None)
    assert min(recalls) > 0.15, dict(zip(SOUND_CLASSES, recalls, strict=True))
