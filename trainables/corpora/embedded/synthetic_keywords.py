"""The embedded corpus of spoken keywords: the twelve-class task of Speech Commands, synthesised, in many voices.

A class is the word that is said: one of the ten `search_spaces.specs.clips.KEYWORDS`, any of `UNKNOWN_WORDS` (the
corpus's other words, among them near neighbours such as "backward" of "off" and "follow" of "go"), or nothing but
background noise (silence). Needs no files and no download.
Words: P. Warden, "Speech Commands: A Dataset for Limited-Vocabulary Speech Recognition", arXiv:1804.03209.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import get_args

import numpy as np

from soundproof.common.extras import require_extra
from soundproof.search_spaces.specs import Partition, SyntheticKeywords
from soundproof.trainables.corpora.corpus import CorpusError, Example, Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, RenderedCorpus
from soundproof.trainables.corpora.embedded.espeak import ACCENTS, SAMPLE_RATE_HZ, TIMBRES, Voice, speak, voice_pairs
from soundproof.trainables.corpora.embedded.signals import AUDIBLE, add_background

UNKNOWN_WORDS = tuple(
    "backward bed bird cat dog eight five follow forward four happy house learn marvin nine one seven sheila six three "
    "tree two visual wow zero".split()
)


_SPEAKERS, _WORDS, _SOUND = range(3)
"""Purposes of random numbers: each has a stream of its own, so that changing one leaves the others as they were."""

_PARTITIONS: tuple[Partition, ...] = get_args(Partition)

_Speaker = tuple[str, str]
"""Accent and timbre. Rate and pitch differ from clip to clip."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Clip:
    """The content of a clip: `word` by `speaker`, or nobody (None). `stream` tells its random numbers from others."""

    word: str | None
    speaker: _Speaker | None
    stream: tuple[int, int, int]


def make_synthetic_keywords(spec: SyntheticKeywords) -> RenderedCorpus:
    """The corpus of `spec`: who says which word.

    Raises `CorpusError` for more speakers than there are voices, and `MissingExtraError` without espeak-ng.
    """
    require_extra("speech", "the corpus synthetic-keywords")
    if spec.cut.per_recording != 1:
        raise CorpusError(
            f"a keyword is one clip, got SyntheticKeywords.cut.per_recording={spec.cut.per_recording}: use 1"
        )
    drawn = [pair for part in range(len(_PARTITIONS)) for pair in _draw_clips(spec, part)]
    examples, clips = zip(*drawn, strict=True)
    return RenderedCorpus(spec=spec, examples=examples, sources=clips, render=_render)


def _render(spec: SyntheticKeywords, clip: _Clip) -> Waveform:
    generator = np.random.default_rng([spec.seed, _SOUND, *clip.stream])
    if clip.word is None or clip.speaker is None:
        return render_silence(generator, seconds=spec.cut.seconds, sample_rate_hz=RENDERING_RATE_HZ)
    accent, timbre = clip.speaker
    voice, snr_db = draw_voice(generator, [accent], [timbre]), (spec.minimum_snr_db, spec.maximum_snr_db)
    return render_keyword(
        clip.word, voice, generator, seconds=spec.cut.seconds, sample_rate_hz=RENDERING_RATE_HZ, snr_db=snr_db
    )


def _draw_clips(spec: SyntheticKeywords, part: int) -> Iterator[tuple[Example, _Clip]]:
    """The clips of one partition, class by class. Speakers take turns across all classes."""
    partition = _PARTITIONS[part]
    count = getattr(spec, f"{partition}_clips_per_class")
    speakers = cycle(_draw_speakers(spec)[part])
    unknown = np.random.default_rng([spec.seed, _WORDS, part]).permutation(UNKNOWN_WORDS).tolist()
    for kind, target in enumerate(spec.classes):
        for number in range(count):
            word = {"unknown": unknown[number % len(unknown)], "silence": None}.get(target, target)
            speaker = None if word is None else next(speakers)
            key, name = f"{partition}/{target}/{number:05d}", None if speaker is None else "+".join(speaker)
            example = Example(key=key, target=target, recording=key, speaker=name, partition=partition)
            yield example, _Clip(word=word, speaker=speaker, stream=(part, kind, number))


def _draw_speakers(spec: SyntheticKeywords) -> list[list[_Speaker]]:
    """Speakers of every partition. None of their timbres occurs in another partition."""
    counts = [getattr(spec, f"{partition}_speakers") for partition in _PARTITIONS]
    held_out = [
        max(len(TIMBRES) * count // sum(counts), math.ceil(count / len(ACCENTS)))  # in proportion, and enough
        for count in counts[1:]
    ]
    shares = [len(TIMBRES) - sum(held_out), *held_out]
    if shares[0] * len(ACCENTS) < counts[0]:
        raise CorpusError(
            f"SyntheticKeywords has {len(TIMBRES)} timbres with {len(ACCENTS)} accents each, and shares no timbre "
            f"among train, validation and test: too few for {counts} speakers, ask for fewer"
        )
    timbres = np.random.default_rng([spec.seed, _SPEAKERS]).permutation(TIMBRES).tolist()
    ends = np.cumsum(shares)
    return [
        voice_pairs(timbres[end - share : end], count) for end, share, count in zip(ends, shares, counts, strict=True)
    ]


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
    snr_db: tuple[float, float] = (0, 20),
) -> Waveform:
    """`word` at a random place of a clip in -1..1, `(round(seconds * sample_rate_hz),)`, in background noise.

    The ratio of speech to noise is drawn between two bounds. A word longer than the clip loses its end. Not
    thread-safe. Raises `EspeakError`.
    """
    from soundproof.trainables.audio_maths import resample  # noqa: PLC0415  # torch is not needed to plan a corpus

    spoken = _trim(speak(word, voice).astype(np.float32) / np.float32(32768))
    spoken = resample(spoken, SAMPLE_RATE_HZ, sample_rate_hz)
    clip = np.zeros(round(seconds * sample_rate_hz))
    start = int(generator.integers(max(0, len(clip) - len(spoken)) + 1))
    clip[start : start + len(spoken)] = spoken[: len(clip)]
    return add_background(clip, generator, sample_rate_hz, generator.uniform(*snr_db))


def render_silence(generator: np.random.Generator, *, seconds: float = 1, sample_rate_hz: int = 16000) -> Waveform:
    """A clip as of `render_keyword` in which nobody speaks."""
    return add_background(np.zeros(round(seconds * sample_rate_hz)), generator, sample_rate_hz, 0)


def _trim(speech: Waveform) -> Waveform:
    """`speech` without the silence that the synthesiser leaves on either side."""
    audible = np.flatnonzero(np.abs(speech) > AUDIBLE * np.abs(speech).max())
    return speech[audible[0] : audible[-1] + 1]
