"""Presets: what they change, what they keep apart, and the expansion into trials."""

import itertools
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import attentions

from soundproof.search_spaces import (
    PRESET_NAMES,
    PRESETS,
    STUDIES,
    Preset,
    Study,
    Variant,
    expand,
    find_study,
    preset_of,
)
from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.arithmetic import output_channels
from soundproof.search_spaces.arithmetic.classifiers import classifier_layers
from soundproof.search_spaces.planning import clip_frames, plan_study
from soundproof.search_spaces.presets.sizes import OF_KERAS, OF_TORCH
from soundproof.search_spaces.presets.widths import narrow
from soundproof.search_spaces.specs import (
    AttentionStack,
    BareHead,
    DenseHead,
    FoldSplit,
    GroupSplit,
    PresetName,
    RandomSplit,
    RawWaveform,
    RunningStatistics,
    SpecError,
    SpeechNetwork,
    TransformerStack,
)

STUDIES_AT_PRESETS = [(study, preset) for study in STUDIES for preset in PRESETS[study.domain].values()]
EVERY_STUDY_AT_EVERY_PRESET = pytest.mark.parametrize(
    ("study", "preset"), STUDIES_AT_PRESETS, ids=[f"{study.id}-{preset.name}" for study, preset in STUDIES_AT_PRESETS]
)
OWN_STATISTICS = RunningStatistics(kept=0.5, corrected_start=True)
EVERY_STUDY = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)
EVERY_NAME = pytest.mark.parametrize("name", PRESET_NAMES)

TWINS = {
    frozenset({"asr-cnn-depth/03", "asr-dense-cnn/01"}),
    frozenset({"asr-head-sublayer-order/01", "asr-head-dropout/03"}),
    frozenset({"asr-head-sublayer-order/06", "asr-head-dropout/01"}),
    frozenset({"asr-dense-rnn/01", "asr-dense-rnn-tuning/01"}),
    frozenset({"asr-final-model/02", "asr-spectrogram-versus-mfcc/01"}),
}
"""Variants that the documents give twice, under two ids."""

CLASSIFIERS = [(study, preset) for study, preset in STUDIES_AT_PRESETS if study.domain != "speech"]


def _trial_ids(study: Study, preset: Preset, seeds: int = 1) -> list[tuple[str, str]]:
    trials = expand(study, preset, preset.corpus, GroupSplit(), range(seeds))
    return [(planned.variant_id, planned.trial.trial_id) for planned in trials]


@EVERY_STUDY_AT_EVERY_PRESET
def test_presets_keep_the_levels_apart(study: Study, preset: Preset) -> None:
    """No preset makes two variants of a study the same training run, but those that the documents give twice."""
    for (first, first_trial), (second, second_trial) in itertools.combinations(_trial_ids(study, preset, 2), 2):
        twins = first != second and {first, second} in TWINS
        assert (first_trial == second_trial) <= twins, (first, second)


def test_twins_are_the_same_trial() -> None:
    """At the documented preset two ids share a trial exactly where the documents give one variant twice."""
    same = defaultdict(set)
    for study in STUDIES:
        for variant_id, trial_id in _trial_ids(study, preset_of(study, "documented")):
            same[trial_id].add(variant_id)
    assert {frozenset(ids) for ids in same.values() if len(ids) > 1} == TWINS


@EVERY_NAME
def test_a_variant_is_the_same_trial_in_every_study(name: PresetName) -> None:
    """What a study compares with from another study is trained once for both."""
    trials = defaultdict(set)
    for study in STUDIES:
        for variant_id, trial_id in _trial_ids(study, preset_of(study, name)):
            trials[variant_id].add(trial_id)
    assert [variant_id for variant_id, ids in trials.items() if len(ids) > 1] == []


@pytest.mark.parametrize("name", ["smoke", "quick"])
@EVERY_STUDY
def test_budgets_are_equal_within_a_study(study: Study, name: PresetName) -> None:
    """Like is compared with like: at these presets all variants train for as many epochs, in batches as large."""
    variants = [preset_of(study, name).variant(variant) for variant in study.variants]
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
    """Documented means documented. What recipes leave open is the documents' library's: its running statistics."""
    preset = preset_of(study, "documented")
    assert preset.running_statistics in (OF_KERAS, OF_TORCH)
    expected = [
        replace(variant, recipe=replace(variant.recipe, running_statistics=statistics))
        for variant in study.variants
        for statistics in [variant.recipe.running_statistics or preset.running_statistics]
    ]
    assert [preset.variant(variant) for variant in study.variants] == expected
    own = replace(study.variants[0], recipe=replace(study.variants[0].recipe, running_statistics=OWN_STATISTICS))
    assert preset.variant(own) == own


@pytest.mark.parametrize("name", ["epochs", "most_epochs"])
def test_a_preset_of_no_epochs_is_refused(name: str) -> None:
    """It would be taken for one without a limit."""
    with pytest.raises(SpecError, match=rf"Preset\.{name} must be at least 1, got 0: use None for no limit"):
        replace(PRESETS["speech"]["smoke"], **{name: 0})


def test_learning_rates_keep_their_proportions() -> None:
    """A preset multiplies the documented rate, so that documented differences stay differences."""
    study = find_study("asr-dense-cnn")
    rates = {
        PRESETS["speech"]["quick"].variant(study.variant(f"asr-dense-cnn/{number:02d}")).recipe.optimizer.learning_rate
        for number in (2, 3)
    }
    assert sorted(rates) == pytest.approx([0.03, 0.075])


def test_learning_rates_too_low_for_few_epochs_are_raised() -> None:
    """The convolutional network, documented at 0.0001 for 200 epochs, gets the least rate; those above keep theirs."""
    study = find_study("genre-ffnn")
    rates = {
        name: preset_of(study, "quick").variant(study.variant(name)).recipe.optimizer.learning_rate
        for name in ("genre-cnn-filters/05", "genre-ffnn/01")
    }
    assert rates == {"genre-cnn-filters/05": 0.003, "genre-ffnn/01": 0.01}


@EVERY_NAME
def test_bare_heads_keep_a_channel_for_every_symbol(name: PresetName) -> None:
    """Without a dense layer the recurrent units are the symbols, so narrowing stops at the alphabet and the blank."""
    for study in STUDIES:
        for variant in study.variants:
            network = preset_of(study, name).variant(variant).network
            if isinstance(network, SpeechNetwork):
                assert output_channels(network) >= OUTPUTS


@pytest.mark.parametrize(("study", "preset"), CLASSIFIERS, ids=[f"{s.id}-{p.name}" for s, p in CLASSIFIERS])
def test_every_classifier_hears_enough_at_every_preset(study: Study, preset: Preset) -> None:
    """Clips as the preset cuts them leave every network something to classify, and an output for each class."""
    assert [variant["reason"] for variant in plan_study(study, preset)["variants"]] == [None] * len(study.variants)
    for planned in expand(study, preset, preset.corpus, GroupSplit(), [0]):
        assert planned.trial.network.classes == len(preset.corpus.classes)


@pytest.mark.parametrize(("study", "preset"), CLASSIFIERS, ids=[f"{s.id}-{p.name}" for s, p in CLASSIFIERS])
def test_a_preset_keeps_the_layers_and_the_resolution_of_features(study: Study, preset: Preset) -> None:
    """Narrower networks have the documented layers; windows and hops take as long as the documented ones."""
    for variant in study.variants:
        ours = preset.variant(variant)
        assert _kinds(ours, preset) == _kinds(variant, preset_of(study, "documented"))
        if not isinstance(ours.features, RawWaveform):
            for name in ("hop_samples", "window_samples"):
                seconds = [getattr(each.features, name) / each.features.sample_rate_hz for each in (ours, variant)]
                assert seconds[0] == pytest.approx(seconds[1], rel=0.01)


def _kinds(variant: Variant, preset: Preset) -> list[str]:
    layers = classifier_layers(variant.network, clip_frames(variant.features, preset), variant.features.dimensions)
    return [layer.kind for layer in layers]


def test_a_variants_own_split_goes_before_that_of_the_run() -> None:
    """Where a study is about the split, its trials have the variants' splits; elsewhere that of whoever runs it."""
    leak, filters = find_study("genre-split-leak"), find_study("genre-cnn-filters")
    preset = preset_of(leak, "smoke")
    splits = [planned.trial.split for planned in expand(leak, preset, preset.corpus, FoldSplit(), [0])]
    assert [type(split) for split in splits] == [RandomSplit, GroupSplit] * 2
    assert {planned.trial.split for planned in expand(filters, preset, preset.corpus, FoldSplit(), [0])} == {
        FoldSplit()
    }


def test_expansion_goes_seed_by_seed() -> None:
    """Whatever is finished at any moment forms pairs: all variants of a seed come before the next seed."""
    study, preset = find_study("asr-cnn-sublayer-order"), PRESETS["speech"]["smoke"]
    seeds = [planned.trial.seed for planned in expand(study, preset, preset.corpus, GroupSplit(), range(3))]
    assert seeds == [0] * 8 + [1] * 8 + [2] * 8


@given(attentions(), st.integers(1, 40), st.floats(0.01, 1.0))
def test_channels_that_attend_stay_a_multiple_of_the_heads(
    attention: AttentionStack, multiple: int, width: float
) -> None:
    """Never more than documented, the documented ones at full width; at any width one of 8 where there are as many.

    So networks with 1, 2, 4 and 8 heads have equally many, and comparing them is about the heads.
    """
    stack = replace(attention, channels=8 * attention.heads * multiple)
    documented = SpeechNetwork(convolution=None, recurrent=None, attention=stack, head=DenseHead(outputs=OUTPUTS))
    small = narrow(documented, width).attention
    assert small.channels % stack.heads == small.channels % 8 == 0
    assert small.channels <= stack.channels
    assert abs(small.channels - width * stack.channels) <= max(8 * stack.heads, small.channels / 2)
    assert narrow(documented, 1.0) == documented
    alone, many = (narrow(replace(documented, attention=replace(stack, heads=heads)), width) for heads in (1, 8))
    assert alone.attention.channels == many.attention.channels


@pytest.mark.parametrize("heads", [1, 3, 4])
def test_channels_that_are_symbols_stay_as_many(heads: int) -> None:
    """Where they attend, too: at least one for each symbol."""
    stack = TransformerStack(layers=1, channels=36, heads=heads, feed_forward_units=50, dropout=None)
    bare = SpeechNetwork(convolution=None, recurrent=None, attention=stack, head=BareHead())
    for symbols in (OUTPUTS, 50):
        small = narrow(bare, 0.04, symbols)
        assert output_channels(small) >= min(symbols, 36)
        assert output_channels(small) % heads == 0
