"""The embedded corpus of music: tracks of six genres, cut into clips. Needs no files and no download."""

from itertools import product

import numpy as np

from soundproof.search_spaces.specs import SyntheticGenres
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, RenderedCorpus, pieces
from soundproof.trainables.corpora.embedded.rhythmic_genres import render_track


def make_synthetic_genres(spec: SyntheticGenres) -> RenderedCorpus:
    """The corpus of `spec`. One of more tracks contains those of fewer."""
    tracks = tuple(product(range(len(spec.classes)), range(spec.tracks_per_genre)))
    examples = [
        example
        for genre, number in tracks
        for example in pieces(f"{spec.classes[genre]}/{number:05d}", spec.classes[genre], spec.cut)
    ]
    return RenderedCorpus(spec=spec, examples=tuple(examples), sources=tracks, render=_render)


def _render(spec: SyntheticGenres, track: tuple[int, int]) -> Waveform:
    """`track`: the place of its genre among all, and its number among those of the genre."""
    generator, seconds = np.random.default_rng([spec.seed, *track]), spec.cut.seconds * spec.cut.per_recording
    return render_track(spec.classes[track[0]], generator, seconds, RENDERING_RATE_HZ)
