"""The embedded corpus of music: tracks of six genres with names of GTZAN, by formula. Needs no files and no download.

A genre is a range of tempo and swing, a drum pattern, a bass line, a rhythm and progression of chords, a brightness. A
track takes each ingredient from its genre, now and then from another, so that genres overlap. It then has an identity
that no genre knows of: key, tempo, its own version of the patterns, timbres, balance, equaliser, mastering noise.
Pieces of one track share it: a split that puts them on both sides leaks (B. L. Sturm, arXiv:1306.1461, on GTZAN).
A track is rendered once and cut, never rendered piece by piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import product

import numpy as np
from numpy.typing import NDArray

from soundproof.search_spaces.specs import SyntheticGenres
from soundproof.search_spaces.specs.clips import GENRE_CLASSES
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, RenderedCorpus, pieces
from soundproof.trainables.corpora.embedded.signals import Signal, coloured_noise, harmonic_tone, ring

Starts = NDArray[np.int64]
"""The sample at which each step of each bar begins, `(bars, 16)`."""

_STEPS = 16
_BORROWED = 0.15
"""Chance of an ingredient to come from any genre."""
_FLIPPED, _MISSED = 0.04, 0.06
"""Chance of a step of a pattern to differ in a track, and of a hit to be left out in a bar."""


def make_synthetic_genres(spec: SyntheticGenres) -> RenderedCorpus:
    """The corpus of `spec`. One of more tracks contains those of fewer."""
    tracks = tuple(product(range(len(spec.classes)), range(spec.tracks_per_genre)))
    examples = [
        example
        for genre, number in tracks
        for example in pieces(f"{spec.classes[genre]}/{number:05d}", spec.classes[genre], spec.cut)
    ]
    return RenderedCorpus(spec=spec, examples=tuple(examples), sources=tracks, render=_render)


def _render(spec: SyntheticGenres, track: tuple[int, int]) -> Waveform:
    """`track`: the place of its genre among all, and its number among those of the genre."""
    generator, seconds = np.random.default_rng([spec.seed, *track]), spec.cut.seconds * spec.cut.per_recording
    return render_track(spec.classes[track[0]], generator, seconds, RENDERING_RATE_HZ)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Style:
    """What makes a genre. A pattern is a bar of sixteenth notes, `x` a hit; pitches are semitones above the key."""

    tempo: tuple[float, float]  # quarter notes per minute
    swing: tuple[float, float]  # delay of every second eighth note, as a part of an eighth note
    drums: tuple[str, str, str]  # kick, snare, hi-hat
    chords: str
    bass: tuple[str, tuple[int, ...]]  # pattern, and pitches above the chord to walk through
    progression: tuple[int, ...]  # root of each bar
    quality: tuple[int, ...]  # notes of a chord
    decay_seconds: tuple[float, float]  # of the chords
    rolloff: tuple[float, float]  # exponent by which harmonics weaken


_STYLES: dict[str, _Style] = {
    "blues": _Style(
        tempo=(65, 120), swing=(0.15, 0.35), drums=("x.....x.x.......", "....x.......x...", "x.x.x.x.x.x.x.x."),
        chords="x.....x.x.....x.", bass=("x...x...x...x...", (0, 4, 7, 9)), progression=(0, 5, 0, 7),
        quality=(0, 4, 7, 10), decay_seconds=(0.2, 0.6), rolloff=(1.0, 2.0),
    ),
    "disco": _Style(
        tempo=(105, 135), swing=(0, 0.08), drums=("x...x...x...x...", "....x.......x...", "..x...x...x...x."),
        chords="..x...x...x.x.x.", bass=("x.x.x.x.x.x.x.x.", (0, 12)), progression=(0, 8, 3, 10),
        quality=(0, 3, 7, 10), decay_seconds=(0.08, 0.3), rolloff=(0.7, 1.6),
    ),
    "hiphop": _Style(
        tempo=(75, 110), swing=(0, 0.25), drums=("x..x..x...x.....", "....x.......x...", "x.x.x.x.x.x.xxx."),
        chords="x...............", bass=("x.....x...x.....", (0, 0, 7)), progression=(0, 0, 8, 8),
        quality=(0, 3, 7), decay_seconds=(0.3, 1.2), rolloff=(1.4, 2.6),
    ),
    "jazz": _Style(
        tempo=(95, 190), swing=(0.15, 0.35), drums=("x.............x.", "............x...", "x...x.x.x...x.x."),
        chords="x.....x.........", bass=("x...x...x...x...", (0, 4, 7, 11)), progression=(2, 7, 0, 9),
        quality=(0, 4, 7, 11), decay_seconds=(0.3, 0.9), rolloff=(1.6, 2.8),
    ),
    "metal": _Style(
        tempo=(95, 175), swing=(0, 0.04), drums=("x.xxx.xxx.xxx.xx", "....x.......x...", "x...x...x...x..."),
        chords="x.xxx.xxx.x.x.xx", bass=("x.xxx.xxx.xxx.xx", (0,)), progression=(0, 0, 1, 3),
        quality=(0, 7, 12), decay_seconds=(0.1, 0.4), rolloff=(0.3, 0.9),
    ),
    "reggae": _Style(
        tempo=(65, 100), swing=(0, 0.2), drums=("........x.......", "........x.......", "x.x.x.x.x.x.x.x."),
        chords="....x.......x...", bass=("x..x..x...x.x...", (0, 7, 4)), progression=(0, 5, 7, 5),
        quality=(0, 4, 7), decay_seconds=(0.05, 0.2), rolloff=(1.0, 2.0),
    ),
}  # fmt: skip


def render_track(genre: str, generator: np.random.Generator, seconds: float, sample_rate_hz: int) -> Waveform:
    """One track of `genre`, one of `GENRE_CLASSES`, its peak at a drawn level.

    In -1..1, `(round(seconds * sample_rate_hz),)`.
    """
    samples = round(seconds * sample_rate_hz)
    style = _draw_style(genre, generator)
    step = sample_rate_hz * 15 / generator.uniform(*style.tempo)
    bars = int(np.ceil(samples / step / _STEPS))
    delay = np.where(np.arange(_STEPS) % 4 == 2, 2 * generator.uniform(*style.swing), 0)
    starts = ((np.arange(bars * _STEPS) + np.tile(delay, bars)) * step).reshape(bars, _STEPS).astype(int)
    drums = _drums(style, generator, starts, samples, sample_rate_hz)
    notes = _notes(style, generator, starts, samples, sample_rate_hz)
    mix = drums / (drums.std() + 1e-9) + notes / (notes.std() + 1e-9) * generator.uniform(0.5, 2)
    return _master(mix, generator, sample_rate_hz)


def _draw_style(genre: str, generator: np.random.Generator) -> _Style:
    """The ingredients of one track: mostly those of its genre."""
    drawn = {}
    for ingredient in fields(_Style):
        other = GENRE_CLASSES[generator.integers(len(GENRE_CLASSES))]
        source = other if generator.random() < _BORROWED else genre
        drawn[ingredient.name] = getattr(_STYLES[source], ingredient.name)
    return _Style(**drawn)


def _hits(pattern: str, generator: np.random.Generator, bars: int) -> Signal:
    """Loudness of every step, `(bars, 16)`: the track's own version of `pattern`, played by a human."""
    own = (np.array(list(pattern)) == "x") ^ (generator.random(_STEPS) < _FLIPPED)
    played = own & (generator.random((bars, _STEPS)) >= _MISSED)
    return np.asarray(played * generator.uniform(0.7, 1, (bars, _STEPS)) * np.where(np.arange(_STEPS) % 4 == 0, 1, 0.8))


def _play(track: Signal, starts: Starts, loudness: Signal, sound: Signal) -> None:
    """Add `sound` to `track` wherever it is to be heard; what is beyond the end is lost."""
    for start, gain in zip(starts[loudness > 0], loudness[loudness > 0], strict=True):
        piece = track[start : start + len(sound)]
        piece += gain * sound[: len(piece)]


def _drums(style: _Style, generator: np.random.Generator, starts: Starts, samples: int, rate: int) -> Signal:
    track = np.zeros(samples)
    for pattern, sound in zip(style.drums, _drum_kit(generator, rate), strict=True):
        _play(track, starts, _hits(pattern, generator, len(starts)) * generator.uniform(0.4, 1), sound)
    return track


def _drum_kit(generator: np.random.Generator, rate: int) -> tuple[Signal, Signal, Signal]:
    """Kick, snare and hi-hat of one track, with peaks of 1, 1 and 0.6."""
    time = np.arange(int(0.3 * rate)) / rate
    sweep = generator.uniform(40, 65) * (1 + generator.uniform(1, 4) * np.exp(-time / 0.03))
    kick = np.sin(2 * np.pi * np.cumsum(sweep) / rate) * np.exp(-time / generator.uniform(0.04, 0.15))
    rattle = coloured_noise(len(time), generator, rate, generator.uniform(-3, 2), (generator.uniform(300, 1500), 24000))
    snare = rattle * np.exp(-time / generator.uniform(0.03, 0.12))
    body = ring(rate, generator.uniform(150, 260), 0.04)[: len(time)]
    snare[: len(body)] += 2 * generator.random() * body
    hiss = coloured_noise(len(time), generator, rate, 0, (min(generator.uniform(2500, 7000), 0.4 * rate), 24000))
    hat = hiss * np.exp(-time / generator.uniform(0.01, 0.08))
    return kick, snare / np.abs(snare).max(), hat / np.abs(hat).max() * 0.6


def _notes(style: _Style, generator: np.random.Generator, starts: Starts, samples: int, rate: int) -> Signal:
    """Chords, and a bass that walks through its pitches below them. Each sound is made once for all its notes."""
    track, bars = np.zeros(samples), len(starts)
    key_hz, rolloff = 41.2 * 2 ** (generator.integers(12) / 12), generator.uniform(*style.rolloff)
    colour = np.arange(1, 25) ** -rolloff * generator.uniform(0.3, 1, 24)
    chord_seconds, bass_seconds = generator.uniform(*style.decay_seconds), generator.uniform(0.1, 0.4)
    roots = np.resize(np.roll(style.progression, generator.integers(len(style.progression))), bars)
    chords = _hits(style.chords, generator, bars) * generator.uniform(0.3, 1)
    bass = _hits(style.bass[0], generator, bars) * generator.uniform(0.6, 1.5)
    walk = np.resize(style.bass[1], bars * _STEPS)[np.cumsum(bass > 0) - 1].reshape(bass.shape)
    for root in sorted(set(roots.tolist())):
        here = (roots == root)[:, None]
        chord = _chord([4 * key_hz * 2 ** ((root + note) / 12) for note in style.quality], colour, chord_seconds, rate)
        _play(track, starts, chords * here, chord)
        for step in sorted(set(style.bass[1])):
            sound = _chord([key_hz * 2 ** ((root + step) / 12)], colour, bass_seconds, rate)
            _play(track, starts, bass * (here & (walk == step)), sound)
    return track


def _chord(pitches_hz: Sequence[float], colour: Signal, decay_seconds: float, rate: int) -> Signal:
    """Notes struck together, 10 ms of attack, four times `decay_seconds` long."""
    time = np.arange(int(4 * decay_seconds * rate)) / rate
    notes = [harmonic_tone(np.full(len(time), pitch), colour, rate) for pitch in pitches_hz]
    return np.asarray(np.sum(notes, axis=0) * np.minimum(1, time / 0.01) * np.exp(-time / decay_seconds))


def _master(mix: Signal, generator: np.random.Generator, rate: int) -> Waveform:
    """The track's own equaliser (a gain per octave), saturation, noise and level."""
    from scipy.fft import irfft, next_fast_len, rfft  # noqa: PLC0415  # a third of a second, here alone

    length = next_fast_len(len(mix) + rate // 10, real=True)  # the end must not ring into the start
    octaves = np.log2(np.maximum(np.fft.rfftfreq(length, 1 / rate), 20) / 20)
    gains_db = np.interp(octaves, np.arange(11), generator.normal(0, 5, 11))
    equalised = irfft(rfft(mix, length) * 10 ** (gains_db / 20), length)[: len(mix)]
    saturated = np.tanh(equalised / (equalised.std() + 1e-9) * generator.uniform(0.2, 0.9))
    noise = coloured_noise(len(mix), generator, rate, generator.uniform(-6, 0))
    noisy = saturated + noise * (saturated.std() + 1e-3) * 10 ** (-generator.uniform(10, 35) / 20)
    peak = 10 ** (generator.uniform(-12, -1) / 20)
    return np.asarray(noisy * (peak / np.abs(noisy).max()), dtype=np.float32)
