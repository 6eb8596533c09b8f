"""Recordings that are made by formula, cut into clips: each is made once, at one rate, for all that is cut from it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from soundproof.search_spaces.specs import Cut
from soundproof.search_spaces.specs.clips import ClipCorpus
from soundproof.trainables.corpora.corpus import Example, Remark, Waveform

RENDERING_RATE_HZ = 22050
"""Made at one rate and resampled to others, a recording sounds the same at all of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedCorpus:
    """Implements `Corpus`. Audio is made when asked for; clip `i` always sounds the same.

    `render` makes a recording of the spec at `RENDERING_RATE_HZ` from one of `sources`, which says what is to be heard.
    All clips of a recording follow one another, as the sources do.
    """

    spec: ClipCorpus
    examples: Sequence[Example]
    sources: Sequence[Any] = field(repr=False)
    render: Callable[[Any, Any], Waveform] = field(repr=False)
    skipped: Sequence[str] = ()
    remarks: Sequence[Remark] = ()

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """See `Corpus.waveforms`. A recording is made once for indices in a row that lie in it."""
        cut, rendered, clips = self.spec.cut, None, []
        for index in indices:
            recording, piece = divmod(index, cut.per_recording)
            if recording != rendered:
                made = self.render(self.spec, self.sources[recording])
                rendered, clips = recording, cut_recording(made, cut, sample_rate_hz)
            yield clips[piece]


def pieces(recording: str, target: str, cut: Cut, fold: int | None = None) -> Iterator[Example]:
    """The clips of a recording, in their order."""
    for piece in range(cut.per_recording):
        yield Example(key=f"{recording}/{piece:02d}", target=target, recording=recording, fold=fold)


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
