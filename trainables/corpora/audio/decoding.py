"""Samples of any audio file, block by block: what libsndfile decodes, held against what the container states."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile

from soundproof.trainables.corpora.audio import flac, foreign
from soundproof.trainables.corpora.audio.broken import COPY, BrokenAudioError
from soundproof.trainables.corpora.audio.containers import foreign_head, parts_of
from soundproof.trainables.corpora.audio.decoder_notes import kept_notes
from soundproof.trainables.corpora.audio.parts import Part
from soundproof.trainables.corpora.corpus import Waveform

SAMPLE_RATES_HZ = range(1_000, 1_000_000)
"""What a header may say. A recording of a second at 1 Hz would become hours when it is resampled."""

_UNKNOWN_FRAMES = 2**63 - 1
_PEAK_LIMIT = 8.0
"""Decoders and mixers overshoot full scale a little; 18 dB above it, a float file holds something else than -1..1."""


class _ForwardFile(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from its beginning to its end: soundfile otherwise seeks behind every block."""

    def seekable(self) -> bool:
        """Not as far as soundfile is concerned."""
        return False


class SoundFileAudio:
    """A file that libsndfile reads, in one part or several."""

    def __init__(self, path: Path, parts: list[Part]) -> None:
        """Open the first part. Raises `BrokenAudioError`."""
        self._path, self._parts = path, parts
        self._audio = _opened(path, parts[0])
        self.samplerate, self.channels = self._audio.samplerate, self._audio.channels

    def __enter__(self) -> "SoundFileAudio":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and of what patches it."""
        self._audio.close()
        for part in self._parts:
            if not isinstance(part.content, bytes):
                with suppress(OSError):
                    part.content.close()

    @property
    def stated_frames(self) -> int | None:
        """The length, where a header tells all of a container of plain PCM; None where it has to be decoded."""
        audio, part = self._audio, self._parts[0]
        plain = audio.subtype.startswith("PCM_") or audio.subtype in ("ULAW", "ALAW")
        lone = len(self._parts) == 1 and part.frames is None and not part.open_end and audio.frames != _UNKNOWN_FRAMES
        known = lone and plain and audio.format in ("WAV", "WAVEX", "RF64", "AIFF", "AU", "W64")
        return int(audio.frames) if known else None

    def blocks(self, at_once: int) -> Iterator[Waveform]:
        """All samples, in blocks of shape `(time, channels)`, `time` at most `at_once`."""
        for number, part in enumerate(self._parts):
            if number:
                self._audio.close()
                self._audio = _opened(self._path, part)
                if (self._audio.samplerate, self._audio.channels) != (self.samplerate, self.channels):
                    raise BrokenAudioError(
                        self._path, "joins streams of different rates or channels: cut it into files of one form"
                    )
            yield from self._part_blocks(part, at_once)

    def _part_blocks(self, part: Part, at_once: int) -> Iterator[Waveform]:
        audio = self._audio
        if audio.frames == _UNKNOWN_FRAMES and not part.open_end:
            raise BrokenAudioError(
                self._path, "its header does not say how long it is: convert it to WAV or FLAC again"
            )
        end = part.skip + part.frames if part.frames is not None else audio.frames
        position = 0
        while position < end:
            asked = min(at_once, end - position)
            block = self._decoded(asked, position, end)
            held = block[max(part.skip - position, 0) :]
            position += len(block)
            if len(held):
                yield held
            if len(block) < asked:  # after a short block libsndfile may hand out the one before once more
                if part.open_end:
                    return
                raise BrokenAudioError(self._path, f"cut short: {end} frames promised, {position} there: {COPY}")

    def _decoded(self, asked: int, position: int, end: int) -> Waveform:
        try:
            with kept_notes(self._path, wanted=self._audio.subtype.startswith("MPEG")):
                block: Waveform = self._audio.read(asked, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            said = error.error_string.rstrip(".")
            if self._audio.format == "FLAC":
                raise BrokenAudioError(self._path, flac.fault(self._path, position, end, said)) from error
            raise BrokenAudioError(
                self._path, f"cannot be decoded after {position} of {end} frames ({said}): {COPY}"
            ) from error
        return block


class _UnknownCodecError(BrokenAudioError):
    """A container that libsndfile reads, of samples that it does not."""


_UNSUPPORTED_ENCODING = 4
"""libsndfile's SF_ERR_UNSUPPORTED_ENCODING."""

Audio = SoundFileAudio | foreign.ForeignAudio


def opened(path: Path, size: int) -> Audio:
    """The file at `path`, of `size` bytes, ready to be read, its container checked. The caller closes it.

    Raises `BrokenAudioError`, and `OSError` where the system does not let it be read.
    """
    audio = _decoder(path, size)
    if audio.samplerate not in SAMPLE_RATES_HZ or audio.channels < 1:
        audio.close()
        least, most = SAMPLE_RATES_HZ[0], SAMPLE_RATES_HZ[-1]
        raise BrokenAudioError(
            path, f"its header must say a rate of {least:,} to {most:,} Hz, got {audio.samplerate:,} Hz: {COPY}"
        )
    return audio


def _decoder(path: Path, size: int) -> Audio:
    head = foreign_head(path)
    kind = foreign.recognised(head)
    if kind is not None and kind[1] == "ogg":
        parts_of(path, size)  # whether its pages are whole is known without a decoder
    if kind is not None:
        return foreign.ForeignAudio(path, *kind)
    try:
        return SoundFileAudio(path, parts_of(path, size))
    except _UnknownCodecError:
        holder = foreign.holder_of_codecs(head)
        if holder is None:
            raise
        return foreign.ForeignAudio(path, *holder)


def checked_blocks(path: Path, audio: Audio, samples_at_once: int) -> Iterator[Waveform]:
    """The blocks of `audio`, with at most so many samples of all channels together; refuses what is not finite."""
    position = 0
    for block in audio.blocks(max(1, samples_at_once // audio.channels)):
        _refuse_wild_samples(path, block, position)
        position += len(block)
        yield block


def _opened(path: Path, part: Part) -> _ForwardFile:
    content = part.content
    if not isinstance(content, bytes):
        content.seek(0)
    try:
        return _ForwardFile(content)
    except soundfile.LibsndfileError as error:
        unknown = error.code == _UNSUPPORTED_ENCODING
        raise (_UnknownCodecError if unknown else BrokenAudioError)(
            path,
            "must be audio as WAV, FLAC, OGG, MP3 or another form that libsndfile reads, got something else "
            f"({error.error_string.rstrip('.')})",
        ) from error
    except TypeError as error:  # soundfile wants more arguments for a name that ends in .raw
        raise BrokenAudioError(path, "must be audio with a header, got raw samples: convert it to WAV") from error


def _refuse_wild_samples(path: Path, block: Waveform, position: int) -> None:
    finite = np.isfinite(block).all(axis=1)
    if not finite.all():
        frame = position + int(np.argmin(finite))
        raise BrokenAudioError(path, f"samples must be finite, got NaN or infinity from frame {frame} on: {COPY}")
    peak = float(np.abs(block).max())
    if peak > _PEAK_LIMIT:
        raise BrokenAudioError(path, f"samples must lie in -1..1, got a peak of {peak:g}: divide by full scale")
