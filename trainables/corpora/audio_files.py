"""Audio files: whether they are whole, what their headers say, and their samples.

libsndfile reads a WAV, AIFF or AU file that was cut short as if it were a shorter recording, an Ogg file with a
damaged page as if it ended there, and a WAV file that was streamed with its size left at 0 as empty. The sizes that
the containers promise are therefore checked here, before any sample is read.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np
import soundfile

from trainables.corpora.corpus import CorpusError, Waveform

if TYPE_CHECKING:
    from trainables.audio_maths import transforms

DIGEST_CHARACTERS = 16
"""Hexadecimal characters kept of a SHA-256 hash, as in the hashes of specs."""

_COPY = "copy it again from its source"
_BLOCK_FRAMES = 1 << 22
_UNKNOWN_FRAMES = 2**63 - 1
_PEAK_LIMIT = 8.0
"""Decoders and mixers overshoot full scale a little; 18 dB above it, a float file holds something else than -1..1."""

_LARGEST_RATE_DIVISOR = 3000
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


@dataclass(frozen=True, kw_only=True, slots=True)
class AudioInfo:
    """Length and form of a whole audio file. `frames` counts samples per channel, and is at least 1."""

    frames: int
    sample_rate_hz: int
    channels: int

    @property
    def duration_seconds(self) -> float:
        """How long the recording takes."""
        return self.frames / self.sample_rate_hz


def inspect(path: Path) -> AudioInfo:
    """Length and form of the file at `path`.

    A container of plain PCM is checked by its header alone; anything else is decoded. Raises `BrokenAudioError` where
    the file is missing, not audio, empty, cut short, damaged, or holds samples that are not finite.
    """
    with _open(path) as audio:
        frames = audio.frames if _header_suffices(audio) else sum(len(block) for block in _blocks(path, audio))
        if frames == 0:
            raise _empty(path)
        return AudioInfo(frames=frames, sample_rate_hz=audio.samplerate, channels=audio.channels)


def read_waveform(path: Path, sample_rate_hz: int) -> Waveform:
    """Samples of the file at `path`, shape `(time,)`: the mean of its channels, resampled, clipped to -1..1.

    Raises `BrokenAudioError` as `inspect` does.
    """
    with _open(path) as audio:
        rate = audio.samplerate
        blocks = [block.mean(axis=1, dtype=np.float32) for block in _blocks(path, audio)]
    if not blocks:
        raise _empty(path)
    mono = np.concatenate(blocks)
    if rate != sample_rate_hz:
        mono = _resample(mono, rate, sample_rate_hz)
    clipped: Waveform = np.clip(mono, -1.0, 1.0)
    return clipped


def file_digest(path: Path) -> str:
    """The SHA-256 hash of the bytes at `path`, in hexadecimal."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def content_digest(root: Path, names: Iterable[str]) -> str:
    """A hash of files: their names relative to `root` and their bytes. It does not depend on where `root` lies.

    Files are read in the order of their names, whatever the order of `names`.
    """
    total = hashlib.sha256()
    for name in sorted(names):
        total.update(json.dumps([name, file_digest(root / name)]).encode())
    return total.hexdigest()[:DIGEST_CHARACTERS]


def enumerate_problems(problems: Sequence[str], shown: int = 20) -> str:
    """The first problems, one a line, and how many more there are."""
    lines = [f"  {problem}" for problem in problems[:shown]]
    if len(problems) > shown:
        lines.append(f"  and {len(problems) - shown} more")
    return "\n".join(lines)


def _header_suffices(audio: soundfile.SoundFile) -> bool:
    plain = audio.subtype.startswith("PCM_") or audio.subtype in ("ULAW", "ALAW")
    return plain and audio.format in ("WAV", "WAVEX", "RF64", "AIFF", "AU")


def _blocks(path: Path, audio: soundfile.SoundFile) -> Iterator[Waveform]:
    """All samples, in blocks of shape `(time, channels)`; refuses what cannot be decoded and what is not finite."""
    if audio.frames == _UNKNOWN_FRAMES:
        raise BrokenAudioError(path, "its header does not say how long it is: convert it to WAV or FLAC again")
    position = 0
    while position < audio.frames:
        try:
            block = audio.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise BrokenAudioError(
                path, f"cannot be decoded after {position} of {audio.frames} frames ({error.error_string}): {_COPY}"
            ) from error
        if len(block) == 0:
            raise BrokenAudioError(path, f"cut short: {audio.frames} frames promised, {position} there: {_COPY}")
        _refuse_wild_samples(path, block, position)
        position += len(block)
        yield block


def _refuse_wild_samples(path: Path, block: Waveform, position: int) -> None:
    finite = np.isfinite(block).all(axis=1)
    if not finite.all():
        frame = position + int(np.argmin(finite))
        raise BrokenAudioError(path, f"samples must be finite, got NaN or infinity from frame {frame} on: {_COPY}")
    peak = float(np.abs(block).max())
    if peak > _PEAK_LIMIT:
        raise BrokenAudioError(path, f"samples must lie in -1..1, got a peak of {peak:g}: divide by full scale")


@lru_cache(maxsize=4)
def _resampler(rate: int, sample_rate_hz: int) -> transforms.Resample:
    """The filter from one rate to the other, made once.

    Rates that share next to no factor would need gigabytes: theirs is the nearest simple ratio, at most 1e-6 away.
    """
    # Whoever reads headers only need not wait seconds for torch.
    from trainables.audio_maths import transforms  # noqa: PLC0415

    ratio = Fraction(sample_rate_hz, rate).limit_denominator(_LARGEST_RATE_DIVISOR)
    return transforms.Resample(ratio.denominator, ratio.numerator)


def _resample(mono: Waveform, rate: int, sample_rate_hz: int) -> Waveform:
    import torch  # noqa: PLC0415  # as above

    resampled: Waveform = _resampler(rate, sample_rate_hz)(torch.from_numpy(mono)).numpy()
    return resampled


def _empty(path: Path) -> BrokenAudioError:
    return BrokenAudioError(path, "empty: expected at least one frame of audio, got 0: record it again or remove it")


def _unreadable(path: Path, error: OSError) -> BrokenAudioError:
    return BrokenAudioError(path, f"cannot be read ({error.strerror}): check the path and its permissions")


def _open(path: Path) -> soundfile.SoundFile:
    """The file, ready to be read, its container checked. The caller closes it."""
    size = _size(path)
    try:
        return soundfile.SoundFile(_checked_source(path, size))
    except OSError as error:
        raise _unreadable(path, error) from error
    except soundfile.LibsndfileError as error:
        raise BrokenAudioError(
            path, f"must be audio as WAV, FLAC, OGG or MP3, got something else ({error.error_string.rstrip('.')})"
        ) from error
    except TypeError as error:  # soundfile wants more arguments for a name that ends in .raw
        raise BrokenAudioError(path, "must be audio with a header, got raw samples: convert it to WAV") from error


def _size(path: Path) -> int:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BrokenAudioError(path, "does not exist: check the path") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:  # a NUL, or half of a surrogate pair
        raise BrokenAudioError(path, f"cannot be the name of a file ({error}): check the path") from error
    if not stat.S_ISREG(status.st_mode):
        raise BrokenAudioError(path, "must be an audio file, got a folder or a device: check the path")
    if status.st_size == 0:
        raise BrokenAudioError(path, f"empty: expected audio, got 0 bytes: {_COPY}")
    return status.st_size


def _checked_source(path: Path, size: int) -> bytes | io.BytesIO:
    """What to hand to libsndfile: the path, or the repaired bytes where libsndfile would see an empty file."""
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
            path, f"cut short: its header promises {promised} bytes of samples, {held} are there: {_COPY}"
        )


def _ends_before(head: bytes, start: int) -> bool:
    """Whether the whole container claims to end before its samples start, as a streamed one does."""
    claimed = int.from_bytes(head[4:8], "big" if head[:4] in _BIG_ENDIAN else "little")
    return _is_open_ended(claimed) or claimed + 8 <= start


def _with_open_end(file: BinaryIO, start: int) -> io.BytesIO:
    file.seek(0)
    content = bytearray(file.read())
    content[start - 4 : start] = b"\xff" * 4
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
        page = content[position : position + 22] + bytes(4) + content[position + 26 : end]
        if _ogg_checksum(page) != int.from_bytes(content[position + 22 : position + 26], "little"):
            raise BrokenAudioError(path, f"damaged: the page at byte {position} has a wrong checksum: {_COPY}")
        position, ended = end, bool(content[position + 5] & 4)
    if not ended:
        raise BrokenAudioError(
            path,
            f"cut short: the stream must end with a page marked as its last, none is there, "
            f"whole pages stop at byte {position} of {len(content)}: {_COPY}",
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
