"""Creative Voice files: samples in blocks, of which libsndfile takes the first to reach to the file's end."""

import io
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from soundproof.trainables.corpora.audio.broken import COPY, BrokenAudioError, cut_short
from soundproof.trainables.corpora.audio.parts import Part

MAGIC = b"Creative Voice File\x1a"
_CODINGS = {0: (1, 8), 4: (1, 16), 6: (6, 8), 7: (7, 8)}
"""WAV's tag and the bits of each coding that WAV has too."""
_END, _SOUND, _MORE, _SILENCE, _REPEAT, _EXTENDED, _NEW_SOUND = 0, 1, 2, 3, 6, 8, 9
_LEFT_BEHIND = 16
"""Bytes behind the last block: SoX states some samples less than it writes."""
_WORDS = {_SILENCE: "silence that is not written out", _REPEAT: "stretches to be repeated"}


class _Form(NamedTuple):
    rate: int
    bits: int
    channels: int
    coding: int


def parts(path: Path, file: BinaryIO, size: int) -> list[Part]:
    """The sounds of all blocks, as one WAV file. Raises `BrokenAudioError` where they differ in form, or one is cut."""
    file.seek(20)
    position = int.from_bytes(file.read(2), "little")
    form, extended = None, None
    samples = bytearray()
    while position < size:
        file.seek(position)
        header = file.read(4)
        kind = header[0]
        if kind == _END:
            break
        length = int.from_bytes(header[1:], "little")
        if form is not None and size - position <= _LEFT_BEHIND:
            break
        if len(header) < 4 or size - position - 4 < length:
            raise cut_short(path, length, max(size - position - 4, 0), "bytes in a block")
        content = file.read(length)
        position += 4 + length
        if kind == _EXTENDED and length >= 4:
            extended = content
        elif kind in (_SOUND, _NEW_SOUND):
            found, start = _form(path, kind, content, extended)
            extended = None
            if form not in (None, found):
                raise BrokenAudioError(
                    path, "its blocks differ in rate, depth or channels: convert each to WAV or FLAC"
                )
            form = found
            samples += content[start:]
        elif kind == _MORE:
            samples += content
        elif kind in _WORDS:
            raise BrokenAudioError(path, f"holds {_WORDS[kind]}: convert it to WAV: ffmpeg -i FILE.voc FILE.wav")
    if form is None:
        raise BrokenAudioError(path, f"holds no block of samples: {COPY}")
    return [Part(content=io.BytesIO(_wav(path, form, bytes(samples))))]


def _form(path: Path, kind: int, content: bytes, extended: bytes | None) -> tuple[_Form, int]:
    """What a block says of its samples, and where in it they start."""
    if kind == _NEW_SOUND and len(content) >= 12:
        rate, bits, channels, coding = struct.unpack_from("<IBBH", content)
        return _Form(rate, bits, channels, coding), 12
    if kind == _SOUND and len(content) >= 2:
        divisor, coding = content[:2]
        channels = 1
        rate = 1_000_000 // (256 - divisor)
        if extended is not None:
            channels = extended[3] + 1
            rate = 256_000_000 // (channels * (65536 - int.from_bytes(extended[:2], "little")))
        return _Form(rate, 8, channels, coding), 2
    raise BrokenAudioError(path, f"damaged: a block of samples of {len(content)} bytes lacks its header: {COPY}")


def _wav(path: Path, form: _Form, samples: bytes) -> bytes:
    tag, bits = _CODINGS.get(form.coding, (0, 0))
    if not bits or bits != form.bits or not form.channels:
        raise BrokenAudioError(
            path, f"holds samples in coding {form.coding} of {form.bits} bits: convert it: ffmpeg -i FILE.voc FILE.wav"
        )
    frame = form.channels * bits // 8
    samples = samples[: len(samples) // frame * frame]
    header = struct.pack("<HHIIHH", tag, form.channels, form.rate, form.rate * frame & 0xFFFFFFFF, frame, bits)
    sizes = [struct.pack("<I", number) for number in (36 + len(samples), 16, len(samples))]
    return b"RIFF" + sizes[0] + b"WAVEfmt " + sizes[1] + header + b"data" + sizes[2] + samples
