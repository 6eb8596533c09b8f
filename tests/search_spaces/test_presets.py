"""Presets: what they change, what they keep apart, and the expansion into trials."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest

from search_spaces import PRESETS, STUDIES, Preset, Study, expand, find_study
from search_spaces.alphabet import OUTPUTS
from search_spaces.arithmetic import output_channels
from search_spaces.specs import GroupSplit

EVERY_PRESET = pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
EVERY_STUDY = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)

TWINS = {
    frozenset({"asr-cnn-depth/03", "asr-dense-cnn/01"}),
    frozenset({"asr-head-sublayer-order/01", "asr-head-dropout/03"}),
    frozenset({"asr-head-sublayer-order/06", "asr-head-dropout/01"}),
    frozenset({"asr-dense-rnn/01", "asr-dense-rnn-tuning/01"}),
}
"""Variants that the documents give twice, under two ids."""


def _trial_ids(study: Study, preset: Preset, seeds: int = 1) -> list[tuple[str, str]]:
    trials = expand(study, preset, preset.corpus, GroupSplit(), range(seeds))
    return [(planned.variant_id, planned.trial.trial_id) for planned in trials]


@EVERY_PRESET
@EVERY_STUDY
def test_presets_keep_the_levels_apart(study: Study, preset: Preset) -> None:
    """No preset makes two variants of a study the same training run, but those that the documents give twice."""
    for (first, first_trial), (second, second_trial) in itertools.combinations(_trial_ids(study, preset, 2), 2):
        twins = first != second and {first, second} in TWINS
        assert (first_trial == second_trial) <= twins, (first, second)


def test_twins_are_the_same_trial() -> None:
    """At the documented preset two ids share a trial exactly where the documents give one variant twice."""
    same = defaultdict(set)
    for study in STUDIES:
        for variant_id, trial_id in _trial_ids(study, PRESETS["documented"]):
            same[trial_id].add(variant_id)
    assert {frozenset(ids) for ids in same.values() if len(ids) > 1} == TWINS


@EVERY_PRESET
def test_a_variant_is_the_same_trial_in_every_study(preset: Preset) -> None:
    """What a study compares with from another study is trained once for both."""
    trials = defaultdict(set)
    for study in STUDIES:
        for variant_id, trial_id in _trial_ids(study, preset):
            trials[variant_id].add(trial_id)
    assert [variant_id for variant_id, ids in trials.items() if len(ids) > 1] == []


@pytest.mark.parametrize("name", ["smoke", "quick"])
@EVERY_STUDY
def test_budgets_are_equal_within_a_study(study: Study, name: str) -> None:
    """Like is compared with like: at these presets all variants train for as many epochs, in batches as large."""
    variants = [PRESETS[name].variant(variant) for variant in study.variants]
    assert len({(variant.epochs, variant.recipe.batch_size) for variant in variants}) == 1


@EVERY_STUDY
def test_unequal_documented_budgets_are_said(study: Study) -> None:
    """Where documented epochs or learning rates differ inside a study, its caveats say so."""
    caveats = " ".join(study.caveats)
    assert (len({variant.epochs for variant in study.variants}) > 1) == ("at the documented preset" in caveats)
    rates = {variant.recipe.optimizer.learning_rate for variant in study.variants}
    assert (len(rates) > 1) == ("learning rates differ" in caveats)
    assert (len(rates) > 1) != ("one optimiser and learning rate" in caveats)


@EVERY_STUDY
def test_documented_preset_changes_nothing(study: Study) -> None:
    """Documented means documented."""
    assert [PRESETS["documented"].variant(variant) for variant in study.variants] == list(study.variants)


def test_learning_rates_keep_their_proportions() -> None:
    """A preset multiplies the documented rate, so that documented differences stay differences."""
    study = find_study("asr-dense-cnn")
    rates = {
        PRESETS["quick"].variant(study.variant(f"asr-dense-cnn/{number:02d}")).recipe.optimizer.learning_rate
        for number in (2, 3)
    }
    assert sorted(rates) == pytest.approx([0.03, 0.075])


@EVERY_PRESET
def test_bare_heads_keep_a_channel_for_every_symbol(preset: Preset) -> None:
    """Without a dense layer the recurrent units are the symbols, so narrowing stops at the alphabet and the blank."""
    for study in STUDIES:
        for variant in study.variants:
            assert output_channels(preset.variant(variant).network) >= OUTPUTS


def test_expansion_goes_seed_by_seed() -> None:
    """Whatever is finished at any moment forms pairs: all variants of a seed come before the next seed."""
    study, preset = find_study("asr-cnn-sublayer-order"), PRESETS["smoke"]
    seeds = [planned.trial.seed for planned in expand(study, preset, preset.corpus, GroupSplit(), range(3))]
    assert seeds == [0] * 8 + [1] * 8 + [2] * 8
