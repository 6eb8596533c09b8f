"""Ogg (RFC 3533): pages with checksums, the last of a stream marked; streams one after another, or side by side."""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from soundproof.trainables.corpora.audio import flac
from soundproof.trainables.corpora.audio.broken import COPY, BrokenAudioError
from soundproof.trainables.corpora.audio.parts import Part, whole_file

_REVERSED_BITS = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_FLAC = b"\x7fFLAC"
_AUDIO = (b"\x01vorbis", b"OpusHead", _FLAC)
_FIRST_PAGE, _LAST_PAGE, _CONTINUED = 2, 4, 1


@dataclass(kw_only=True, slots=True)
class _Stream:
    """One logical stream: what its first page begins with, and where its pages lie."""

    kind: bytes
    pages: list[tuple[int, int]] = field(default_factory=list)
    ended: bool = False


def parts(path: Path, file: BinaryIO) -> list[Part]:
    """A part for each stream of audio that follows another.

    Raises `BrokenAudioError` unless every page is intact and every stream of audio ends with a page marked as its last.
    """
    file.seek(0)
    content = file.read()
    links = _links(path, content)
    streams = []
    for link in links:
        audio = [stream for stream in link if stream.kind.startswith(_AUDIO)]
        if len(audio) > 1:
            raise BrokenAudioError(path, f"holds {len(audio)} sounds at once: extract one of them into a file")
        streams += audio
    if len(links) == 1 and len(links[0]) == 1 and not links[0][0].kind.startswith(_FLAC):
        return [whole_file(path)]
    return [_part(path, content, stream) for stream in streams] or [whole_file(path)]


def _links(path: Path, content: bytes) -> list[list[_Stream]]:
    """The streams that lie side by side, for each such group."""
    links: list[dict[int, _Stream]] = []
    starting = False
    for start, end in pages(path, content):
        serial = int.from_bytes(content[start + 14 : start + 18], "little")
        flags = content[start + 5]
        if flags & _FIRST_PAGE:
            if not starting:
                links.append({})
            begin = start + 27 + content[start + 26]
            links[-1][serial] = _Stream(kind=content[begin : min(begin + 8, end)])
        starting = bool(flags & _FIRST_PAGE)
        stream = links[-1].get(serial) if links else None
        if stream is None:
            raise BrokenAudioError(path, f"damaged: the page at byte {start} belongs to no stream: {COPY}")
        stream.pages.append((start, end))
        stream.ended = bool(flags & _LAST_PAGE)
    for link in links:
        if not all(stream.ended for stream in link.values()):
            last = max(end for stream in link.values() for _, end in stream.pages)
            raise _endless(path, last, len(content))
    if not links:
        raise _endless(path, 0, len(content))
    return [list(link.values()) for link in links]


def pages(path: Path, content: bytes) -> Iterator[tuple[int, int]]:
    """Where each page begins and ends. Raises `BrokenAudioError` for a wrong checksum and for half a page."""
    position = 0
    while content.startswith(b"OggS", position):
        end = page_end(content, position)
        if end > len(content):
            raise _endless(path, position, len(content))
        # The checksum covers the page with zeros in the place of the checksum itself.
        page = content[position : position + 22] + bytes(4) + content[position + 26 : end]
        if checksum(page) != int.from_bytes(content[position + 22 : position + 26], "little"):
            raise BrokenAudioError(path, f"damaged: the page at byte {position} has a wrong checksum: {COPY}")
        yield position, end
        position = end


def _endless(path: Path, position: int, size: int) -> BrokenAudioError:
    return BrokenAudioError(
        path,
        f"cut short: the stream must end with a page marked as its last, none is there, "
        f"whole pages stop at byte {position} of {size}: {COPY}",
    )


def page_end(content: bytes, position: int) -> int:
    """Where the page at `position` ends; beyond the content where the page is incomplete."""
    header_end = position + 27
    if header_end > len(content):
        return header_end
    table_end = header_end + content[header_end - 1]
    return table_end + sum(content[header_end:table_end])


def checksum(page: bytes) -> int:
    """Ogg's CRC-32: zlib's polynomial with the bits in the other order, and no inversions."""
    reversed_sum = zlib.crc32(page.translate(_REVERSED_BITS), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reversed_sum.to_bytes(4, "little").translate(_REVERSED_BITS), "big")


def _part(path: Path, content: bytes, stream: _Stream) -> Part:
    if not stream.kind.startswith(_FLAC):
        return Part(content=io.BytesIO(b"".join(content[start:end] for start, end in stream.pages)))
    bodies = (content[start + 27 + content[start + 26] : end] for start, end in stream.pages)
    native = b"".join(bodies)[9:]  # what is Ogg's: the kind, a version, and the number of packets to follow
    if not native.startswith(b"fLaC") or len(native) < 26:
        raise BrokenAudioError(path, f"damaged: its first page holds no header of FLAC: {COPY}")
    length_open = flac.leaves_length_open(native)
    if length_open:
        for place, patch in flac.LONGEST.items():
            native = native[:place] + patch + native[place + len(patch) :]
    return Part(content=io.BytesIO(native), open_end=length_open)
