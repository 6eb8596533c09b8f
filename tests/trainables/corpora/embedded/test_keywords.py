"""The made keywords: repeatable, well-formed, the promised noise, and words that can be told apart."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from soundproof.search_spaces.specs.clips import KEYWORDS
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.espeak import ACCENTS, TIMBRES
from soundproof.trainables.corpora.embedded.signals import coloured_noise
from soundproof.trainables.corpora.embedded.synthetic_keywords import (
    UNKNOWN_WORDS,
    draw_voice,
    render_keyword,
    render_silence,
)

RATE_HZ = 8000


def _draw(word: str, draw: int, rate_hz: int = RATE_HZ, **snr: tuple[float, float]) -> Waveform:
    generator = np.random.default_rng([(KEYWORDS + UNKNOWN_WORDS).index(word), draw])
    return render_keyword(word, draw_voice(generator), generator, sample_rate_hz=rate_hz, **snr)


def _spectral_course(waveform: Waveform) -> NDArray[np.float64]:
    """Log power in bands in eight steps of 60 ms around the middle of the energy, without its level."""
    frames = np.lib.stride_tricks.sliding_window_view(waveform, 256)[::80] * np.hanning(256)
    power = np.abs(np.fft.rfft(frames))[:, :128] ** 2
    energy = power.sum(axis=1)
    energy = np.clip(energy - 2 * np.median(energy), 0, None) + 1e-12
    middle = int(energy @ np.arange(len(energy)) / energy.sum())
    edges = np.unique(np.geomspace(2, 128, 21).round().astype(int))[:-1]
    bands = np.log(np.add.reduceat(power, edges, axis=1) + 1e-8)
    around = np.pad(bands, ((24, 24), (0, 0)), mode="edge")[middle : middle + 48]
    return np.concatenate([part.mean(axis=0) for part in np.array_split(around - around.mean(), 8)])


def test_words_are_those_of_the_twelve_class_task() -> None:
    """Ten keywords; the unknown words are others, and all 35 of Speech Commands are there."""
    assert len(KEYWORDS) == 10
    assert len(set(KEYWORDS + UNKNOWN_WORDS)) == 35


def test_waveforms_are_well_formed() -> None:
    """Every word gives a second at the rate asked for, in range and finite; so does silence."""
    clips = [_draw(word, 0, 16000) for word in KEYWORDS + UNKNOWN_WORDS]
    clips += [render_silence(np.random.default_rng(draw)) for draw in range(5)]
    for clip in clips:
        assert clip.shape == (16000,)
        assert clip.dtype == np.float32
        assert np.isfinite(clip).all()
        assert 0.09 < np.abs(clip).max() <= 1


def test_a_word_that_is_too_long_is_cut() -> None:
    """The length holds even where the word does not fit."""
    generator = np.random.default_rng(0)
    clip = render_keyword("backward", draw_voice(generator), generator, seconds=0.2, sample_rate_hz=RATE_HZ)
    assert clip.shape == (1600,)


def test_a_clip_depends_on_its_generator_alone() -> None:
    """Order does not matter, and another generator gives another voice, place and noise."""
    forwards = [_draw(word, 0) for word in KEYWORDS]
    backwards = [_draw(word, 0) for word in reversed(KEYWORDS)][::-1]
    assert all(np.array_equal(*pair) for pair in zip(forwards, backwards, strict=True))
    assert not any(np.array_equal(clip, _draw(word, 1)) for word, clip in zip(KEYWORDS, forwards, strict=True))


def test_a_speaker_can_be_kept() -> None:
    """With one accent and one timbre to choose from only the delivery varies; without, everybody speaks."""
    generator = np.random.default_rng(0)
    one = [draw_voice(generator, ACCENTS[:1], TIMBRES[2:3]) for _ in range(20)]
    assert {(voice.accent, voice.timbre) for voice in one} == {(ACCENTS[0], TIMBRES[2])}
    assert len({replace(voice, pitch=50) for voice in one}) > 10
    assert len({draw_voice(generator).timbre for _ in range(200)}) > len(TIMBRES) / 2


def test_the_ratio_to_the_background_is_the_one_asked_for() -> None:
    """Ten decibels asked for are ten decibels in the waveform: the same draw almost without noise is the reference."""
    for word in KEYWORDS[:4]:
        quiet = _draw(word, 3, snr_db=(300, 300)).astype(np.float64)
        noisy = _draw(word, 3, snr_db=(10, 10)).astype(np.float64)
        speech = quiet * (quiet @ noisy) / (quiet @ quiet)
        sounding = np.abs(quiet) > 0.01 * np.abs(quiet).max()
        noise = noisy - speech
        assert 10 * np.log10(np.mean(speech[sounding] ** 2) / np.mean(noise**2)) == pytest.approx(10, abs=0.1)


def test_words_stand_anywhere_in_the_clip() -> None:
    """The place is drawn: over many clips a word begins early and late."""
    onsets = []
    for draw in range(12):
        clip = np.abs(_draw("stop", draw, snr_db=(60, 60)))
        onsets.append(np.argmax(clip > 0.1 * clip.max()) / RATE_HZ)
    assert min(onsets) < 0.25
    assert max(onsets) > 0.4


def test_noise_has_the_slope_and_band_asked_for() -> None:
    """Power falls by 6 dB from octave to octave, unit power in all, and next to nothing is far outside the band."""
    noise = coloured_noise(1 << 16, np.random.default_rng(0), RATE_HZ, -6, (200, 3000))
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(1 << 16, 1 / RATE_HZ)
    octaves = [power[(hertz >= low) & (hertz < 2 * low)].mean() for low in (250, 500, 1000)]
    assert 10 * np.log10(octaves[0] / octaves[1]) == pytest.approx(6, abs=0.7)
    assert 10 * np.log10(octaves[1] / octaves[2]) == pytest.approx(6, abs=0.7)
    assert noise.std() == pytest.approx(1)
    assert power[(hertz > 0) & (hertz < 25)].mean() < 0.01 * octaves[0]


def test_keywords_are_learnable_and_not_trivial() -> None:
    """Unheard clips of ten words and silence are told apart far above chance (1/11) by a linear rule, not perfectly."""
    silences = [render_silence(np.random.default_rng([99, draw]), sample_rate_hz=RATE_HZ) for draw in range(18)]
    clips = {**{word: [_draw(word, draw) for draw in range(18)] for word in KEYWORDS}, "silence": silences}
    features = np.array([[_spectral_course(clip) for clip in takes] for takes in clips.values()])
    labels = np.arange(len(clips))
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=500))
    classifier.fit(np.concatenate(features[:, :12]), np.repeat(labels, 12))
    accuracy = classifier.score(np.concatenate(features[:, 12:]), np.repeat(labels, 6))
    assert 0.3 < accuracy < 0.95, accuracy
