"""Declared classification studies against their documents: recipes and claims.

Networks are compared in `classifiers/test_classifier_arithmetic.py`.
"""

from typing import Any

import pytest
from documented_facts import documented_facts

from soundproof.search_spaces import STUDIES, Variant, find_study
from soundproof.search_spaces.documented.classifying import QUESTION, keras_adam
from soundproof.search_spaces.specs import (
    ExponentialDecay,
    MelCepstrum,
    MelSpectrogram,
    RawWaveform,
    Recipe,
    Sgd,
    StepDecay,
)

VARIANTS = {variant.id: variant for study in STUDIES for variant in study.variants}
NOT_DOCUMENTED = {"genre-split-leak", "sound-augmentation"}

CLAIMS_OF_FINDINGS = {
    "genre-crnn": [1, 1],
    "esc-cnn-family": [1, 1, 1],
    "genre-ffnn": [1],
    "genre-cnn-filters": [2, 0],
    "speech-commands": [1],
}
"""How many claims each finding of a study became, in their order. That single runs cannot rank is a caveat."""

FURTHER_CLAIMS = {"esc-cnn-family": 2, "genre-cnn-filters": 1}
"""Claims of what documented numbers say without a sentence: which set of 32 filters is last, which network is larger,
which tests worse than it validates."""


@pytest.fixture(scope="module")
def facts() -> dict[str, dict[str, Any]]:
    """The documented studies by id."""
    return {study["id"]: study for study in documented_facts("classification")["studies"]}


def _recipe(variant_id: str) -> Recipe:
    return VARIANTS[variant_id].recipe


def _patience(recipe: Recipe) -> int | None:
    return recipe.stopping and recipe.stopping.patience_epochs


def test_every_documented_study_is_declared(facts: dict[str, Any]) -> None:
    """Ids in their order, questions, and all documented variants, in their order."""
    declared = [study for study in STUDIES if study.domain != "speech" and study.id not in NOT_DOCUMENTED]
    assert [(study.id, study.question) for study in declared] == [
        (key, fact["question"]) for key, fact in facts.items()
    ]
    for study in declared:
        own = [variant.id for variant in study.variants if variant.id[-2:].isdigit() and study.id in variant.id]
        assert own == [variant["id"] for variant in facts[study.id]["variants"]]


def test_every_finding_is_claimed(facts: dict[str, Any]) -> None:
    """Every finding became one or more claims or a caveat, and every other claim says that it is a question."""
    for study_id, counts in CLAIMS_OF_FINDINGS.items():
        study = find_study(study_id)
        assert len(counts) == len(facts[study_id]["findings"]), study_id
        documented = [claim for claim in study.claims if claim.source != QUESTION]
        assert len(documented) == sum(counts) + FURTHER_CLAIMS.get(study_id, 0), study_id


def test_recipes_of_the_genre_crnns(facts: dict[str, Any]) -> None:
    """Adam, batches of 128, each network's learning rate and epochs; the spectrogram's bands, rate and hop."""
    common = facts["genre-crnn"]["common"]
    for fact in facts["genre-crnn"]["variants"]:
        variant = VARIANTS[fact["id"]]
        assert variant.recipe == Recipe(optimizer=keras_adam(fact["learning_rate"]), batch_size=common["batch_size"])
        assert variant.epochs == fact["epochs"]
        assert isinstance(variant.features, MelSpectrogram)
        features = variant.features
        assert (features.sample_rate_hz, features.hop_samples, features.mel_bands) == (12000, 256, 96)


def test_recipes_of_the_sound_networks(facts: dict[str, Any]) -> None:
    """Adam, batches of 32, up to 1,000 epochs, patience 100 by loss, the best accuracy's weights; power as it is."""
    training = facts["esc-cnn-family"]["training"]
    for fact in facts["esc-cnn-family"]["variants"]:
        variant = VARIANTS[fact["id"]]
        recipe = variant.recipe
        assert recipe.optimizer == keras_adam(training["learning_rate"])
        assert (recipe.batch_size, variant.epochs) == (training["batch_size"], training["epochs"])
        assert (_patience(recipe), recipe.keep) == (training["early_stopping"]["patience"], "accuracy")
        assert isinstance(variant.features, MelSpectrogram)
        assert (variant.features.scale, recipe.normalise) == ("power", True)


def test_recipes_of_the_feed_forward_networks(facts: dict[str, Any]) -> None:
    """Adam at 0.01, batches of 32, epochs, patience, and the schedules with their rates."""
    common = facts["genre-ffnn"]["common"]
    for fact in facts["genre-ffnn"]["variants"]:
        variant = VARIANTS[fact["id"]]
        recipe = variant.recipe
        assert recipe.optimizer == keras_adam(common["learning_rate"])
        assert (recipe.batch_size, variant.epochs) == (common["batch_size"], fact["epochs"])
        assert (recipe.keep, recipe.validate_on) == ("last", "test")
        assert _patience(recipe) == fact.get("early_stopping", {}).get("patience")
        schedule = recipe.schedule
        assert schedule is None or isinstance(schedule, ExponentialDecay)
        words = (
            schedule and f"constant for {schedule.hold_epochs} epochs, then times exp(-{schedule.rate:g}) each epoch"
        )
        assert words == fact.get("lr_schedule")
        _check_mfcc(variant, common["features"])


def test_recipes_of_the_mfcc_cnns(facts: dict[str, Any]) -> None:
    """Adam, the rate of every epoch as documented, patience 20, up to 200 epochs, batches of 32."""
    common = facts["genre-cnn-filters"]["common"]
    for fact in facts["genre-cnn-filters"]["variants"]:
        variant = VARIANTS[fact["id"]]
        recipe = variant.recipe
        assert recipe.optimizer == keras_adam(1e-4)
        assert (recipe.keep, recipe.validate_on) == ("last", "validation")
        assert isinstance(recipe.schedule, StepDecay)
        rates = [recipe.optimizer.learning_rate * recipe.schedule.factor(epoch) for epoch in (1, 25, 26, 100, 101, 200)]
        assert rates == pytest.approx([1e-4, 1e-4, 5e-5, 5e-5, 3e-5, 3e-5])
        assert (_patience(recipe), variant.epochs) == (common["early_stopping"]["patience"], common["epochs"])
        assert recipe.batch_size == common["batch_size"]
        _check_mfcc(variant, common["features"])


def _check_mfcc(variant: Variant, documented: dict[str, Any]) -> None:
    features = variant.features
    assert isinstance(features, MelCepstrum)
    assert (features.sample_rate_hz, features.window_samples) == (documented["sample_rate"], documented["n_fft"])
    assert (features.hop_samples, features.coefficients) == (documented["hop_length"], documented["n_mfcc"])


def test_recipes_of_the_keyword_networks(facts: dict[str, Any]) -> None:
    """SGD with momentum, batches and features of each network's own, epochs up to the end of its documented curve."""
    common, curves = (facts["speech-commands"][key] for key in ("common", "validation_curves"))
    for fact in facts["speech-commands"]["variants"]:
        variant = VARIANTS[fact["id"]]
        optimizer = Sgd(learning_rate=common["learning_rate"], momentum=0.9, nesterov=False)
        assert variant.recipe == Recipe(optimizer=optimizer, batch_size=fact["batch_size"])
        last_epoch = curves["rows"][fact["id"]][-1][1]
        assert 0 <= variant.epochs - last_epoch < 1
    heard = [type(VARIANTS[fact["id"]].features) for fact in facts["speech-commands"]["variants"]]
    assert heard == [RawWaveform, MelSpectrogram, MelCepstrum]


def test_the_leak_keeps_the_documented_fractions() -> None:
    """70% of the clips are not tested, and a fifth of those validates, whichever way clips are drawn."""
    for variant in find_study("genre-split-leak").variants:
        assert variant.split is not None
        assert variant.split.test_fraction == pytest.approx(0.3)
        assert variant.split.validation_fraction == pytest.approx(0.7 * 0.2)
