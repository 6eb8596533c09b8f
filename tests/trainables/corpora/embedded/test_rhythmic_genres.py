"""The made music: repeatable, well-formed, and with the leak between pieces of one track that a study needs."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from soundproof.search_spaces.specs.clips import GENRE_CLASSES
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.signals import harmonic_tone, ring
from soundproof.trainables.corpora.embedded.synthetic_genres import render_track

RATE_HZ = 8000
Split = StratifiedKFold | list[tuple[NDArray[np.int64], NDArray[np.int64]]]
TRACKS, PIECES, PIECE_SECONDS = 12, 5, 3


def _draw(genre: str, draw: int, seconds: float = 6, rate_hz: int = RATE_HZ) -> Waveform:
    return render_track(genre, np.random.default_rng([GENRE_CLASSES.index(genre), draw]), seconds, rate_hz)


def _spectral_summary(waveform: Waveform) -> NDArray[np.float64]:
    """Mean and standard deviation over time of the log power in bands."""
    frames = np.lib.stride_tricks.sliding_window_view(waveform, 256)[::128] * np.hanning(256)
    power = np.abs(np.fft.rfft(frames))[:, :128] ** 2
    edges = np.unique(np.geomspace(1, 128, 25).round().astype(int))[:-1]
    bands = np.log(np.add.reduceat(power, edges, axis=1) + 1e-8)
    return np.concatenate([bands.mean(axis=0), bands.std(axis=0)])


@pytest.mark.parametrize("genre", GENRE_CLASSES)
@pytest.mark.parametrize(("seconds", "rate_hz"), [(0.5, 8000), (3.21, 16000), (8, 22050)])
def test_waveforms_are_well_formed(genre: str, seconds: float, rate_hz: int) -> None:
    """Length, type, range and finiteness hold for short and long tracks at any rate."""
    for draw in range(2):
        waveform = _draw(genre, draw, seconds, rate_hz)
        assert waveform.shape == (round(seconds * rate_hz),)
        assert waveform.dtype == np.float32
        assert np.isfinite(waveform).all()
        assert 0.2 < np.abs(waveform).max() <= 1


def test_before_the_first_note_there_is_noise() -> None:
    """A track too short for any note to sound is faint noise brought to level, and never NaN."""
    for draw in range(20):
        assert np.isfinite(_draw("reggae", draw, 0.05)).all()


def test_a_track_depends_on_its_generator_alone() -> None:
    """Order does not matter, and another generator gives another track."""
    forwards = [_draw(genre, 0) for genre in GENRE_CLASSES]
    backwards = [_draw(genre, 0) for genre in reversed(GENRE_CLASSES)][::-1]
    assert all(np.array_equal(*pair) for pair in zip(forwards, backwards, strict=True))
    assert not any(np.array_equal(track, _draw(genre, 1)) for genre, track in zip(GENRE_CLASSES, forwards, strict=True))


def test_tone_has_the_harmonics_asked_for_and_none_too_high() -> None:
    """The recurrence equals a sum of sines, and a harmonic above half the rate is left out instead of folded back."""
    pitch = np.full(RATE_HZ, 1500.0)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    tone = harmonic_tone(pitch, (1, 0.5, 0.25, 0.125), RATE_HZ)
    assert np.allclose(tone, np.sin(phase) + 0.5 * np.sin(2 * phase))


def test_ring_dies_away_below_half_the_rate() -> None:
    """A resonance decays by its time constant, and one too high for the rate comes down to 0.45 of it."""
    sound = ring(RATE_HZ, 20_000, 0.05)
    assert np.abs(np.fft.rfft(sound, RATE_HZ)).argmax() == pytest.approx(0.45 * RATE_HZ, abs=2)
    loud = np.abs(sound[: RATE_HZ // 100]).max()
    assert np.abs(sound[RATE_HZ // 20 : RATE_HZ // 20 + RATE_HZ // 100]).max() == pytest.approx(loud / np.e, rel=0.05)


def test_pieces_of_one_track_leak() -> None:
    """A random split over pieces looks far better than the honest split by track, which is still above chance (1/6).

    A piece tells its track, so a neighbour that was cut from the same track gives the genre away.
    """
    pieces, genres, tracks = [], [], []
    for number, genre in enumerate(GENRE_CLASSES):
        for draw in range(TRACKS):
            track = _draw(genre, draw, PIECES * PIECE_SECONDS).reshape(PIECES, -1)
            pieces += [_spectral_summary(piece) for piece in track]
            genres += [number] * PIECES
            tracks += [number * TRACKS + draw] * PIECES
    features, labels, groups = np.array(pieces), np.array(genres), np.array(tracks)
    random = StratifiedKFold(5, shuffle=True, random_state=0)
    by_track = list(StratifiedGroupKFold(5, shuffle=True, random_state=0).split(features, labels, groups))

    def accuracy(classifier: object, target: NDArray[np.int64], split: Split) -> float:
        pipeline = make_pipeline(StandardScaler(), classifier)
        return float(cross_val_score(pipeline, features, target, cv=split).mean())

    neighbour, linear = KNeighborsClassifier(1), LogisticRegression(C=0.1, max_iter=500)
    identity = accuracy(neighbour, groups, random)
    leaked, honest = accuracy(neighbour, labels, random), accuracy(neighbour, labels, by_track)
    linear_leaked, linear_honest = accuracy(linear, labels, random), accuracy(linear, labels, by_track)
    assert identity > 0.8, identity
    assert leaked > honest + 0.3, (leaked, honest)
    assert linear_leaked > linear_honest + 0.1, (linear_leaked, linear_honest)
    assert 0.3 < linear_honest < 0.8, linear_honest
