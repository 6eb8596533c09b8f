"""The embedded corpus: sentences of the grammar, spoken in many voices, with noise. Needs no files and no download."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from soundproof.common.extras import require_extra
from soundproof.search_spaces.arithmetic import frames_needed
from soundproof.search_spaces.specs import Partition, SyntheticSpeech
from soundproof.trainables.corpora.corpus import Example, Remark, Waveform
from soundproof.trainables.corpora.embedded.espeak import ACCENTS, SAMPLE_RATE_HZ, TIMBRES, Voice, speak, voice_pairs
from soundproof.trainables.corpora.embedded.grammar import sentence

_TEXTS, _SPEAKERS, _NOISE = range(3)
"""Purposes of random numbers: each has a stream of its own, so that changing one leaves the others as they were."""

_PARTITIONS: tuple[Partition, ...] = ("train", "validation", "test")
_PEAK = 0.7
_SILENCE_SECONDS = 0.15


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    voice: Voice
    snr_db: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticSpeechCorpus:
    """Implements `Corpus`. Audio is made when asked for; utterance `i` always sounds the same."""

    spec: SyntheticSpeech
    examples: Sequence[Example]
    lines: Sequence[_Line] = field(repr=False)
    skipped: Sequence[str] = ()
    remarks: Sequence[Remark] = ()

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """See `Corpus.waveforms`."""
        from soundproof.trainables.audio_maths import resample  # noqa: PLC0415  # torch is not needed to plan a corpus

        for index in indices:
            line = self.lines[index]
            clean = speak(self.examples[index].target, line.voice).astype(np.float32) / np.float32(32768)
            silence = _silence_seconds(self.examples[index].target, len(clean) / SAMPLE_RATE_HZ)
            noisy = _add_noise(clean, silence, line.snr_db, np.random.default_rng([self.spec.seed, _NOISE, index]))
            yield resample(noisy, SAMPLE_RATE_HZ, sample_rate_hz)


def make_synthetic_speech(spec: SyntheticSpeech) -> SyntheticSpeechCorpus:
    """The corpus of `spec`: who says what, in which voice, how noisy. Raises `MissingExtraError` without espeak-ng."""
    require_extra("speech", "the corpus synthetic-speech")
    texts = np.random.default_rng([spec.seed, _TEXTS])
    chance = np.random.default_rng([spec.seed, _SPEAKERS])
    timbres = [TIMBRES[index] for index in chance.permutation(len(TIMBRES))]
    pool = iter(voice_pairs(timbres, len(ACCENTS) * len(timbres)))
    utterances, lines = [], []
    for partition in _PARTITIONS:
        speakers = [next(pool) for _ in range(getattr(spec, f"{partition}_speakers"))]
        for number in range(getattr(spec, f"{partition}_utterances")):
            speaker = speakers[number % len(speakers)]
            text = sentence(texts, spec.minimum_words, spec.maximum_words, spec.words_per_class)
            key, name = f"{partition}/{number:05d}", "+".join(speaker)
            voice = _draw_voice(chance, *speaker)
            snr_db = chance.uniform(spec.minimum_snr_db, spec.maximum_snr_db)
            lines.append(_Line(voice=voice, snr_db=snr_db))
            utterances.append(
                Example(key=key, target=text, recording=key, speaker=name, partition=partition, snr_db=snr_db)
            )
    return SyntheticSpeechCorpus(spec=spec, examples=tuple(utterances), lines=tuple(lines))


def _draw_voice(generator: np.random.Generator, accent: str, timbre: str) -> Voice:
    return Voice(
        accent=accent,
        timbre=timbre,
        words_per_minute=int(generator.integers(160, 191)),
        pitch=int(generator.integers(25, 76)),
        pitch_range=int(generator.integers(30, 71)),
    )


def _silence_seconds(text: str, speech_seconds: float) -> float:
    """Silence on either side: a little, or as much as a voice in a hurry needs to stay trainable.

    Networks that keep a quarter of the frames (10 ms apart), less what two long kernels take at the edges, must still
    have a frame for every symbol.
    """
    least = 0.04 * frames_needed(text) + 0.36
    return max(_SILENCE_SECONDS, (least - speech_seconds) / 2)


def _add_noise(
    clean: NDArray[np.float32], silence_seconds: float, snr_db: float, generator: np.random.Generator
) -> NDArray[np.float32]:
    """Speech with a short silence around it, in noise that falls by 3 dB an octave, scaled to a common peak."""
    silence = np.zeros(round(silence_seconds * SAMPLE_RATE_HZ), np.float32)
    signal = np.concatenate([silence, clean, silence])
    noise = _pink_noise(len(signal), generator)
    speech_power, noise_power = float(np.mean(clean**2)), float(np.mean(noise**2))
    noisy = signal + noise * np.sqrt(speech_power / noise_power / 10 ** (snr_db / 10)).astype(np.float32)
    return np.asarray(noisy * (_PEAK / np.abs(noisy).max()), dtype=np.float32)


def _pink_noise(samples: int, generator: np.random.Generator) -> NDArray[np.float32]:
    length = 1 << (samples - 1).bit_length()  # a Fourier transform of prime length takes ten times as long
    spectrum = np.fft.rfft(generator.standard_normal(length))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    return np.fft.irfft(spectrum, length)[:samples].astype(np.float32)
