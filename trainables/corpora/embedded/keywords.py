"""Spoken keywords, one to a clip, in many voices and in noise: the twelve-class task of Speech Commands, synthesised.

A class is the word that is said: one of the ten `search_spaces.specs.clips.KEYWORDS`, any of `UNKNOWN_WORDS` (the
corpus's other words, among them near neighbours such as "backward" of "off" and "follow" of "go"), or nothing but
background noise (silence).
Words: P. Warden, "Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition", arXiv:1804.03209.
"""

from collections.abc import Sequence

import numpy as np

from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.espeak import ACCENTS, SAMPLE_RATE_HZ, TIMBRES, Voice, speak
from soundproof.trainables.corpora.embedded.signals import AUDIBLE, add_background

UNKNOWN_WORDS = tuple(
    "backward bed bird cat dog eight five follow forward four happy house learn marvin nine one seven sheila six three "
    "tree two visual wow zero".split()
)


def draw_voice(
    generator: np.random.Generator, accents: Sequence[str] = ACCENTS, timbres: Sequence[str] = TIMBRES
) -> Voice:
    """A voice with one of `accents` and `timbres`. To keep a speaker and vary the delivery, offer one of each."""
    return Voice(
        accent=accents[int(generator.integers(len(accents)))],
        timbre=timbres[int(generator.integers(len(timbres)))],
        words_per_minute=int(generator.integers(130, 221)),
        pitch=int(generator.integers(20, 81)),
        pitch_range=int(generator.integers(20, 81)),
    )


def render_keyword(
    word: str,
    voice: Voice,
    generator: np.random.Generator,
    *,
    seconds: float = 1,
    sample_rate_hz: int = 16000,
    minimum_snr_db: float = 0,
    maximum_snr_db: float = 20,
) -> Waveform:
    """`word` at a random place of a clip in -1..1, `(round(seconds * sample_rate_hz),)`, in background noise.

    The ratio of speech to noise is drawn between the two bounds. A word longer than the clip loses its end. Not
    thread-safe. Raises `EspeakError`.
    """
    from soundproof.trainables.audio_maths import resample  # noqa: PLC0415  # torch is not needed to plan a corpus

    spoken = _trim(speak(word, voice).astype(np.float32) / np.float32(32768))
    spoken = resample(spoken, SAMPLE_RATE_HZ, sample_rate_hz)
    clip = np.zeros(round(seconds * sample_rate_hz))
    start = int(generator.integers(max(0, len(clip) - len(spoken)) + 1))
    clip[start : start + len(spoken)] = spoken[: len(clip)]
    return add_background(clip, generator, sample_rate_hz, generator.uniform(minimum_snr_db, maximum_snr_db))


def render_silence(generator: np.random.Generator, *, seconds: float = 1, sample_rate_hz: int = 16000) -> Waveform:
    """A clip as of `render_keyword` in which nobody speaks."""
    return add_background(np.zeros(round(seconds * sample_rate_hz)), generator, sample_rate_hz, 0)


def _trim(speech: Waveform) -> Waveform:
    """`speech` without the silence that the synthesiser leaves on either side."""
    audible = np.flatnonzero(np.abs(speech) > AUDIBLE * np.abs(speech).max())
    return speech[audible[0] : audible[-1] + 1]
