"""The embedded corpus of spoken keywords, in many voices and in noise. Needs no files and no download."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import get_args

import numpy as np

from soundproof.common.extras import require_extra
from soundproof.search_spaces.specs import Partition, SyntheticKeywords
from soundproof.trainables.corpora.corpus import CorpusError, Example, Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, cut_recording
from soundproof.trainables.corpora.embedded.espeak import ACCENTS, TIMBRES
from soundproof.trainables.corpora.embedded.keywords import UNKNOWN_WORDS, draw_voice, render_keyword, render_silence

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


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticKeywordsCorpus:
    """Implements `Corpus`. Audio is made when asked for; clip `i` always sounds the same."""

    spec: SyntheticKeywords
    examples: Sequence[Example]
    clips: Sequence[_Clip] = field(repr=False)
    skipped: Sequence[str] = ()

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """See `Corpus.waveforms`."""
        for index in indices:
            yield from cut_recording(self._render(self.clips[index]), self.spec.cut, sample_rate_hz)

    def _render(self, clip: _Clip) -> Waveform:
        generator = np.random.default_rng([self.spec.seed, _SOUND, *clip.stream])
        seconds = self.spec.cut.seconds
        if clip.word is None or clip.speaker is None:
            return render_silence(generator, seconds=seconds, sample_rate_hz=RENDERING_RATE_HZ)
        accent, timbre = clip.speaker
        return render_keyword(
            clip.word,
            draw_voice(generator, [accent], [timbre]),
            generator,
            seconds=seconds,
            sample_rate_hz=RENDERING_RATE_HZ,
            minimum_snr_db=self.spec.minimum_snr_db,
            maximum_snr_db=self.spec.maximum_snr_db,
        )


def make_synthetic_keywords(spec: SyntheticKeywords) -> SyntheticKeywordsCorpus:
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
    return SyntheticKeywordsCorpus(spec=spec, examples=examples, clips=clips)


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
        _distinct_voices(timbres[end - share : end], count)
        for end, share, count in zip(ends, shares, counts, strict=True)
    ]


def _distinct_voices(timbres: Sequence[str], count: int) -> list[_Speaker]:
    """`count` pairs of accent and timbre, using all timbres before any comes again."""
    laps = (divmod(position, len(timbres)) for position in range(count))
    return [(ACCENTS[(place + lap) % len(ACCENTS)], timbres[place]) for lap, place in laps]
