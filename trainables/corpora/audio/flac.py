"""FLAC (RFC 9639): whether its length is stated, and why a file that libFLAC refuses is refused."""

import io
import os
from pathlib import Path
from typing import BinaryIO

from soundproof.trainables.corpora.audio.broken import COPY, BrokenAudioError
from soundproof.trainables.corpora.audio.parts import Part, PatchedFile, whole_file

_HEADER_BYTES = 42
LONGEST = {22: b"\xff" * 4}
"""Of the header's bytes those that make the longest length of one that is open: libsndfile cannot read without one."""
_LONGEST_FRAME, _MOST_CANDIDATES = 1 << 18, 8
_MOST_CHECKED = 1 << 23
"""Bytes: Python needs a second for some."""


def parts(path: Path, file: BinaryIO, start: int) -> list[Part]:
    """The part of a file whose stream begins at byte `start`; encoders that write into a pipe leave its length open."""
    file.seek(start)
    header = file.read(_HEADER_BYTES)
    if not leaves_length_open(header):
        return [whole_file(path)]
    if not _ends_with_frame(file):
        raise BrokenAudioError(path, f"cut short: its last frame is not whole, or not the last thing there: {COPY}")
    longest = PatchedFile(path, {start + place: patch for place, patch in LONGEST.items()})
    return [Part(content=io.BufferedReader(longest), open_end=True)]


def _ends_with_frame(file: BinaryIO) -> bool:
    """Whether the last bytes of a stream of unknown length are a frame: libFLAC passes over the half of one."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LONGEST_FRAME))
    tail = file.read()
    if tail[-128:].startswith(b"TAG"):
        tail = tail[:-128]
    place = len(tail)
    for _ in range(_MOST_CANDIDATES):
        place = tail.rfind(b"\xff", 0, place)
        while place >= 0 and not (tail[place + 1 : place + 2] in (b"\xf8", b"\xf9") and _has_header(tail[place:][:16])):
            place = tail.rfind(b"\xff", 0, place)
        if place < 0:
            return False
        if _checksum(tail[place:]) == 0:
            return True
    return False


def leaves_length_open(header: bytes) -> bool:
    """Whether the number of samples in the first bytes of a stream is 0, which stands for one that is not known."""
    return len(header) >= _HEADER_BYTES and header[21] & 0x0F == 0 and header[22:26] == bytes(4)


def fault(path: Path, decoded: int, promised: int, error: str) -> str:
    """Why libFLAC stopped: where all checksums are right, nothing was lost on the way, and no copy is better."""
    with path.open("rb") as file:
        content = file.read(_MOST_CHECKED + 1)
    lost = "psf" in error or len(content) > _MOST_CHECKED
    depth = None if lost else _whole_depth(content)
    if depth is None:
        return f"cannot be decoded after {decoded} of {promised} frames ({error}): {COPY}"
    highest = (1 << depth - 1) - 1
    return (
        f"cannot be decoded after {decoded} of {promised} frames, although all its checksums are right: a sample lies "
        f"beyond its {depth} bits, as encoders write that were given floats times {highest + 1:,} without clipping; "
        f"libFLAC refuses such files, FFmpeg turns each such peak into {-highest - 1:,}. A copy is no better: encode "
        f"its source again with samples clipped to {-highest - 1:,}..{highest:,}, or leave it out (--skip-broken)"
    )


def _whole_depth(content: bytes) -> int | None:
    """The bits of a sample where every frame has its right checksum; None where one has not."""
    start = content.find(b"fLaC")
    if start < 0 or len(content) < start + 42:
        return None
    depth = (content[start + 20] & 1) << 4 | content[start + 21] >> 4
    position, last = start + 4, False
    while not last and position + 4 <= len(content):
        last = bool(content[position] & 0x80)
        position += 4 + int.from_bytes(content[position + 1 : position + 4], "big")
    if content[position : position + 2] not in (b"\xff\xf8", b"\xff\xf9"):
        return None
    if not _has_header(content[position : position + 16]):
        return None
    return None if _checksum(content[position:]) else depth + 1


def _checksum(frames: bytes) -> int:
    """0 for whole frames: the last two bytes of each are the checksum of all before them."""
    register = 0
    for byte in frames:
        register = (register << 8 & 0xFFFF) ^ _CRC16[register >> 8 ^ byte]
    return register


def _has_header(head: bytes) -> bool:
    """Whether a synchronisation is followed by what its own checksum says is a header."""
    if len(head) < 6:
        return False
    block, rate = head[2] >> 4, head[2] & 15
    length = 4 + _number_length(head[4])
    length += {6: 1, 7: 2}.get(block, 0) + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if length >= len(head):
        return False
    register = 0
    for byte in head[:length]:
        register = _CRC8[register ^ byte]
    return register == head[length]


def _number_length(first: int) -> int:
    """Bytes of a number that begins so, coded as UTF-8 codes characters."""
    ones = 8 - (first ^ 0xFF).bit_length()
    return max(1, ones)


def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    top, mask = 1 << bits - 1, (1 << bits) - 1
    table = []
    for byte in range(256):
        value = byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


_CRC8, _CRC16 = _table(0x07, 8), _table(0x8005, 16)
