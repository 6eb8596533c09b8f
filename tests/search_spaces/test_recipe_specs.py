"""Recipes as values: what they refuse, what a trial refuses of them, and that presets and spaces leave them alone."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import recipes

from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.choices import as_node, build, integers, one_of, reals
from soundproof.search_spaces.planning import plan_space, plan_study
from soundproof.search_spaces.presets import as_trained, preset_of
from soundproof.search_spaces.space_levels import fitted_to_space
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Adam, AdamW, Recipe, Sgd, SpecError, Trial, WarmStart, WarmupCosine

ADAM = Adam(learning_rate=0.001)
OF_PRACTICE = Recipe(
    optimizer=AdamW(learning_rate=0.001, weight_decay=0.05),
    schedule=WarmupCosine(warmup_fraction=0.2, final_factor=0.01),
    batch_frames=6400,
    accumulate_batches=4,
    precision="bfloat16",
)
IDS = json.loads((Path(__file__).parents[1] / "data" / "trial_ids.json").read_text(encoding="utf-8"))


def _pinned(name: str) -> Trial:
    return Trial.from_plain(IDS[name]["trial"])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AdamW(learning_rate=1, weight_decay=-1), r"AdamW.weight_decay must be 0 or more, got -1"),
        (lambda: AdamW(learning_rate=1, first_decay=1), r"AdamW's decays must lie in \[0, 1\), got 1.0, 0.999"),
        (lambda: AdamW(learning_rate=0), "learning_rate must be positive, got 0"),
        (lambda: Sgd(learning_rate=1, weight_decay=-0.1), "Sgd.weight_decay must be 0 or more, got -0.1"),
        (lambda: WarmupCosine(warmup_fraction=1), r"WarmupCosine.warmup_fraction must lie in \[0, 1\), got 1"),
        (lambda: WarmupCosine(final_factor=-0.1), r"WarmupCosine.final_factor must lie in \[0, 1\), got -0.1"),
        (lambda: Recipe(optimizer=ADAM, label_smoothing=1), r"label_smoothing must lie in \[0, 1\), got 1.0: 0.1 is"),
        (lambda: Recipe(optimizer=ADAM, accumulate_batches=0), "Recipe.accumulate_batches must be at least 1, got 0"),
        (lambda: Recipe(optimizer=ADAM, batch_frames=0), "Recipe.batch_frames must be at least 1, got 0"),
        (
            lambda: Recipe(optimizer=ADAM, batch_frames=800, batch_size=8),
            "so many examples or so many frames, got batch_size 8 and batch_frames 800: leave one of them out",
        ),
        (lambda: Recipe(optimizer=ADAM, precision="half"), "precision must be one of 'single', 'bfloat16', got 'half'"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], message: str) -> None:
    """The message names the field, the value and the remedy."""
    with pytest.raises(SpecError, match=message):
        make()


@pytest.mark.parametrize(
    ("name", "have"),
    [
        ("speech, synthetic", "transcripts"),
        ("sound CNN, several labels", "several labels"),
        ("sound CNN, values", "values"),
    ],
)
def test_only_classes_are_smoothed(name: str, have: str) -> None:
    """What has no one class shares none with the others; of unseen classes those of training are learned as usual."""
    trial = _pinned(name)
    with pytest.raises(SpecError, match=f"label_smoothing is of examples with one class .* these have {have}: leave"):
        replace(trial, recipe=replace(trial.recipe, label_smoothing=0.1))
    for classes in ("keywords, SeResNet", "sound CNN, unseen classes"):
        trial = _pinned(classes)
        replace(trial, recipe=replace(trial.recipe, label_smoothing=0.1))


def test_a_schedule_over_the_budget_cannot_go_on_from_another() -> None:
    """The parent's ended with its own budget."""
    trial = _pinned("keywords, recipe of today")
    with pytest.raises(SpecError, match="WarmupCosine runs over one budget"):
        replace(trial, warm_start=WarmStart(parent="0" * 16, epochs=1))


@given(recipes(of_speech=False))
def test_every_recipe_survives_json(recipe: Recipe) -> None:
    """Nothing is lost on the way."""
    assert Recipe.from_json(recipe.to_json()) == recipe


@given(st.floats(0, 0.9), st.floats(0, 0.9), st.integers(1, 40), st.integers(1, 30))
def test_a_warm_up_rises_to_the_rate_and_falls_from_there(warmup: float, final: float, steps: int, epochs: int) -> None:
    """By step: never above the optimiser's rate, up to it and then down, never below the final one but in the rise."""
    schedule = WarmupCosine(warmup_fraction=warmup, final_factor=final)
    factors = [schedule.factor(step, steps, epoch, epochs) for epoch in range(1, epochs + 1) for step in range(steps)]
    top = factors.index(max(factors))
    assert min(factors) > 0
    assert max(factors) <= 1 + 1e-12
    assert factors[: top + 1] == sorted(factors[: top + 1])
    fall = [factor for place, factor in enumerate(factors) if place >= warmup * steps * epochs]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(fall))
    assert all(factor >= final - 1e-12 for factor in fall)


@pytest.mark.parametrize("preset", ["smoke", "quick", "documented"])
def test_presets_leave_them_as_declared(preset) -> None:
    """But for the learning rate: batches of frames too, so none becomes another's."""
    declared = find_study("speech-commands")
    first, second = declared.variants[:2]
    frames = tuple(
        replace(first, id=f"speech-commands/{size}", recipe=replace(OF_PRACTICE, batch_frames=size))
        for size in (3200, 6400)
    )
    study = replace(declared, variants=(*frames, second), baseline=frames[0].id, claims=(), estimates=(), equalised=())
    fitted = preset_of(study, preset)
    sized = [fitted.variant(found) for found in study.variants]
    for given_variant, found in zip(frames, sized[:2], strict=True):
        rate = found.recipe.optimizer.learning_rate
        expected = replace(
            given_variant.recipe,
            optimizer=replace(given_variant.recipe.optimizer, learning_rate=rate),
            running_statistics=found.recipe.running_statistics,
        )
        assert found.recipe == expected
    assert sized[2].recipe.batch_size == second.recipe.batch_size  # it is compared with the others
    assert len(plan_study(study, fitted)["variants"]) == 3


def test_a_space_may_vary_all_of_it() -> None:
    """Each draw is a recipe, and at every preset a trial of its own."""
    variant = find_study("speech-commands").variants[2]
    decay = reals(1e-4, 0.3, log=True)
    space = SearchSpace(
        id="recipes",
        question="Which recipe?",
        source="me",
        domain="keywords",
        features=as_node(variant.features),
        network=as_node(variant.network),
        recipe=build(
            Recipe,
            optimizer=one_of(
                adamw=build(AdamW, learning_rate=reals(1e-4, 1e-2, log=True), weight_decay=decay),
                sgd=build(Sgd, learning_rate=0.01, weight_decay=decay, decayed=one_of("weights", "everything")),
            ),
            schedule=one_of(none=None, cosine=build(WarmupCosine, warmup_fraction=reals(0.0, 0.3))),
            batch_frames=integers(1000, 8000, step=1000),
            accumulate_batches=one_of(1, 2, 4),
            label_smoothing=reals(0.0, 0.2),
            precision=one_of("single", "bfloat16"),
        ),
        epochs=10,
    )
    for preset in PRESETS["keywords"].values():
        names = {parameter["name"] for parameter in plan_space(space, preset)["parameters"]}
        assert {"recipe.batch_frames", "recipe.label_smoothing", "recipe.schedule.cosine.warmup_fraction"} <= names
        fitted = fitted_to_space(preset, space)
        drawn = [space.variant(space.draw(Random(number))) for number in range(30)]
        assert len({as_trained(fitted.variant(found)) for found in drawn}) == 30
