"""Recordings that are made by formula, cut into clips: each is made once, at one rate, for all that is cut from it."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.corpus import Waveform

RENDERING_RATE_HZ = 22050
"""Made at one rate and resampled to others, a recording sounds the same at all of them."""


def clips_on_demand(
    indices: Sequence[int], cut: Cut, render: Callable[[int], Waveform], sample_rate_hz: int
) -> Iterator[Waveform]:
    """The clips at `indices` of a corpus in which all clips of a recording follow one another.

    `render` makes the recording of that number at `RENDERING_RATE_HZ`. It is called once for indices in a row that lie
    in one recording.
    """
    rendered, clips = None, []
    for index in indices:
        recording, piece = divmod(index, cut.per_recording)
        if recording != rendered:
            rendered, clips = recording, cut_recording(render(recording), cut, sample_rate_hz)
        yield clips[piece]


def cut_recording(recording: Waveform, cut: Cut, sample_rate_hz: int) -> list[Waveform]:
    """`recording` (samples at `RENDERING_RATE_HZ`) resampled and cut, `(round(cut.seconds * sample_rate_hz),)` each.

    Resampling overshoots, so the clips are held within -1..1.
    """
    from soundproof.trainables.audio_maths import resample  # noqa: PLC0415  # torch is not needed to plan a corpus

    samples = round(cut.seconds * sample_rate_hz)
    starts = [round(piece * cut.seconds * sample_rate_hz) for piece in range(cut.per_recording)]
    resampled = np.clip(resample(recording, RENDERING_RATE_HZ, sample_rate_hz), -1, 1)
    resampled = np.pad(resampled, (0, max(0, starts[-1] + samples - len(resampled))))  # rounding can lack a sample
    return [resampled[start : start + samples] for start in starts]
