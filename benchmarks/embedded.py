"""Trials on the embedded speech with their features, for measurements of the engine without Ray and MLflow."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from soundproof.search_spaces import Preset, find_study
from soundproof.search_spaces.presets import plan_trial
from soundproof.search_spaces.specs import GroupSplit, SyntheticSpeech, Trial
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.features import FeatureStore, load, prepare


@contextmanager
def embedded_trials(
    study: str, places: Sequence[int], preset: Preset, seeds: int
) -> Iterator[tuple[list[Trial], FeatureStore]]:
    """The variants at `places` in a speech study, seed by seed, and the features that all of them read."""
    assert isinstance(preset.corpus, SyntheticSpeech)
    corpus = make_synthetic_speech(preset.corpus)
    variants = [preset.variant(find_study(study).variants[place]) for place in places]
    trials = [
        plan_trial(variant, preset, corpus.spec, GroupSplit(), seed).trial
        for seed in range(seeds)
        for variant in variants
    ]
    with tempfile.TemporaryDirectory() as cache:
        yield trials, load(prepare(corpus, variants[0].features, Path(cache)))
