"""Audio files: whether they are whole, what their headers say, and their samples.

What containers promise is checked by `corpora.audio`, which also decodes them.
"""

import hashlib
import json
import logging
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from soundproof.trainables.corpora.audio import decoding
from soundproof.trainables.corpora.audio.broken import COPY, BrokenAudioError
from soundproof.trainables.corpora.corpus import CorpusError, Waveform

_LOGGER = logging.getLogger(__name__)

_DIGEST_CHARACTERS = 16
"""Hexadecimal characters kept of a SHA-256 hash, as in the hashes of specs."""

_BLOCK_SAMPLES = 1 << 22
"""Of all channels together: a header may promise a thousand of them."""

_FEW_SAMPLES = 1 << 16
"""Of a recording that is only looked into."""


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
    status = _status(path)
    return _inspected(path, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=1 << 16)
def _inspected(path: Path, _state: tuple[int, ...]) -> AudioInfo:
    """As `inspect`; a corpus that was opened is not decoded once more to be described."""
    with _open(path) as audio:
        stated = audio.stated_frames
        frames = sum(len(block) for block in _blocks(path, audio)) if stated is None else stated
        if frames == 0:
            raise _empty(path)
        return AudioInfo(frames=frames, sample_rate_hz=audio.samplerate, channels=audio.channels)


def mono_blocks(path: Path, samples_at_once: int) -> Iterator[Waveform]:
    """The mean of the channels of the file at `path`, at its own rate, in blocks of shape `(time,)`.

    A block holds at most so many samples of all channels. Raises `BrokenAudioError` as `inspect` does.
    """
    with _open(path) as audio:
        for block in decoding.checked_blocks(path, audio, samples_at_once):
            yield block.mean(axis=1, dtype=np.float32)


def read_waveform(path: Path, sample_rate_hz: int) -> Waveform:
    """Samples of the file at `path`, shape `(time,)`: the mean of its channels, resampled, clipped to -1..1.

    Raises `BrokenAudioError` as `inspect` does.
    """
    return resampled(*read_mono(path), sample_rate_hz)


def read_mono(path: Path) -> tuple[Waveform, int]:
    """Samples of the file at `path`, shape `(time,)`, the mean of its channels, and their own rate in Hz.

    Raises `BrokenAudioError` as `inspect` does.
    """
    with _open(path) as audio:
        rate = audio.samplerate
        blocks = [block.mean(axis=1, dtype=np.float32) for block in _blocks(path, audio)]
    if not blocks:
        raise _empty(path)
    return np.concatenate(blocks), rate


def read_beginning(path: Path, seconds: float) -> tuple[Waveform, int]:
    """As `read_mono`, of the file's first `seconds` alone; what follows is not decoded."""
    with _open(path) as audio:
        rate = audio.samplerate
        wanted, blocks, had = max(1, round(seconds * rate)), [], 0
        for block in decoding.checked_blocks(path, audio, _FEW_SAMPLES):
            blocks.append(block.mean(axis=1, dtype=np.float32))
            had += len(block)
            if had >= wanted:
                break
    if not blocks:
        raise _empty(path)
    return np.concatenate(blocks)[:wanted], rate


class Peaks(NamedTuple):
    """The largest magnitude in any channel of a file, and that of the mean of its channels."""

    channels: float
    mean: float


def peaks(path: Path, *, enough: float) -> Peaks:
    """How loud the file at `path` is at most; where the mean is found to be `enough`, the rest is not decoded.

    Raises `BrokenAudioError` as `inspect` does.
    """
    channels = mean = 0.0
    with _open(path) as audio:
        for block in decoding.checked_blocks(path, audio, _FEW_SAMPLES):
            if block.size:
                channels = max(channels, float(np.abs(block).max()))
                mean = max(mean, float(np.abs(block.mean(axis=1)).max()))
            if mean >= enough:
                break
    return Peaks(channels, mean)


def resampled(mono: Waveform, rate: int, sample_rate_hz: int) -> Waveform:
    """`mono` (time,) at another rate, clipped to -1..1."""
    if rate != sample_rate_hz:
        import torch  # noqa: PLC0415  # whoever reads headers only need not wait seconds for it

        from soundproof.trainables.audio_maths import recording_resampler  # noqa: PLC0415  # as above

        mono = recording_resampler(resampling_ratio(rate, sample_rate_hz))(torch.from_numpy(mono)).numpy()
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
    return short_digest("".join(json.dumps([name, file_digest(root / name)]) for name in sorted(names)))


def short_digest(text: str) -> str:
    """The beginning of a hash of `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]


def enumerate_problems(problems: Sequence[str], shown: int = 20) -> str:
    """The first problems, one a line, and how many more there are."""
    lines = [f"  {problem}" for problem in problems[:shown]]
    if len(problems) > shown:
        lines.append(f"  and {len(problems) - shown} more")
    return "\n".join(lines)


def examine_all(paths: Sequence[Path]) -> list[tuple[float, str] | BrokenAudioError]:
    """Seconds and hash of every file, or what is wrong with it. Decoding and hashing release the interpreter's lock."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(_examine, paths))


def _examine(path: Path) -> tuple[float, str] | BrokenAudioError:
    try:
        return inspect(path).duration_seconds, file_digest(path)
    except BrokenAudioError as error:
        return error


def refuse_problems(
    place: str, total: int, thing: str, *, faults: Sequence[str], broken: Sequence[str], skip_broken: bool
) -> None:
    """Raise `CorpusError` naming all `faults` and, as their reasons, the `broken` recordings.

    They were found in a `total` of such things. With `skip_broken`, broken recordings alone are no reason to refuse.
    """
    if faults or (broken and not skip_broken):
        problems = [*faults, *broken]
        remedy = "correct them" if faults else "repair or remove them, or leave broken recordings out (--skip-broken)"
        if faults and broken:
            remedy = (
                "correct them; the last of these is a single recording, which counts as not there"
                if len(broken) == 1
                else f"correct them; the last {len(broken)} concern single recordings, which count as not there"
            )
        raise CorpusError(
            f"{place}: {len(problems)} problem{'s' if len(problems) > 1 else ''} in {total} "
            f"{thing}{'s' if total != 1 else ''}:\n{enumerate_problems(problems)}\n{remedy}"
        )
    if broken:
        _LOGGER.info("%d recordings of %s are left out", len(broken), place)


def _blocks(path: Path, audio: decoding.Audio) -> Iterator[Waveform]:
    """All samples, in blocks of shape `(time, channels)`; refuses what cannot be decoded and what is not finite."""
    return decoding.checked_blocks(path, audio, _BLOCK_SAMPLES)


_LARGEST_STEP = 3000
"""Of samples in and out, between places where both rates have one."""


def resampling_ratio(from_hz: int, to_hz: int) -> Fraction:
    """Samples after resampling for each one before.

    The filter between rates that share next to no factor would need gigabytes: theirs is the nearest simple ratio, at
    most 1e-6 away.
    """
    ratio = Fraction(to_hz, from_hz).limit_denominator(_LARGEST_STEP)
    return ratio if ratio.numerator <= _LARGEST_STEP else 1 / Fraction(from_hz, to_hz).limit_denominator(_LARGEST_STEP)


def _empty(path: Path) -> BrokenAudioError:
    return BrokenAudioError(path, "empty: expected at least one frame of audio, got 0: record it again or remove it")


def _unreadable(path: Path, error: OSError) -> BrokenAudioError:
    return BrokenAudioError(path, f"cannot be read ({error.strerror}): check the path and its permissions")


def _open(path: Path) -> decoding.Audio:
    """The file, ready to be read, its container checked. The caller closes it."""
    size = _status(path).st_size
    try:
        return decoding.opened(path, size)
    except OSError as error:
        raise _unreadable(path, error) from error


def _status(path: Path) -> os.stat_result:
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
        raise BrokenAudioError(path, f"empty: expected audio, got 0 bytes: {COPY}")
    return status
