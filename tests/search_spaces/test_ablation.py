"""Ablations: a variant taken apart, as a study of its own."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import classifiers, clip_features, features, networks, recipes, splits

from soundproof.search_spaces import STUDIES, Better, Study, UnknownNameError, find_study
from soundproof.search_spaces.ablation import AblationError, ablate, dissect, impossible, path_study, path_variant
from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.components import differences, leave_out, removals
from soundproof.search_spaces.presets import OneTrialError, check_study, preset_of
from soundproof.search_spaces.specs import (
    BareHead,
    BatchNorm,
    ConvStack,
    DenseHead,
    Dropout,
    LogSpectrogram,
    Mfcc,
    Recipe,
    RecurrentStack,
    Relu,
    Sgd,
    SpecError,
    SpeechNetwork,
)
from soundproof.search_spaces.specs.classifiers import MaxPool
from soundproof.search_spaces.studies import Level, Variant

RELU, NORM, DROPOUT = Relu(), BatchNorm(), Dropout(rate=0.2)
HEAD = DenseHead(outputs=OUTPUTS, sublayers=(RELU, NORM, DROPOUT))
SPECTROGRAM = LogSpectrogram()
RECIPE = Recipe(optimizer=Sgd(learning_rate=0.02))
PLAIN = SpeechNetwork(
    convolution=ConvStack(layers=1, filters=200, kernel_size=11, sublayers=(RELU,)),
    recurrent=RecurrentStack(cell="gru", layers=1, units=200),
    head=HEAD,
)
RICH = SpeechNetwork(
    convolution=ConvStack(layers=12, filters=200, kernel_size=11, connectivity="dense", sublayers=(RELU, NORM)),
    recurrent=RecurrentStack(cell="gru", layers=4, units=200, merge="concat", sublayers_between=(NORM, DROPOUT)),
    head=HEAD,
)


def variant(name, network, *, epochs=100, hears=SPECTROGRAM, recipe=RECIPE):
    """A variant of the study below."""
    levels = (Level(factor="network", value=name),)
    return Variant(id=f"toy/{name}", levels=levels, features=hears, network=network, recipe=recipe, epochs=epochs)


def study(*variants):
    """A study whose baseline is its first variant."""
    return Study(
        id="toy", question="?", source="-", baseline=variants[0].id, variants=variants, claims=(), caveats=("small",)
    )


TOY = study(variant("plain", PLAIN, epochs=30), variant("rich", RICH))


def levels(made):
    """The level of each variant by its id."""
    return {found.id: found.levels[0].value for found in made.variants}


def test_a_variant_is_compared_with_the_baseline_field_by_field():
    """Every difference is one component with a readable level, and every other field stays the target's."""
    made = ablate(TOY, "toy/rich")
    assert levels(made) == {
        "toy/rich": "complete",
        "toy/rich-minus-convolution-layers": "convolution.layers: 12 -> 1",
        "toy/rich-minus-convolution-connectivity": "convolution.connectivity: dense -> plain",
        "toy/rich-minus-convolution-sublayers": "convolution.sublayers: relu, batch norm -> relu",
        "toy/rich-minus-recurrent-layers": "recurrent.layers: 4 -> 1",
        "toy/rich-minus-recurrent-merge": "recurrent.merge: concat -> none",
        "toy/rich-minus-recurrent-sublayers-between": "recurrent.sublayers_between: batch norm, dropout 0.2 -> none",
        "toy/plain": "baseline",
    }
    assert (made.id, made.baseline) == ("ablate.toy.rich", "toy/rich")
    shallow = made.variant("toy/rich-minus-convolution-layers").network
    assert shallow == replace(RICH, convolution=replace(RICH.convolution, layers=1))
    single = made.variant("toy/rich-minus-recurrent-layers").network.recurrent
    assert (single.layers, single.sublayers_between, single.merge) == (1, (), "concat")


def test_budgets_are_equal():
    """The baseline trains as long as the target, and the caveats say that it did not in its own study."""
    made = ablate(TOY, "toy/rich")
    assert {found.epochs for found in made.variants} == {100}
    assert made.variant("toy/plain").network == PLAIN
    assert "every variant trains for 100 epochs, toy/plain has 30 in its own study" in made.caveats
    assert "caveat of toy: small" in made.caveats


def test_every_component_has_a_claim():
    """Each claim says that the complete variant is better than the one without the component."""
    made = ablate(TOY, "toy/rich")
    assert [claim.pairs for claim in made.claims] == [(("toy/rich", found.id),) for found in made.variants[1:-1]]
    assert all(isinstance(claim, Better) and claim.source == "ablation of toy/rich" for claim in made.claims)
    assert made.claims[0].text == "It helps to have convolution.layers 12 rather than 1."


def test_a_variant_is_taken_apart_without_a_baseline():
    """The baseline itself, compared with nothing: each thing that it could do without."""
    made = ablate(TOY, "toy/rich", what="removals")
    assert made.id == "ablate.toy.rich.removals"
    assert levels(made) == {
        "toy/rich": "complete",
        "toy/rich-minus-convolution-relu": "without relu in the convolution",
        "toy/rich-minus-convolution-batch-norm": "without batch norm in the convolution",
        "toy/rich-minus-convolution-dense-connections": "without dense connections in the convolution",
        "toy/rich-minus-recurrent-batch-norm": "without batch norm between the recurrent layers",
        "toy/rich-minus-recurrent-dropout": "without dropout between the recurrent layers",
        "toy/rich-minus-recurrent-second-direction": "without the second direction",
        "toy/rich-minus-recurrent-depth": "without recurrent layers 2 to 4",
        "toy/rich-minus-head-relu": "without relu in the head",
        "toy/rich-minus-head-batch-norm": "without batch norm in the head",
        "toy/rich-minus-head-dropout": "without dropout in the head",
        "toy/rich-minus-convolution": "without the convolution",
    }
    assert made.variant("toy/rich-minus-recurrent-dropout").network.recurrent.sublayers_between == (NORM,)
    assert made.variant("toy/rich-minus-convolution").network.convolution is None
    assert made.claims[0].text == "It helps to have relu in the convolution."


def test_dilation_can_be_taken_out():
    """Dilated convolutions become ordinary ones."""
    dilated = replace(RICH, convolution=replace(RICH.convolution, connectivity="plain", dilation="doubling", layers=3))
    made = ablate(study(variant("dilated", dilated)), "toy/dilated")
    assert made.variant("toy/dilated-minus-convolution-dilation").network.convolution.dilation == "none"


def test_the_baseline_is_taken_apart_by_default():
    """A variant that differs from nothing is its own subject."""
    assert ablate(TOY, "toy/plain") == ablate(TOY, "toy/plain", what="removals")


def test_another_baseline_gives_another_study():
    """Ids tell apart what was compared with what."""
    deep = variant("deep", replace(RICH, convolution=PLAIN.convolution))
    three = study(*TOY.variants, deep)
    made = ablate(three, "toy/rich", "toy/deep")
    assert made == ablate(three, "toy/rich", "toy/deep")
    assert made.id == "ablate.toy.rich.from.deep"
    assert made.question == "What does each component of toy/rich, compared with toy/deep, contribute?"
    assert ablate(three, "toy/rich").id == "ablate.toy.rich"


def test_features_and_recipe_are_components_too():
    """A change of class is one component, whatever its fields; a learning rate is one of its own."""
    faster = replace(RECIPE, optimizer=replace(RECIPE.optimizer, learning_rate=0.05))
    made = ablate(study(variant("plain", PLAIN), variant("other", PLAIN, hears=Mfcc(), recipe=faster)), "toy/other")
    assert list(levels(made).values()) == [
        "complete",
        "features: mfcc -> log spectrogram",
        "recipe.optimizer.learning_rate: 0.05 -> 0.02",
        "baseline",
    ]


def test_one_difference_needs_no_baseline_beside_it():
    """Without its only component the target is the baseline: it is not trained under two names."""
    other = variant("other", replace(PLAIN, convolution=None))
    assert list(levels(ablate(study(variant("plain", PLAIN), other), "toy/other")).values()) == [
        "complete",
        "convolution: none -> conv stack",
    ]


def test_what_cannot_be_built_is_named_with_its_reason():
    """Sublayers between layers cannot be had by one layer: that component is left out, and the caveats say why."""
    made = ablate(study(variant("rich", RICH), variant("plain", PLAIN)), "toy/plain")
    assert "toy/plain-minus-recurrent-sublayers-between" not in levels(made)
    reasons = [caveat for caveat in made.caveats if caveat.startswith("not tried recurrent.sublayers_between")]
    assert len(reasons) == 1
    assert "a single recurrent layer has nothing between its layers" in reasons[0]


def test_a_network_keeps_an_output_for_each_symbol():
    """Where the channels of the last layer are the outputs, they are not made fewer than the symbols."""
    narrow = RecurrentStack(cell="gru", layers=1, units=(OUTPUTS + 1) // 2, merge="concat")
    bare = SpeechNetwork(convolution=PLAIN.convolution, recurrent=narrow, head=BareHead())
    made = ablate(study(variant("bare", bare)), "toy/bare")
    assert "toy/bare-minus-recurrent-second-direction" not in levels(made)
    assert any("one for each symbol" in caveat for caveat in made.caveats)


def test_what_is_ablated_is_no_preset_s():
    """A preset that gives every variant one batch size leaves the sizes apart where one of them is a component."""
    other = variant("other", PLAIN, recipe=replace(RECIPE, batch_size=64))
    made = ablate(study(variant("plain", PLAIN), other), "toy/other")
    assert not [caveat for caveat in made.caveats if "the same as" in caveat]
    assert {preset_of(made, "quick").variant(found).recipe.batch_size for found in made.variants} == {32, 64}


def test_what_a_preset_hides_is_said():
    """Widths that rounding makes equal show nothing; the preset that would is refused, the others are not."""
    stack = PLAIN.convolution
    other = variant("other", replace(PLAIN, convolution=replace(stack, filters=stack.filters + 1)))
    made = ablate(study(variant("plain", PLAIN), other), "toy/other")
    assert [caveat for caveat in made.caveats if caveat.startswith("with preset smoke") and "the same as" in caveat]
    assert not [caveat for caveat in made.caveats if "preset documented" in caveat]
    with pytest.raises(OneTrialError, match="--preset smoke, which makes network.convolution.filters .* use --preset"):
        check_study(made, preset_of(made, "smoke"))


def test_nothing_to_ablate_is_an_error():
    """What was compared, and what to do, in one sentence."""
    nothing = SpeechNetwork(convolution=None, recurrent=PLAIN.recurrent, head=BareHead())
    toy = study(variant("nothing", nothing), variant("same", nothing))
    with pytest.raises(AblationError, match="toy/nothing has nothing that can be taken out: name a variant"):
        ablate(toy, "toy/nothing")
    with pytest.raises(AblationError, match="toy/same does not differ from toy/nothing"):
        ablate(toy, "toy/same", what="differences")
    with pytest.raises(UnknownNameError, match="no variant is called 'toy/ritch': did you mean 'toy/rich'"):
        ablate(TOY, "toy/ritch")


def test_any_variant_can_be_ablated():
    """Ids of variants are any text; those of ablations name files, and still differ."""
    toy = study(variant("plain", PLAIN), variant("3 * 3, Ü", RICH), variant("3 + 3, Ü", RICH))
    made = [ablate(toy, found.id).id for found in toy.variants[1:]]
    assert all(re.fullmatch(r"ablate\.toy\.3---3----[0-9a-f]{8}", each) for each in made)
    assert len(set(made)) == 2


@pytest.mark.parametrize("declared", STUDIES, ids=lambda declared: declared.id)
def test_documented_studies_can_be_ablated(declared: Study):
    """Every variant of every documented study: a value like any other, with ids that are safe in names of files."""
    for found in declared.variants:
        for what in (None, "removals"):
            try:
                made = ablate(declared, found.id, what=what)
            except AblationError:
                continue
            assert Study.from_json(made.to_json()) == made
            assert re.fullmatch(r"ablate\.[a-z0-9.-]+", made.id)
            assert all(re.fullmatch(r"[a-z0-9./-]+", each.id) for each in made.variants)
            assert len({(each.features, each.network, each.recipe, each.split) for each in made.variants}) == len(
                made.variants
            )
            assert len(made.claims) >= 1


def test_blocks_are_compared_field_by_field():
    """The filters of all blocks are one component, and their pools another; so is a split."""
    made = ablate(find_study("genre-crnn"), "genre-crnn/05")
    assert list(levels(made).values()) == [
        "complete",
        "blocks.filters: 16, 32, 64 -> 16, 32, 32",
        "blocks.pool: 4, 4 | 4, 4 | 3, 3 -> 4, 4 | 2, 2 | 2, 2",
        "baseline",
    ]
    narrow = made.variant("genre-crnn/05-minus-blocks-filters").network
    assert [(block.filters, block.pool) for block in narrow.blocks] == [(16, (4, 4)), (32, (4, 4)), (32, (3, 3))]
    other = ablate(find_study("genre-crnn"), "genre-crnn/02")
    assert levels(other)["genre-crnn/02-minus-blocks"] == "blocks: 4 crnn blocks -> 3 crnn blocks"
    leak = ablate(find_study("genre-split-leak"), "genre-split-leak/cnn-segments")
    assert list(levels(leak).values()) == ["complete", "split: random split -> group split"]


def test_recipes_are_compared():
    """By which measure weights are kept, and an augmentation, are components."""
    kept = ablate(find_study("esc-cnn-family"), "esc-cnn-family/02-kept-by-loss", "esc-cnn-family/02")
    assert list(levels(kept).values()) == ["complete", "recipe.keep: loss -> accuracy"]
    mixed = ablate(find_study("sound-augmentation"), "sound-augmentation/mixup")
    assert list(levels(mixed).values()) == ["complete", "recipe.augmentations: mixup 0.2 -> none"]


REMOVALS = {
    "genre-crnn/03": ["dropout in the blocks", "dropout before the output", "recurrent layers after the first"],
    "esc-cnn-family/01": ["batch norm in the blocks", "dense layers before the output"],
    "esc-cnn-family/03": ["dropout in the blocks", "dropout before the output"],
    "genre-ffnn/02": ["dropout after every dense layer", "the L2 penalty"],
    "genre-ffnn/06": ["batch norm", "the L2 penalty"],
    "genre-cnn-filters/05": [
        "dropout in the blocks",
        "dropout before the output",
        "the L2 penalty",
        "the schedule of the learning rate",
    ],
    "speech-commands/02": ["dropout in the stages", "residual blocks", "dropout before the output"],
    "speech-commands/03": ["dropout in the pairs", "dropout in the dense layers", "dense layers before the output"],
    "sound-augmentation/noise": [
        "batch norm in the blocks",
        "dense layers before the output",
        "noise while training",
    ],
}


@pytest.mark.parametrize(("variant_id", "present"), REMOVALS.items())
def test_classifiers_are_taken_apart(variant_id: str, present: list[str]):
    """What each family can do without, in words; pools, which decide about sizes, are none of it."""
    home = next(declared for declared in STUDIES if declared.id == variant_id.partition("/")[0])
    target = home.variant(variant_id)
    assert [component.present for component in removals(target)] == present
    bare = leave_out(target, removals(target))
    assert removals(bare) == ()
    if variant_id == "esc-cnn-family/01":
        assert [block.sublayers for block in bare.network.blocks] == [(MaxPool(size=2),)] * 3
        assert bare.network.dense == ()


def test_path_variants_lead_from_the_baseline_to_the_target():
    """No component flipped is the baseline, all flipped the target, one missing the variant of `ablate`."""
    ablation = dissect(TOY, "toy/rich")
    slugs = [component.slug for component in ablation.components]
    assert path_variant(ablation, frozenset()).network == PLAIN
    assert path_variant(ablation, frozenset(slugs)).network == RICH
    assert path_variant(ablation, frozenset(slugs[1:])) == ablate(TOY, "toy/rich").variants[1]
    two = path_variant(ablation, frozenset({"recurrent-merge", "convolution-layers"}))
    assert two.id == "toy/rich-with-convolution-layers-and-recurrent-merge"
    assert two.network == replace(
        PLAIN,
        convolution=replace(PLAIN.convolution, layers=12),
        recurrent=replace(PLAIN.recurrent, merge="concat"),
    )
    with pytest.raises(SpecError, match="components must be some of"):
        path_variant(ablation, frozenset({"colour"}))


def test_paths_without_a_baseline_start_bare():
    """Taking everything out at once leaves a network that can be trained."""
    bare = path_variant(dissect(TOY, "toy/rich", what="removals"), frozenset())
    assert (bare.id, bare.levels[0].value) == ("toy/rich-bare", "bare")
    assert bare.network == SpeechNetwork(
        convolution=None, recurrent=RecurrentStack(cell="gru", layers=1, units=200), head=replace(HEAD, sublayers=())
    )


def test_path_studies_hold_what_is_wanted():
    """The sweep is given a study; what cannot be built is known before."""
    ablation = dissect(study(variant("rich", RICH), variant("plain", PLAIN)), "toy/plain")
    between = frozenset(component.slug for component in ablation.components) - {"recurrent-sublayers-between"}
    assert "nothing between its layers" in (impossible(ablation, between) or "")
    wanted = [frozenset(), frozenset({"convolution-layers"})]
    assert [impossible(ablation, flipped) for flipped in wanted] == [None, None]
    made = path_study(ablation, wanted)
    assert (made.id, made.baseline, len(made.variants)) == ("ablate.toy.plain.path", "toy/rich", 2)
    assert Study.from_json(made.to_json()) == made


variants = st.builds(
    Variant,
    id=st.just("toy/any"),
    levels=st.just(()),
    features=features,
    network=networks(),
    recipe=recipes(),
    epochs=st.just(5),
) | st.builds(
    Variant,
    id=st.just("toy/any"),
    levels=st.just(()),
    features=clip_features,
    network=classifiers,
    recipe=recipes(of_speech=False),
    epochs=st.just(5),
    split=st.none() | splits,
)


@given(target=variants, baseline=variants)
@settings(max_examples=50, deadline=None)
def test_all_differences_together_make_the_baseline(target: Variant, baseline: Variant):
    """Nothing that differs is overlooked, and nothing else is touched."""
    assert leave_out(target, differences(target, baseline)) == baseline
    assert leave_out(target, ()) == target
    assert differences(target, target) == ()


@given(target=variants)
@settings(max_examples=50, deadline=None)
def test_removals_can_be_made_together_and_leave_nothing_to_remove(target: Variant):
    """Whatever is taken out, the rest is a network, and what was taken out is gone."""
    found = removals(target)
    assert removals(leave_out(target, found)) == ()
    for component in found:
        less = leave_out(target, [component])
        assert less != target
        assert component.slug not in {other.slug for other in removals(less)}


ATTENDING = {
    "conformer": [
        "relu in the convolution",
        "the convolution module",
        "dropout in the layers that attend",
        "positions",
        "layers 2 to 4 of those that attend",
        "the convolution",
    ],
    "without-convolution": [
        "relu in the convolution",
        "dropout in the layers that attend",
        "positions",
        "layers 2 to 4 of those that attend",
        "the convolution",
    ],
}


@pytest.mark.parametrize(("name", "present"), ATTENDING.items())
def test_encoders_are_taken_apart(name: str, present: list[str]):
    """The module that makes a Conformer of a Transformer, and what both can do without; a number of heads is none."""
    target = find_study("asr-conformer").variant(f"asr-conformer/{name}")
    assert [component.present for component in removals(target)] == present
    (heads,) = differences(find_study("asr-conformer").variant("asr-conformer/1-head"), _conformer())
    assert heads.name == "attention.heads"
    (kind,) = differences(find_study("asr-conformer").variant("asr-conformer/transformer"), _conformer())
    assert kind.levels == ("transformer stack", "conformer stack")


def _conformer() -> Variant:
    return find_study("asr-conformer").variant("asr-conformer/conformer")
