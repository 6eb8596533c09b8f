"""Containers of chunks: WAV, RF64, BW64, AIFF and 8SVX. Their sizes are promises, unless they were streamed."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from soundproof.trainables.corpora.audio import mpeg
from soundproof.trainables.corpora.audio.broken import BrokenAudioError, cut_short
from soundproof.trainables.corpora.audio.parts import Part, PatchedFile, is_open_ended, whole_file

_SAMPLE_CHUNKS = {b"RIFF": b"data", b"RIFX": b"data", b"RF64": b"data", b"BW64": b"data", b"FORM": b"SSND"}
_BIG_ENDIAN = frozenset({b"RIFX", b"FORM"})
_MOST_CHUNKS = 10_000
"""Looked at before the samples: a file of nothing but empty chunks would be walked through for minutes."""
_MPEG_TAGS = frozenset({0x50, 0x55})
_BLOCK_CODES = frozenset({0x02, 0x11, 0x31, 0x14, 0x40, 0x45, 0x64, 0x65})
"""ADPCM of Microsoft, IMA and the ITU, and GSM 6.10: their last block is longer than the recording."""

MAGICS = tuple(_SAMPLE_CHUNKS)


class _Chunk(NamedTuple):
    name: bytes
    start: int
    size: int
    head: bytes


def parts(path: Path, file: BinaryIO, head: bytes, size: int) -> list[Part]:
    """The one part of a file whose first bytes are `head`. Raises `BrokenAudioError` where it was cut short."""
    container = head[:4]
    wanted = b"BODY" if head[8:12] in (b"8SVX", b"16SV") else _SAMPLE_CHUNKS[container]
    tag, fact, long_size = 0, None, None
    for chunk in _chunks(file, "big" if container in _BIG_ENDIAN else "little"):
        if chunk.name == wanted:
            promised = long_size if long_size is not None and chunk.size == 0xFFFFFFFF else chunk.size
            held = max(size - chunk.start, 0)
            if held < promised and not is_open_ended(promised):
                raise cut_short(path, promised, held)
            if tag in _MPEG_TAGS:
                file.seek(chunk.start)
                content = file.read() if is_open_ended(promised) else file.read(promised)
                return mpeg.parts(path, content, promises=False)
            return [_part(path, head, chunk, size, fact if tag in _BLOCK_CODES else None)]
        if chunk.name == b"ds64":
            long_size = int.from_bytes(chunk.head[8:16], "little")
        elif chunk.name == b"fmt ":
            tag = int.from_bytes(chunk.head[:2], "big" if container == b"RIFX" else "little")
        elif chunk.name == b"fact":
            fact = int.from_bytes(chunk.head[:4], "big" if container == b"RIFX" else "little")
    return [whole_file(path)]


def _part(path: Path, head: bytes, samples: _Chunk, size: int, fact: int | None) -> Part:
    patches = {}
    if head[:4] == b"BW64":
        patches[0] = b"RF64"  # the same form under a newer name, which libsndfile does not know
    if samples.size == 0 and samples.start < size and _ends_before(head, samples.start):
        patches[samples.start - 4] = b"\xff" * 4  # the largest size: libsndfile then reads to the end of the file
    if not patches:
        return whole_file(path, frames=fact or None)
    return Part(content=io.BufferedReader(PatchedFile(path, patches)), frames=fact or None)


def _chunks(file: BinaryIO, order: Literal["big", "little"]) -> Iterator[_Chunk]:
    """Every chunk, with the first 16 bytes of its content."""
    position = 12
    for _ in range(_MOST_CHUNKS):
        file.seek(position)
        header = file.read(24)
        if len(header) < 8:
            return
        size = int.from_bytes(header[4:8], order)
        yield _Chunk(header[:4], position + 8, size, header[8:])
        position += 8 + size + size % 2


def _ends_before(head: bytes, start: int) -> bool:
    """Whether the whole container claims to end before its samples start, as a streamed one does."""
    claimed = int.from_bytes(head[4:8], "big" if head[:4] in _BIG_ENDIAN else "little")
    return is_open_ended(claimed) or claimed + 8 <= start


WAVE64 = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000")
_WAVE64_DATA = b"data" + bytes.fromhex("f3acd3118cd100c04f8edb8a")
_WAVE64_HEADER = 24
_UNFINISHED = (
    "its header states no samples though some follow, as of a program that could not go back to correct it: write it "
    "into a file instead of a pipe, or as WAV or FLAC"
)


def wave64_parts(path: Path, file: BinaryIO, size: int) -> list[Part]:
    """The part of a Sony Wave64 file: chunks named by 16 bytes, and their sizes in 8, which count both too."""
    position = 40
    for _ in range(_MOST_CHUNKS):
        file.seek(min(position, size))
        header = file.read(_WAVE64_HEADER)
        if len(header) < _WAVE64_HEADER:
            break
        claimed = int.from_bytes(header[16:], "little")
        if header[:16] == _WAVE64_DATA:
            held = size - position - _WAVE64_HEADER
            if claimed < _WAVE64_HEADER:
                raise BrokenAudioError(path, _UNFINISHED)
            if claimed < 1 << 62 and held < claimed - _WAVE64_HEADER:
                raise cut_short(path, claimed - _WAVE64_HEADER, held)
            break
        position += max(claimed + -claimed % 8, _WAVE64_HEADER)
    return [whole_file(path)]


def caf_parts(path: Path, file: BinaryIO, size: int) -> list[Part]:
    """The part of a Core Audio file: big-endian sizes of 8 bytes, -1 for samples that reach to the end."""
    position = 8
    for _ in range(_MOST_CHUNKS):
        file.seek(min(position, size))
        header = file.read(12)
        if len(header) < 12:
            break
        claimed = int.from_bytes(header[4:], "big", signed=True)
        if header[:4] == b"data":
            held = size - position - 12
            if claimed in (0, 4) and held > claimed + 4:
                raise BrokenAudioError(path, _UNFINISHED)
            if claimed == -1:
                sized = PatchedFile(path, {position + 4: held.to_bytes(8, "big")})
                return [Part(content=io.BufferedReader(sized))]
            if held < claimed:
                raise cut_short(path, claimed, held)
            break
        position += 12 + max(claimed, 0)
    return [whole_file(path)]
