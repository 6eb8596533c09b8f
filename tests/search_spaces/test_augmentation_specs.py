"""Augmentations as values: what they refuse, where they may stand, and that nothing is lost on the way to JSON."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.specs import (
    Adam,
    Augmentation,
    Mixup,
    Noise,
    Recipe,
    SpecAugment,
    SpecError,
    SpeedPerturbation,
    TimeShift,
)

fractions = st.floats(0, 1, exclude_min=True)
augmentations = (
    st.builds(
        SpecAugment,
        time_masks=st.integers(0, 4),
        time_fraction=fractions,
        frequency_masks=st.integers(1, 4),
        frequency_fraction=fractions,
    )
    | st.builds(TimeShift, fraction=fractions)
    | st.builds(Noise, deviation=st.floats(0, 3, exclude_min=True))
)


@given(st.lists(augmentations, max_size=4), st.none() | st.builds(Mixup, alpha=st.floats(0.01, 5)))
def test_a_recipe_keeps_its_augmentations_in_their_order(several: list[Augmentation], mixup: Mixup | None) -> None:
    """Any list, with a Mixup last or none, survives JSON, and the recipe knows whether targets are mixed."""
    recipe = Recipe(optimizer=Adam(learning_rate=0.1), augmentations=(*several, *([mixup] if mixup else [])))
    assert Recipe.from_json(recipe.to_json()) == recipe
    assert recipe.mixes == (mixup is not None)


def test_speeds_beside_1_have_features_of_their_own() -> None:
    """In whatever order they were named; a recipe without has none."""
    recipe = Recipe(optimizer=Adam(learning_rate=1), augmentations=(SpeedPerturbation(), Noise()))
    assert (recipe.speeds, recipe.speed_factors) == ((0.9, 1.1), (0.9, 1.0, 1.1))
    assert replace(recipe, augmentations=(Noise(),)).speeds == replace(recipe, augmentations=()).speed_factors == ()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SpecAugment(time_masks=-1), "time_masks and frequency_masks of 0 or more .* got -1 and 2"),
        (lambda: SpecAugment(time_masks=0, frequency_masks=0), "one of them at least 1, got 0 and 0"),
        (lambda: SpecAugment(time_fraction=0), "SpecAugment.time_fraction must lie in 0..1 and above 0, got 0"),
        (lambda: SpecAugment(frequency_fraction=1.1), "frequency_fraction must lie in 0..1 and above 0, got 1.1"),
        (lambda: TimeShift(fraction=2), "TimeShift.fraction must lie in 0..1 and above 0, got 2"),
        (lambda: Noise(deviation=0), "got 0.0: leave the Noise out for none"),
        (lambda: SpeedPerturbation(factors=(0.9,)), r"two or more different speeds, got \(0.9,\): 1.0 may be one"),
        (lambda: SpeedPerturbation(factors=(0.9, 0.9)), "two or more different speeds"),
        (lambda: SpeedPerturbation(factors=(1.0, 0.4)), "lie in 0.5..2 and have at most two decimals, got 0.4"),
        (lambda: SpeedPerturbation(factors=(1.0, 1.105)), "have at most two decimals, got 1.105"),
        (
            lambda: Recipe(optimizer=Adam(learning_rate=1), augmentations=(Noise(), SpeedPerturbation())),
            "SpeedPerturbation must come first .* move it to the front",
        ),
        (lambda: Mixup(alpha=-1), "got -1.0: leave the Mixup out for none"),
        (lambda: Recipe(optimizer=Adam(learning_rate=1), augmentations=(Mixup(), Noise())), "Mixup must come last"),
        (lambda: Recipe(optimizer=Adam(learning_rate=1), augmentations=(Mixup(), Mixup())), "and once"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Callable[[], object], message: str) -> None:
    """The message names the field, the value and the remedy."""
    with pytest.raises(SpecError, match=message):
        make()
