"""Long recordings in pieces that a network can be asked about."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.corpus import Waveform

WHOLE_SECONDS = 30.0
"""Speech up to this length is transcribed as one; longer speech in pieces no longer than this."""

_PIECE_SECONDS = 20.0
_SEARCH_SECONDS = 5.0
_PAUSE_SECONDS = 0.2

Piece = tuple[float, Waveform]
"""Where a piece starts in its recording, in seconds, and its samples."""


def clips(waveform: Waveform, cut: Cut, sample_rate_hz: int) -> Iterator[Piece]:
    """`waveform` (samples,) in clips of `cut.seconds`, one after another, as the clips of a corpus are cut.

    A last clip that is at least half there is completed with silence, and so is the only one.
    """
    samples = round(cut.seconds * sample_rate_hz)
    count = max(1, math.floor(len(waveform) / (cut.seconds * sample_rate_hz) + 0.5))
    for number in range(count):
        start = round(number * cut.seconds * sample_rate_hz)
        part = waveform[start : start + samples]
        yield number * cut.seconds, np.pad(part, (0, samples - len(part)))


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
