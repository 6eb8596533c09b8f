"""The embedded corpus of sound events: ten kinds, in folds. Needs no files and no download."""

from itertools import product

import numpy as np

from soundproof.search_spaces.specs import SyntheticSounds
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, RenderedCorpus, pieces
from soundproof.trainables.corpora.embedded.sound_events import render_event


def make_synthetic_sounds(spec: SyntheticSounds) -> RenderedCorpus:
    """The corpus of `spec`: which source of which kind is in which fold. A larger one contains the smaller ones."""
    sources = tuple(product(range(1, spec.folds + 1), range(len(spec.classes)), range(spec.sources_per_fold)))
    examples = [
        example
        for fold, kind, number in sources
        for example in pieces(f"{fold}/{spec.classes[kind]}/{number:03d}", spec.classes[kind], spec.cut, fold)
    ]
    return RenderedCorpus(spec=spec, examples=tuple(examples), sources=sources, render=_render)


def _render(spec: SyntheticSounds, source: tuple[int, int, int]) -> Waveform:
    """`source`: its fold, the place of its class among all, and its number among those of both."""
    fold, kind, number = source
    generator, seconds = (
        np.random.default_rng([spec.seed, kind, fold, number]),
        spec.cut.seconds * spec.cut.per_recording,
    )
    snr_db = spec.minimum_snr_db, spec.maximum_snr_db
    return render_event(spec.classes[kind], generator, seconds, RENDERING_RATE_HZ, snr_db)
