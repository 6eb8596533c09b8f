"""Clips in which nobody speaks, cut from recordings of noise so that no two partitions share any noise."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from soundproof.search_spaces.specs import Cut, Partition
from soundproof.trainables.corpora.recorded.audio_containers import BrokenAudioError
from soundproof.trainables.corpora.recorded.clip_files import Piece, Place, Recording, example_of

SILENCE = "silence"

_HELD_OUT_PART = 0.1
"""Of a noise, what belongs to the validation alone, and as much again in the test alone."""

_GUARD_SECONDS = 0.01
"""Between the sections of two partitions: more than rounding and the filters of resampling reach across."""


def noise_shares(names: Sequence[str], wanted: Mapping[Partition, int]) -> dict[Recording, int]:
    """Each noise once for each partition, and how many clips to cut from it: together those that are wanted."""
    return {
        Recording(name=name, label=SILENCE, group=f"{name}:{partition}", partition=partition): share
        for partition, count in wanted.items()
        for number, name in enumerate(names)
        if (share := count * (number + 1) // len(names) - count * number // len(names))
    }


def cut_noise(path: Path, cut: Cut, noise: Recording, seconds: float, share: int) -> Iterator[Piece]:
    """`share` clips of a partition's section of a noise, at places and with gains that the noise's name decides.

    Raises `BrokenAudioError` for the file at `path` where its `seconds` are too few for three sections.
    """
    start, stop = _section(path, cut.seconds, noise.partition, seconds)
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(ascii(noise.group).encode()).digest()[:8], "big"))
    places = np.sort(generator.uniform(start, stop - cut.seconds, size=share))
    for number, (place, gain) in enumerate(zip(places.tolist(), generator.uniform(size=share).tolist(), strict=True)):
        yield (
            example_of(noise, f"{noise.group}#{number}"),
            Place(name=noise.name, start_seconds=place, gain=gain),
        )


def _section(path: Path, clip_seconds: float, partition: Partition | None, seconds: float) -> tuple[float, float]:
    """Where the section of `partition` starts and stops: the test has the end, the validation what is before it."""
    least = clip_seconds + 2 * _GUARD_SECONDS
    if seconds < 3 * least:
        raise BrokenAudioError(
            path,
            f"noise must last at least {3 * least:.2f} s to be divided among training, validation and test, "
            f"got {seconds:.2f} s: give a longer one or remove it",
        )
    held_out = max(_HELD_OUT_PART * seconds, least)
    start, stop = {
        "test": (seconds - held_out, seconds),
        "validation": (seconds - 2 * held_out, seconds - held_out),
    }.get(partition or "train", (0.0, seconds - 2 * held_out))
    return start + _GUARD_SECONDS, stop - _GUARD_SECONDS
