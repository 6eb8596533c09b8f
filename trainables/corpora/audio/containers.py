"""Which container a file is, by its first bytes, and the parts that its header makes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from soundproof.trainables.corpora.audio import chunks, flac, headers, mpeg, ogg, tags, voc
from soundproof.trainables.corpora.audio.parts import Part, whole_file

_HEAD_BYTES = 64
_MPEG_ENDINGS = (".mp3", ".mp2", ".mp1", ".mpga")


def parts_of(path: Path, size: int) -> list[Part]:
    """What to hand to libsndfile for the file at `path`, of `size` bytes.

    Raises `BrokenAudioError` for a file that was cut short or damaged, as far as its container tells; `OSError`.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        tagged = tags.end_of_id3(head)
        if tagged:
            file.seek(tagged)
            behind = file.read(_HEAD_BYTES)
            if behind.startswith(b"fLaC"):
                return flac.parts(path, file, tagged)
            return _mpeg(path, file)
        return _parts(path, file, head, size)


def foreign_head(path: Path) -> bytes:
    """The first bytes of a file, behind a tag."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        file.seek(tags.end_of_id3(head))
        return file.read(_HEAD_BYTES)


def _parts(path: Path, file: BinaryIO, head: bytes, size: int) -> list[Part]:
    readers: dict[bytes | tuple[bytes, ...], Callable[[], list[Part]]] = {
        b"OggS": lambda: ogg.parts(path, file),
        b"fLaC": lambda: flac.parts(path, file, 0),
        b".snd": lambda: headers.au_parts(path, head, size),
        chunks.MAGICS: lambda: chunks.parts(path, file, head, size),
        chunks.WAVE64: lambda: chunks.wave64_parts(path, file, size),
        b"caff": lambda: chunks.caf_parts(path, file, size),
        b"NIST_1A": lambda: headers.sphere_parts(path, file, size),
        voc.MAGIC: lambda: voc.parts(path, file, size),
        headers.MAGICS: lambda: headers.counted_parts(path, file, head, size),
        b"MATLAB 5": lambda: headers.mat5_parts(path, file, size),
    }
    reader = next((reader for magic, reader in readers.items() if head.startswith(magic)), None)
    if reader is not None:
        return reader()
    if mpeg.begins(head) or path.name.lower().endswith(_MPEG_ENDINGS):
        return _mpeg(path, file)
    return _old_parts(path, file, head, size)


def _old_parts(path: Path, file: BinaryIO, head: bytes, size: int) -> list[Part]:
    if head.startswith(b"\xf0~") and len(head) >= 21:
        return headers.sds_parts(path, head, size)
    if head[:4] in (b"\0\0\0\0", b"\0\0\x03\xe8") and head[20:].startswith(b"samplerate"):
        return headers.mat4_parts(path, file, head, size)
    return [whole_file(path)]


def _mpeg(path: Path, file: BinaryIO) -> list[Part]:
    file.seek(0)
    return mpeg.parts(path, file.read())
