"""A small real corpus as features, and trials on it that train in a second or two."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.specs import Adam, Budget, GroupSplit, PlateauStopping, Recipe, Trial
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.features import FeatureStore, load, prepare

SMOKE = PRESETS["speech"]["smoke"]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    """Features of the smoke preset's embedded speech."""
    variant = SMOKE.variant(find_study("asr-cnn-sublayer-order").variants[0])
    cache = tmp_path_factory.mktemp("features")
    return load(prepare(make_synthetic_speech(SMOKE.corpus), variant.features, cache, workers=1))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Trials on CPUs use one thread each."""
    torch.set_num_threads(1)


@pytest.fixture
def make_trial() -> Callable[..., Trial]:
    """Trials of the first study's variants; keywords replace fields of the recipe."""

    def make(
        variant: int = 0, *, seed: int = 0, epochs: int = 2, stopping: PlateauStopping | None = None, rate: float = 0.01
    ) -> Trial:
        smoke = SMOKE.variant(find_study("asr-cnn-sublayer-order").variants[variant])
        recipe = Recipe(optimizer=Adam(learning_rate=rate), batch_size=8, clip_norm=5.0, stopping=stopping)
        return Trial(
            corpus=SMOKE.corpus,
            split=GroupSplit(),
            features=smoke.features,
            network=smoke.network,
            recipe=replace(recipe),
            budget=Budget(epochs=epochs, preset="smoke"),
            seed=seed,
        )

    return make
