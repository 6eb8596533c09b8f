"""MPEG audio (MP3, and its layers I and II): counted by the headers of its frames.

libsndfile guesses the length of an MP3 file without a Xing frame from the rate of its first frame. Here every frame is
counted, tags and what encoders say of themselves are put aside, and a Xing frame with the right number is put in front
in memory. Delay and padding that an encoder states are dropped, as FFmpeg does.
"""

import io
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from soundproof.trainables.corpora.audio import tags
from soundproof.trainables.corpora.audio.broken import COPY, BrokenAudioError
from soundproof.trainables.corpora.audio.parts import Part

_LOGGER = logging.getLogger(__name__)

_RATES_HZ = (44_100, 48_000, 32_000)
_KILOBITS = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By version (2 stands for 2.5 too) and layer. 0 is a free rate."""

_DECODER_DELAY = 529
"""Samples that any decoder of layer III is late by."""
_LEADING_JUNK = 65_536


class _Header(NamedTuple):
    """What the four bytes before each frame say."""

    version: int
    layer: int
    rate: int
    mono: bool
    size: int

    @property
    def samples(self) -> int:
        """Of each channel."""
        return 384 if self.layer == 1 else 576 if self.layer == 3 and self.version > 1 else 1152

    @property
    def stream(self) -> tuple[int, int, int, bool]:
        """What all frames of one stream have in common."""
        return self.version, self.layer, self.rate, self.mono

    @property
    def side(self) -> int:
        """Bytes between the header and the samples, of layer III."""
        return (17 if self.mono else 32) if self.version == 1 else (9 if self.mono else 17)


def _header(word: int) -> _Header | None:
    """The header in 32 bits; None where they are none. A size of 0 is that of a free rate."""
    version, layer, bits, rate = word >> 19 & 3, word >> 17 & 3, word >> 12 & 15, word >> 10 & 3
    if word >> 21 != 0x7FF or version == 1 or layer == 0 or bits == 15 or rate == 3:
        return None
    number, hertz = (1, _RATES_HZ[rate]) if version == 3 else (2 if version == 2 else 3, _RATES_HZ[rate])
    hertz >>= number - 1
    layer = 4 - layer
    kilobits, padding = _KILOBITS[min(number, 2), layer][bits], word >> 9 & 1
    if layer == 1:
        size = (12_000 * kilobits // hertz + padding) * 4
    else:
        size = (72_000 if layer == 3 and number > 1 else 144_000) * kilobits // hertz + padding
    return _Header(number, layer, hertz, word >> 6 & 3 == 3, size if kilobits else 0)


def begins(content: bytes) -> bool:
    """Whether these first bytes are those of a frame."""
    return _header(int.from_bytes(content[:4], "big")) is not None


@dataclass(kw_only=True, slots=True)
class _Segment:
    """Frames of one encoder: where each lies, and what its first frame says of them, if it is one that says it."""

    header: _Header
    frames: list[tuple[int, int]]
    stated: int | None = None
    stated_bytes: int | None = None
    delay: int | None = None
    padding: int = 0


def parts(path: Path, content: bytes, *, promises: bool = True) -> list[Part]:
    """A part for each stream that follows another in `content`.

    Raises `BrokenAudioError` where a frame is cut, where bytes between frames are none, and, with `promises`, where
    fewer frames are there than an encoder stated.
    """
    made: list[Part] = []
    for segment in _segments(path, content):
        made += _segment_parts(path, content, segment, promises=promises)
    if not made:
        raise BrokenAudioError(path, "empty: expected at least one frame of audio, got 0: record it again or remove it")
    return made


def _segment_parts(path: Path, content: bytes, segment: _Segment, *, promises: bool) -> Iterator[Part]:
    stated, found, header = segment.stated, len(segment.frames), segment.header
    held = segment.frames[-1][1] - segment.frames[0][0] if segment.frames else 0
    if stated is not None and found < stated and promises:
        # some encoders count the frame that says it, which their number of bytes tells from a frame that is missing
        counts_itself = found == stated - 1 and 0 < (segment.stated_bytes or 0) <= held + header.size
        if not counts_itself:
            raise BrokenAudioError(path, f"cut short: {stated} frames of MPEG audio promised, {found} there: {COPY}")
    if not found:
        return
    split = stated if stated and stated < found else found
    total = split * header.samples
    if segment.delay is None:
        yield _part(content, header, segment.frames[:split], 0, total)
    else:
        skip = min(segment.delay + _DECODER_DELAY, total)
        end = min(total, total - segment.padding + _DECODER_DELAY)
        yield _part(content, header, segment.frames[:split], skip, max(end - skip, 0))
    if split < found:  # another stream was put behind, without a frame that says so
        yield _part(content, header, segment.frames[split:], 0, (found - split) * header.samples)


def _part(content: bytes, header: _Header, frames: Sequence[tuple[int, int]], skip: int, length: int) -> Part:
    audio = b"".join(content[start:end] for start, end in frames)
    if header.layer == 3:
        audio = _lead(content[frames[0][0] : frames[0][0] + 4], header, len(frames)) + audio
        skip += header.samples - _DECODER_DELAY
    return Part(content=io.BytesIO(audio), frames=length, skip=skip)


def _lead(first: bytes, header: _Header, frames: int) -> bytes:
    """A Xing frame with the number of those after it, and one frame of silence.

    libmpg123 drops its delay of 529 samples behind a Xing frame; they are taken from the silence.
    """
    said = b"Xing" + (1).to_bytes(4, "big") + (frames + 1).to_bytes(4, "big")
    word = bytearray(first)
    word[1] |= 1  # no checksum
    for bits in range(1, 15):
        word[2] = word[2] & 0x0C | bits << 4
        found = _header(int.from_bytes(word, "big"))
        if found is not None and found.size >= 4 + header.side + len(said):
            break
    assert found is not None
    begin = bytes(word) + bytes(header.side)
    return (begin + said).ljust(found.size, b"\0") + begin.ljust(found.size, b"\0")


def _segments(path: Path, content: bytes) -> Iterator[_Segment]:
    """The streams of the frames of `content`, one after another."""
    segment: _Segment | None = None
    for start, header in _frames(path, content):
        if segment is not None and header.stream != segment.header.stream:
            raise BrokenAudioError(path, "joins streams of different rates or channels: cut it into files of one form")
        said = _statement(content, start, header) if header.layer == 3 else None
        if said is not None:
            if segment is not None:
                yield segment
            segment = said
        else:
            if segment is None:
                segment = _Segment(header=header, frames=[])
            segment.frames.append((start, start + header.size))
    if segment is not None:
        yield segment


def _statement(content: bytes, start: int, header: _Header) -> _Segment | None:
    """What a frame of Xing, LAME or Fraunhofer says of those after it; None where it holds audio."""
    tag = start + 4 + header.side
    if content[tag : tag + 4] in (b"Xing", b"Info"):
        return _xing(content[tag : start + header.size], header)
    if content[tag + 2 : tag + 6] in (b"Xing", b"Info") and not content[start + 1] & 1:  # after a checksum
        return _xing(content[tag + 2 : start + header.size], header)
    vbri = content[start + 36 : start + 36 + 18]
    if vbri.startswith(b"VBRI") and len(vbri) == 18:
        return _Segment(header=header, frames=[], stated=int.from_bytes(vbri[14:18], "big") or None)
    return None


def _xing(said: bytes, header: _Header) -> _Segment:
    flags, at = int.from_bytes(said[4:8], "big"), 8
    stated = size = None
    if flags & 1:
        stated, at = int.from_bytes(said[at : at + 4], "big"), at + 4
    if flags & 2:
        size, at = int.from_bytes(said[at : at + 4], "big"), at + 4
    at += 100 * bool(flags & 4) + 4 * bool(flags & 8)
    segment = _Segment(header=header, frames=[], stated=stated or None, stated_bytes=size or None)
    if len(said) >= at + 24 and said[at : at + 4].strip(b"\0"):  # the name of an encoder, and what it added
        both = int.from_bytes(said[at + 21 : at + 24], "big")
        segment.delay, segment.padding = both >> 12, both & 0xFFF
    return segment


def _frames(path: Path, content: bytes) -> Iterator[tuple[int, _Header]]:
    """Where each frame begins, and its header. Tags are passed over; anything else between frames is damage."""
    position, found = 0, 0
    while position < len(content):
        header = _header(int.from_bytes(content[position : position + 4], "big"))
        if header is not None and _is_frame(content, position, header, found):
            if not header.size:
                raise BrokenAudioError(path, "has MPEG audio of a free rate: convert it: ffmpeg -i FILE NEW.wav")
            if position + header.size > len(content):
                raise BrokenAudioError(
                    path,
                    f"cut short: its last frame has {header.size} bytes, {len(content) - position} are there: {COPY}",
                )
            yield position, header
            found += 1
            position += header.size
            continue
        after = tags.end_of_tag(content, position)
        if after is None:
            after = _next_frame(content, position)
            _judge_junk(path, content, position, after, found)
        position = after


def _is_frame(content: bytes, position: int, header: _Header, found: int) -> bool:
    """Whether a header is one: the first needs a second behind it, unless the file ends there."""
    after = position + header.size
    if found or not header.size:
        return True
    following = _header(int.from_bytes(content[after : after + 4], "big"))
    return after >= len(content) or following is not None or tags.end_of_tag(content, after) is not None


def _next_frame(content: bytes, position: int) -> int:
    """Where the next two frames of one stream follow each other; the end where none do."""
    place = content.find(b"\xff", position + 1)
    while place >= 0:
        header = _header(int.from_bytes(content[place : place + 4], "big"))
        if header is not None and header.size:
            after = place + header.size
            following = _header(int.from_bytes(content[after : after + 4], "big"))
            if following is not None and following.stream == header.stream:
                return place
        place = content.find(b"\xff", place + 1)
    return len(content)


def _judge_junk(path: Path, content: bytes, start: int, end: int, found: int) -> None:
    """Refuse what is no frame between frames; what follows the last is told, and left out."""
    if end < len(content) and (found or end > _LEADING_JUNK):
        raise BrokenAudioError(path, f"damaged: the {end - start} bytes from byte {start} on are no MPEG audio: {COPY}")
    if not found and end == len(content):
        raise BrokenAudioError(path, "must be audio, got something else that holds no two frames of MPEG audio")
    if found and end - start < 4 and content[start] == 0xFF:
        raise BrokenAudioError(path, f"cut short: {end - start} bytes of a frame of MPEG audio are at its end: {COPY}")
    if found:
        _LOGGER.warning("%s: its last %d bytes are no audio and are left out", path, end - start)
