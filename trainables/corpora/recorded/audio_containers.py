"""Whether an audio file holds what its container promises: sizes of WAV, AIFF and AU files, pages of Ogg files."""

import io
import os
import zlib
from pathlib import Path
from typing import BinaryIO, Literal

from soundproof.trainables.corpora.corpus import CorpusError

COPY = "copy it again from its source"
"""What to do with a file that was damaged on its way."""

_OPEN_ENDED = frozenset({0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000})
"""Sizes that programs write when they stream and do not know the size yet, besides those close to 2**32."""

_SAMPLE_CHUNKS = {b"RIFF": b"data", b"RIFX": b"data", b"RF64": b"data", b"BW64": b"data", b"FORM": b"SSND"}
_BIG_ENDIAN = frozenset({b"RIFX", b"FORM"})
_REVERSED_BITS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class BrokenAudioError(CorpusError):
    """A file does not hold the audio that it should. `reason` says what is wrong with it and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def checked_source(path: Path, size: int) -> bytes | io.BytesIO:
    """What to hand to libsndfile: the path, or the repaired bytes where libsndfile would see an empty file.

    `size` is that of the file, in bytes. Raises `BrokenAudioError` for a file that was cut short or damaged.
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head.startswith(b"OggS"):
            _check_ogg_pages(path, file)
        elif head.startswith(b".snd"):
            _check_promise(path, int.from_bytes(head[4:8], "big"), int.from_bytes(head[8:], "big"), size)
        elif chunk := _sample_chunk(file, head[:4]):
            start, promised = chunk
            _check_promise(path, start, promised, size)
            if promised == 0 and start < size and _ends_before(head, start):
                return _with_open_end(file, start)
    return os.fsencode(path)


def _sample_chunk(file: BinaryIO, container: bytes) -> tuple[int, int] | None:
    """Where the chunk of samples starts and how many bytes it promises; None where there is no such chunk."""
    wanted = _SAMPLE_CHUNKS.get(container)
    order: Literal["big", "little"] = "big" if container in _BIG_ENDIAN else "little"
    position, long_size = 12, None
    while wanted:
        file.seek(position)
        header = file.read(24)
        if len(header) < 8:
            break
        name, size = header[:4], int.from_bytes(header[4:8], order)
        if name == wanted:
            return position + 8, long_size if long_size is not None and size == 0xFFFFFFFF else size
        if name == b"ds64":
            long_size = int.from_bytes(header[16:24], "little")
        position += 8 + size + size % 2
    return None


def _is_open_ended(promised: int) -> bool:
    return promised in _OPEN_ENDED or 0xFFFFFF00 <= promised <= 0xFFFFFFFF


def _check_promise(path: Path, start: int, promised: int, size: int) -> None:
    held = max(size - start, 0)
    if held < promised and not _is_open_ended(promised):
        raise BrokenAudioError(
            path, f"cut short: its header promises {promised} bytes of samples, {held} are there: {COPY}"
        )


def _ends_before(head: bytes, start: int) -> bool:
    """Whether the whole container claims to end before its samples start, as a streamed one does."""
    claimed = int.from_bytes(head[4:8], "big" if head[:4] in _BIG_ENDIAN else "little")
    return _is_open_ended(claimed) or claimed + 8 <= start


def _with_open_end(file: BinaryIO, start: int) -> io.BytesIO:
    file.seek(0)
    content = bytearray(file.read())
    content[start - 4 : start] = b"\xff" * 4  # the largest size: libsndfile then reads to the end of the file
    return io.BytesIO(content)


def _check_ogg_pages(path: Path, file: BinaryIO) -> None:
    """Refuse an Ogg file unless its pages are intact and the last one is marked as the end (RFC 3533)."""
    file.seek(0)
    content = file.read()
    position, ended = 0, False
    while content.startswith(b"OggS", position):
        end = _ogg_page_end(content, position)
        if end > len(content):
            ended = False
            break
        # The checksum covers the page with zeros in the place of the checksum itself.
        page = content[position : position + 22] + bytes(4) + content[position + 26 : end]
        if _ogg_checksum(page) != int.from_bytes(content[position + 22 : position + 26], "little"):
            raise BrokenAudioError(path, f"damaged: the page at byte {position} has a wrong checksum: {COPY}")
        position, ended = end, bool(content[position + 5] & 4)
    if not ended:
        raise BrokenAudioError(
            path,
            f"cut short: the stream must end with a page marked as its last, none is there, "
            f"whole pages stop at byte {position} of {len(content)}: {COPY}",
        )


def _ogg_page_end(content: bytes, position: int) -> int:
    """Where the page at `position` ends; beyond the content where the page is incomplete."""
    header_end = position + 27
    if header_end > len(content):
        return header_end
    table_end = header_end + content[header_end - 1]
    return table_end + sum(content[header_end:table_end])


def _ogg_checksum(page: bytes) -> int:
    """Ogg's CRC-32: zlib's polynomial with the bits in the other order, and no inversions."""
    reversed_sum = zlib.crc32(page.translate(_REVERSED_BITS), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reversed_sum.to_bytes(4, "little").translate(_REVERSED_BITS), "big")
