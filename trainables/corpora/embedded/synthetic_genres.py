"""The embedded corpus of music: tracks of six genres, cut into clips. Needs no files and no download."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from soundproof.search_spaces.specs import SyntheticGenres
from soundproof.trainables.corpora.corpus import Example, Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, clips_on_demand
from soundproof.trainables.corpora.embedded.rhythmic_genres import render_track


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticGenresCorpus:
    """Implements `Corpus`. Audio is made when asked for; clip `i` always sounds the same."""

    spec: SyntheticGenres
    examples: Sequence[Example]
    skipped: Sequence[str] = ()

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """See `Corpus.waveforms`."""
        return clips_on_demand(indices, self.spec.cut, self._render, sample_rate_hz)

    def _render(self, track: int) -> Waveform:
        genre, number = divmod(track, self.spec.tracks_per_genre)
        return render_track(
            self.spec.classes[genre],
            np.random.default_rng([self.spec.seed, genre, number]),
            self.spec.cut.seconds * self.spec.cut.per_recording,
            RENDERING_RATE_HZ,
        )


def make_synthetic_genres(spec: SyntheticGenres) -> SyntheticGenresCorpus:
    """The corpus of `spec`. One of more tracks contains those of fewer."""
    examples = [
        Example(key=f"{genre}/{number:05d}/{piece:02d}", target=genre, recording=f"{genre}/{number:05d}")
        for genre in spec.classes
        for number in range(spec.tracks_per_genre)
        for piece in range(spec.cut.per_recording)
    ]
    return SyntheticGenresCorpus(spec=spec, examples=tuple(examples))
