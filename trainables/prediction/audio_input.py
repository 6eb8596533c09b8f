"""Audio files of any length as one waveform: decoded and resampled block by block.

The samples are those of `trainables.corpora.recorded.audio_files.read_waveform`, which holds several copies of the
recording at its own rate: gigabytes for an hour. Here only the result is held.
"""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
import soundfile
import torch

from soundproof.trainables.audio_maths import transforms
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.recorded.audio_containers import checked_source
from soundproof.trainables.corpora.recorded.audio_files import inspect, resampling_ratio

_BLOCK_FRAMES = 1 << 19


def read_long_waveform(path: Path, sample_rate_hz: int) -> Waveform:
    """Samples of the file at `path`, shape `(time,)`: the mean of its channels, resampled, clipped to -1..1.

    Raises `BrokenAudioError` as `inspect` does.
    """
    info = inspect(path)
    ratio = resampling_ratio(info.sample_rate_hz, sample_rate_hz)
    blocks = _mono_blocks(path)
    if ratio != 1:
        blocks = _resampled(blocks, ratio)
    waveform = np.zeros(math.ceil(info.frames * ratio), dtype=np.float32)
    position = 0
    for block in blocks:
        room = waveform[position : position + len(block)]
        np.clip(block[: len(room)], -1.0, 1.0, out=room)
        position += len(block)
    return waveform


def _mono_blocks(path: Path) -> Iterator[Waveform]:
    with soundfile.SoundFile(checked_source(path, path.stat().st_size)) as audio:
        while len(block := audio.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
            yield block.mean(axis=1, dtype=np.float32)


def _resampled(blocks: Iterable[Waveform], ratio: Fraction) -> Iterator[Waveform]:
    """The blocks of one signal at `ratio` times its rate, and silence after it.

    Every block is resampled with as much of its neighbours as the filter sees, and cut where both rates have a sample.
    """
    step, steps_out = ratio.denominator, ratio.numerator
    resample = transforms.Resample(step, steps_out)
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
