"""Noise in the place of features: for what is timed or compared, and learns nothing that matters."""

from collections.abc import Sequence

import numpy as np

from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.features import FeatureStore


def noise_features(
    examples: Sequence[Example], frames: Sequence[int], dimensions: int, chance: np.random.Generator
) -> FeatureStore:
    """Normal values (frames, dimensions) for each example, of as many frames as `frames` says in its place."""
    clips = [chance.standard_normal((length, dimensions), np.float32) for length in frames]
    wide = [clip.astype(np.float64) for clip in clips]
    return FeatureStore(
        examples=tuple(examples),
        offsets=np.cumsum([0, *frames]),
        frames=np.concatenate(clips),
        moments=np.stack([np.stack([clip.sum(axis=0), np.square(clip).sum(axis=0)]) for clip in wide]),
        skipped=(),
    )
