"""The embedded corpus of sound events: ten kinds, in folds. Needs no files and no download."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from soundproof.search_spaces.specs import SyntheticSounds
from soundproof.trainables.corpora.corpus import Example, Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, clips_on_demand
from soundproof.trainables.corpora.embedded.sound_events import render_event


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    fold: int
    kind: int  # place of its class among all
    number: int  # among the sources of its kind and fold


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticSoundsCorpus:
    """Implements `Corpus`. Audio is made when asked for; clip `i` always sounds the same."""

    spec: SyntheticSounds
    examples: Sequence[Example]
    sources: Sequence[_Source] = field(repr=False)
    skipped: Sequence[str] = ()

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """See `Corpus.waveforms`."""
        return clips_on_demand(indices, self.spec.cut, self._render, sample_rate_hz)

    def _render(self, number: int) -> Waveform:
        source, spec = self.sources[number], self.spec
        return render_event(
            spec.classes[source.kind],
            np.random.default_rng([spec.seed, source.kind, source.fold, source.number]),
            spec.cut.seconds * spec.cut.per_recording,
            RENDERING_RATE_HZ,
            minimum_snr_db=spec.minimum_snr_db,
            maximum_snr_db=spec.maximum_snr_db,
        )


def make_synthetic_sounds(spec: SyntheticSounds) -> SyntheticSoundsCorpus:
    """The corpus of `spec`: which source of which kind is in which fold. A larger one contains the smaller ones."""
    sources = [
        _Source(fold=fold, kind=kind, number=number)
        for fold in range(1, spec.folds + 1)
        for kind in range(len(spec.classes))
        for number in range(spec.sources_per_fold)
    ]
    examples = [example for source in sources for example in _examples(spec, source)]
    return SyntheticSoundsCorpus(spec=spec, examples=tuple(examples), sources=tuple(sources))


def _examples(spec: SyntheticSounds, source: _Source) -> Iterator[Example]:
    kind = spec.classes[source.kind]
    recording = f"{source.fold}/{kind}/{source.number:03d}"
    for piece in range(spec.cut.per_recording):
        yield Example(key=f"{recording}/{piece:02d}", target=kind, recording=recording, fold=source.fold)
