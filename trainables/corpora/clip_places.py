"""Where in a recording its clips lie."""

import numpy as np
from numpy.typing import NDArray

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.corpus import Waveform

BLOCK_SECONDS = 0.01
"""What is loud is told in steps of so much."""

_SLACK = 0.01
"""Part of a clip that may be missing at the end of a recording: decoders drop some samples there."""

Energies = NDArray[np.float64]


def clip_count(cut: Cut, seconds: float) -> int:
    """How many clips a recording of so many `seconds` yields: at least one, at most `cut.per_recording`."""
    return min(cut.per_recording, max(1, int(seconds / cut.seconds + _SLACK)))


def even_starts(cut: Cut, seconds: float) -> list[float]:
    """Where the clips of a recording start that are not looked for by what is heard there, in seconds."""
    count = clip_count(cut, seconds)
    first = max(0.0, (seconds - count * cut.seconds) / 2) if cut.place == "middle" else 0.0
    return [first + number * cut.seconds for number in range(count)]


def starts(cut: Cut, waveform: Waveform, sample_rate_hz: int) -> list[float]:
    """Where the clips of `waveform` (time,) start, in seconds, in their order."""
    seconds = len(waveform) / sample_rate_hz
    if cut.place != "loudest":
        return even_starts(cut, seconds)
    return loudest_starts(energies(waveform, sample_rate_hz), cut.seconds, clip_count(cut, seconds))


def energies(waveform: Waveform, sample_rate_hz: int) -> Energies:
    """The energy of each `BLOCK_SECONDS` of `waveform` (time,) about the block's own mean, which nobody hears."""
    samples = max(1, round(BLOCK_SECONDS * sample_rate_hz))
    padded = np.pad(waveform, (0, -len(waveform) % samples)).reshape(-1, samples)
    variances: Energies = padded.var(axis=1, dtype=np.float64)
    return variances * samples


def loudest_starts(heard: Energies, clip_seconds: float, count: int) -> list[float]:
    """Where the `count` clips start, none over another, that together hold most of the energy, in seconds.

    `most[i]` is what the clips so far hold at best that end at block `i` or before: the last of them either ends there,
    or the best is that of the block before.
    """
    width = max(1, round(clip_seconds / BLOCK_SECONDS))
    if count == 1 and len(heard) <= width:
        return [0.0]
    padded = np.pad(heard, (0, max(0, count * width - len(heard))))
    sums = np.concatenate([[0.0], np.cumsum(padded)])
    clip_sums = sums[width:] - sums[:-width]
    most = np.zeros(len(sums))
    by_count: list[Energies] = []
    for _ in range(count):
        ending = np.full(len(sums), -np.inf)
        ending[width:] = most[:-width] + clip_sums
        by_count.append(ending)
        most = np.maximum.accumulate(ending)
    stop, starts_found = len(padded), []
    for ending in reversed(by_count):
        place = int(np.argmax(ending[: stop + 1])) - width
        starts_found.append(place * BLOCK_SECONDS)
        stop = place
    return starts_found[::-1]
