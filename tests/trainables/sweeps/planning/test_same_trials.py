"""Variants that are one trial on a corpus, though they are declared to differ."""

from dataclasses import replace

import pytest

from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.presets import OneTrialError, plan_trial
from soundproof.search_spaces.specs import GroupSplit, RandomSplit
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.sweeps.planning.same_trials import check_trials_differ

PRESET = PRESETS["keywords"]["documented"]
VARIANT = find_study("speech-commands").variants[2]


def _check(*variants: Variant, examples: int = 100) -> None:
    split = GroupSplit()
    trials = {found.id: plan_trial(found, PRESET, PRESET.corpus, split, 0).trial for found in variants}
    check_trials_differ(variants, trials, examples)


def _batches(size: int) -> Variant:
    return replace(VARIANT, id=f"of {size}", recipe=replace(VARIANT.recipe, batch_size=size))


def test_batches_that_hold_everything_are_one() -> None:
    """Of 100 examples, batches of 128 and 256 are the same; 64 are not."""
    _check(_batches(64), _batches(128))
    with pytest.raises(
        OneTrialError,
        match="of 128 and of 256 are one trial, since both have all 100 training examples in one batch, though they "
        "are declared to differ in recipe.batch_size",
    ):
        _check(_batches(64), _batches(128), _batches(256))


def test_what_the_corpus_makes_equal_is_refused() -> None:
    """A split that is the usual one, and a number of classes that is the corpus's."""
    usual = replace(VARIANT, id="usual")
    _check(usual, replace(VARIANT, id="clips", split=RandomSplit(validation_fraction=0.2, test_fraction=0.2)))
    for other in (
        replace(VARIANT, id="groups", split=GroupSplit()),
        replace(VARIANT, id="more", network=replace(VARIANT.network, classes=35)),
    ):
        with pytest.raises(OneTrialError, match="as this corpus and split have it.* (split|network.classes)"):
            _check(usual, other)


def test_two_names_of_one_network_are_left_alone() -> None:
    """The documents have some; whether they are compared is asked of the study."""
    _check(VARIANT, replace(VARIANT, id="again"))
