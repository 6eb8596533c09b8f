"""Containers with one header, which states a number of frames: SPHERE, AU, and those of samplers and old programs.

libsndfile counts what lies in the file, so that one that was cut is a shorter recording to it.
"""

import re
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from soundproof.trainables.corpora.audio.broken import BrokenAudioError, cut_short
from soundproof.trainables.corpora.audio.parts import Part, is_open_ended, whole_file

_SPHERE_FIELD = re.compile(rb"^(\w+) -(?:i|r|s\d+) (.*)$", re.MULTILINE)
_LONGEST_HEADER = 65_536
_MOST_DIGITS = 19


def au_parts(path: Path, head: bytes, size: int) -> list[Part]:
    """Of a file of Sun and NeXT: where the samples start, and their bytes."""
    start, promised = int.from_bytes(head[4:8], "big"), int.from_bytes(head[8:12], "big")
    held = max(size - start, 0)
    if held < promised and not is_open_ended(promised):
        raise cut_short(path, promised, held)
    return [whole_file(path)]


def sphere_parts(path: Path, file: BinaryIO, size: int) -> list[Part]:
    """Of a SPHERE file (NIST), whose header is text; `sample_count` is optional in the files of some programs."""
    file.seek(0)
    header = file.read(_LONGEST_HEADER)
    length = header[8:16].strip()
    start = int(length) if length.isdigit() else 1024
    fields = dict(_SPHERE_FIELD.findall(header[:start].partition(b"end_head")[0]))
    coding = fields.get(b"sample_coding", b"pcm").decode("latin-1")
    if "shorten" in coding or "wavpack" in coding or "shortpack" in coding:
        raise BrokenAudioError(
            path,
            f"is SPHERE compressed as {coding!r}, which nothing here reads: decompress it with NIST's sph2pipe -f wav "
            "(libsndfile and FFmpeg do not)",
        )
    count, width, channels = (
        int(value) if value.isdigit() and len(value) < _MOST_DIGITS else 0
        for value in (fields.get(name, b"").strip() for name in (b"sample_count", b"sample_n_bytes", b"channel_count"))
    )
    if not count:
        return [whole_file(path)]
    promised, held = count * max(width, 1) * max(channels, 1), max(size - start, 0)
    if held < promised:
        raise cut_short(path, promised, held)
    return [whole_file(path, frames=count)]


class _Count(NamedTuple):
    """Where a header says how many frames (or bytes of samples) there are."""

    offset: int
    width: int
    order: Literal["big", "little"]
    header: int = 0
    """Bytes before the samples, where the number is one of bytes."""


_COUNTS: dict[bytes, _Count] = {
    b"2BIT": _Count(26, 4, "big"),  # Audio Visual Research
    b"ALawSoundFile**": _Count(18, 4, "big"),  # Psion
    b"\x01\x04": _Count(30, 4, "little"),  # Akai MPC 2000
    b"Extended Instrument: ": _Count(298, 4, "little", header=338),
}
MAGICS = tuple(_COUNTS)


def counted_parts(path: Path, file: BinaryIO, head: bytes, size: int) -> list[Part]:
    """Of one of `MAGICS`."""
    count = next(count for magic, count in _COUNTS.items() if head.startswith(magic))
    file.seek(count.offset)
    number = int.from_bytes(file.read(count.width), count.order)
    if count.header:
        if size - count.header < number:
            raise cut_short(path, number, max(size - count.header, 0))
        return [whole_file(path)]
    return [whole_file(path, frames=number or None)]


def sds_parts(path: Path, head: bytes, size: int) -> list[Part]:
    """Of a MIDI sample dump: numbers of seven bits a byte, samples in packets of 127 bytes."""
    bits, samples = head[6], head[10] | head[11] << 7 | head[12] << 14
    in_packet = 120 // max(2, -(-bits // 7))
    promised, held = -(-samples // in_packet) * 127, max(size - 21, 0)
    if held < promised:
        raise cut_short(path, promised, held)
    return [whole_file(path)]


def mat5_parts(path: Path, file: BinaryIO, size: int) -> list[Part]:
    """Of a MATLAB 5 file: elements with a kind and a size, after 128 bytes."""
    file.seek(124)
    order: Literal["big", "little"] = "little" if file.read(4)[2:] == b"IM" else "big"
    position = 128
    for _ in range(8):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            break
        promised = int.from_bytes(header[4:], order)
        if size - position < promised:  # libsndfile counts the 8 bytes of this header too
            raise cut_short(path, promised, max(size - position - 8, 0))
        position += 8 + promised + -promised % 8
    return [whole_file(path)]


def mat4_parts(path: Path, file: BinaryIO, head: bytes, size: int) -> list[Part]:
    """Of a MATLAB 4 file: two matrices, the rate and the samples."""
    order: Literal["big", "little"] = "big" if head[3] else "little"
    position = 0
    for _ in range(2):
        file.seek(position)
        header = file.read(20)
        if len(header) < 20:
            break
        kind, rows, columns, _, name = (int.from_bytes(header[at : at + 4], order) for at in range(0, 20, 4))
        width = {0: 8, 1: 4, 2: 4, 3: 2, 4: 2, 5: 1}.get(kind // 10 % 10, 1)
        start, promised = position + 20 + name, rows * columns * width
        if size - start < promised:
            raise cut_short(path, promised, max(size - start, 0))
        position = start + promised
    return [whole_file(path)]
