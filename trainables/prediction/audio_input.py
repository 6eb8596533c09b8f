"""Audio files of any length as one waveform: decoded and resampled block by block.

The samples are those of `trainables.corpora.recorded.audio_files.read_waveform`, which holds several copies of the
recording at its own rate: gigabytes for an hour. Here only the result is held.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import torch

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.audio_maths import recording_resampler, transforms
from soundproof.trainables.corpora.clip_places import starts
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.recorded.audio_files import inspect, mono_blocks, resampling_ratio

_BLOCK_SAMPLES = 1 << 19
"""Of all channels together."""


Resampler = Callable[[Fraction], transforms.Resample]


def read_long_waveform(path: Path, sample_rate_hz: int, resampler: Resampler = recording_resampler) -> Waveform:
    """Samples of the file at `path`, shape `(time,)`: the mean of its channels, resampled, clipped to -1..1.

    `resampler` gives the filter for a ratio of rates, as whatever hears the samples was trained with.

    Raises `BrokenAudioError` as `inspect` does.
    """
    info = inspect(path)
    ratio = resampling_ratio(info.sample_rate_hz, sample_rate_hz)
    blocks = mono_blocks(path, _BLOCK_SAMPLES)
    if ratio != 1:
        blocks = _resampled(blocks, ratio, resampler(ratio))
    waveform = np.zeros(math.ceil(info.frames * ratio), dtype=np.float32)
    position = 0
    for block in blocks:
        room = waveform[position : position + len(block)]
        np.clip(block[: len(room)], -1.0, 1.0, out=room)
        position += len(block)
    return waveform


def _resampled(blocks: Iterable[Waveform], ratio: Fraction, resample: transforms.Resample) -> Iterator[Waveform]:
    """The blocks of one signal at `ratio` times its rate, and silence after it.

    Every block is resampled with as much of its neighbours as the filter sees, and cut where both rates have a sample.
    """
    step, steps_out = ratio.denominator, ratio.numerator
    margin = math.ceil(resample.width / step + 1)
    pending = np.zeros(margin * step, dtype=np.float32)
    silence = np.zeros((margin + 1) * step, dtype=np.float32)
    for block in chain(blocks, [silence]):
        pending = np.concatenate([pending, block])
        whole = len(pending) // step - 2 * margin
        if whole > 0:
            resampled = resample(torch.from_numpy(pending[: (whole + 2 * margin) * step])).numpy()
            yield resampled[margin * steps_out : (margin + whole) * steps_out]
            pending = pending[whole * step :]


WHOLE_SECONDS = 30.0
"""Speech up to this length is transcribed as one; longer speech in pieces no longer than this."""

_SLACK = 0.01
"""Part of the longest clip by which a piece may be longer."""

_PIECE_SECONDS = 20.0
_SEARCH_SECONDS = 5.0
_PAUSE_SECONDS = 0.2

Piece = tuple[float, Waveform]
"""Where a piece starts in its recording, in seconds, and its samples."""


def clips(waveform: Waveform, cut: Cut, sample_rate_hz: int) -> Iterator[Piece]:
    """`waveform` (samples,) in clips of `cut.seconds`: where it is loudest, if the network was trained on such places.

    Otherwise one after another. A last clip that is at least half there is completed with silence, and so is the only
    one.
    """
    samples = round(cut.seconds * sample_rate_hz)
    if cut.place == "loudest":
        for begin in starts(cut, waveform, sample_rate_hz):
            part = waveform[round(begin * sample_rate_hz) :][:samples]
            yield begin, np.pad(part, (0, samples - len(part)))
        return
    count = max(1, math.floor(len(waveform) / (cut.seconds * sample_rate_hz) + 0.5))
    for number in range(count):
        start = round(number * cut.seconds * sample_rate_hz)
        part = waveform[start : start + samples]
        yield number * cut.seconds, np.pad(part, (0, samples - len(part)))


def own_lengths(waveform: Waveform, cut: Cut, sample_rate_hz: int, least_samples: int) -> Iterator[Piece]:
    """`waveform` (samples,) whole; longer than `cut.seconds`, the longest trained with, in the fewest equal pieces.

    A piece may be longer than that by a hundredth, as decoders and resampling differ, and is longer where it would have
    less than `least_samples`.
    """
    most = cut.seconds * sample_rate_hz
    count = max(1, min(math.ceil(len(waveform) / most - _SLACK), len(waveform) // max(1, least_samples)))
    edges = [round(number * len(waveform) / count) for number in range(count + 1)]
    for start, stop in pairwise(edges):
        yield start / sample_rate_hz, waveform[start:stop]


def utterances(waveform: Waveform, sample_rate_hz: int) -> list[Piece]:
    """`waveform` (samples,) whole, or, longer than `WHOLE_SECONDS`, cut at quiet places into pieces of about 20 s.

    Equal pieces of at most 20 s, each cut moved by at most 5 s to the middle of the quietest 0.2 s: none is longer than
    `WHOLE_SECONDS`, none shorter than 3 s.
    """
    if len(waveform) <= WHOLE_SECONDS * sample_rate_hz:
        return [(0.0, waveform)]
    count = math.ceil(len(waveform) / (_PIECE_SECONDS * sample_rate_hz))
    even = [round(number * len(waveform) / count) for number in range(1, count)]
    cuts = [0, *(_quiet_place(waveform, place, sample_rate_hz) for place in even), len(waveform)]
    return [(start / sample_rate_hz, waveform[start:stop]) for start, stop in pairwise(cuts)]


def _quiet_place(waveform: Waveform, place: int, sample_rate_hz: int) -> int:
    """The middle of the quietest pause near sample `place`."""
    reach, pause = round(_SEARCH_SECONDS * sample_rate_hz), round(_PAUSE_SECONDS * sample_rate_hz)
    first = place - reach
    powers = np.square(waveform[first : place + reach], dtype=np.float64)
    sums = np.concatenate([[0.0], np.cumsum(powers)])
    return first + int(np.argmin(sums[pause:] - sums[:-pause])) + pause // 2
