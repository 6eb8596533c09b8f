"""What a study or a space varies is as different at every preset, or is refused by name."""

import itertools
from dataclasses import replace
from random import Random

import pytest

from soundproof.search_spaces import PRESET_NAMES, PRESETS, SPACES, STUDIES, Better, Study, find_study
from soundproof.search_spaces.choices import as_node, build, integers, one_of, reals
from soundproof.search_spaces.planning import plan_space, plan_study
from soundproof.search_spaces.presets import OneTrialError, as_trained, check_study, preset_of
from soundproof.search_spaces.space_levels import check_space, fitted_to_space, space_caveats
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Adam, MelSpectrogram, PresetName, Recipe, RunningStatistics, Setting
from soundproof.search_spaces.specs.classifiers import DeclaredClassifier
from soundproof.search_spaces.specs.custom_networks import CustomClassifier
from soundproof.search_spaces.studies import Absolute, Variant

FEATURES = MelSpectrogram(sample_rate_hz=16000, window_samples=400, hop_samples=160, mel_bands=40)
RECIPE = Recipe(optimizer=Adam(learning_rate=0.001), batch_size=32)
NETWORK = CustomClassifier(name="net", settings=(), source="0")
EVERY_NAME = pytest.mark.parametrize("name", PRESET_NAMES)


def variant(name: str, **fields) -> Variant:
    """One that differs from the others in `fields` alone."""
    usual = {"features": FEATURES, "network": NETWORK, "recipe": RECIPE, "epochs": 30}
    return Variant(id=f"toy/{name}", levels=(), **usual | fields)


def study(*variants: Variant, **fields) -> Study:
    """One that holds each against the first."""
    first = variants[0].id
    pairs = tuple((other.id, first) for other in variants[1:])
    usual = {"domain": "keywords", "claims": (Better(text="It is better.", source="me", pairs=pairs),)}
    return Study(
        id="toy",
        question="Which?",
        source="me",
        baseline=first,
        variants=variants,
        margin=Absolute(value=0.02),
        **usual | fields,
    )


def recipe(**fields) -> Recipe:
    """The usual one, changed."""
    return replace(RECIPE, **fields)


COMPARED = {
    "batch sizes": [{"recipe": recipe(batch_size=size)} for size in (256, 16, 4)],
    "learning rates": [{"recipe": recipe(optimizer=Adam(learning_rate=rate))} for rate in (1e-5, 1e-4, 1e-3)],
    "sampling rates": [{"features": replace(FEATURES, sample_rate_hz=rate)} for rate in (8000, 16000, 22050)],
    "windows": [{"features": replace(FEATURES, window_samples=size)} for size in (400, 401)],
    "epochs": [{"epochs": epochs} for epochs in (30, 60, 90)],
    "statistics": [{"recipe": recipe(running_statistics=kept)} for kept in (None, RunningStatistics(kept=0.9))],
    "whole recipes": [{"recipe": RECIPE}, {"recipe": recipe(optimizer=Adam(learning_rate=0.01), batch_size=128)}],
}


@EVERY_NAME
@pytest.mark.parametrize("domain", ["keywords", "genres", "tracks", "sounds"])
@pytest.mark.parametrize("what", COMPARED)
def test_what_is_compared_stays_apart(what: str, domain, name: PresetName) -> None:
    """Each of these is a question that a preset would answer with one trial, if it set what is asked about."""
    toy = study(*(variant(str(number), **fields) for number, fields in enumerate(COMPARED[what])), domain=domain)
    check_study(toy, preset_of(toy, name))
    sized = [preset_of(toy, name).variant(found) for found in toy.variants]
    assert len(set(map(as_trained, sized))) == len(sized)
    if what in {"batch sizes", "whole recipes"}:
        assert [found.recipe.batch_size for found in sized] == [found.recipe.batch_size for found in toy.variants]


def test_epochs_are_scaled_and_limited() -> None:
    """The shortest budget is the preset's; a limit is that of the longest; the plan says both."""
    toy = study(*(variant(str(epochs), epochs=epochs) for epochs in (30, 60)))
    smoke = preset_of(toy, "smoke")
    assert [smoke.variant(found).epochs for found in toy.variants] == [2, 4]
    assert plan_study(toy, smoke)["caveats"] == ["preset smoke scales epochs: 2 and 4 in place of 30 and 60"]
    limited = replace(PRESETS["keywords"]["documented"], most_epochs=10).fitted(toy)
    assert [limited.variant(found).epochs for found in toy.variants] == [5, 10]
    one = replace(PRESETS["keywords"]["documented"], most_epochs=1)
    with pytest.raises(OneTrialError, match=r"--preset documented --epochs 1, which makes epochs 1 of 30 and 60"):
        plan_study(toy, one)


def test_what_rounding_makes_equal_is_refused_with_the_preset_that_can() -> None:
    """Both variants, the field, the values and the preset are named."""
    declared = find_study("speech-commands").variants[2]
    network = declared.network
    assert isinstance(network, DeclaredClassifier)
    wider = replace(network, dense=(replace(network.dense[0], units=513), *network.dense[1:]))
    pair = (replace(declared, id="toy/512"), replace(declared, id="toy/513", network=wider))
    toy = study(*pair)
    message = (
        "toy: toy/512 and toy/513 are one trial with --preset quick, which makes network.dense.1.units 128 of 512 and "
        "513: nothing can be found out about them there; use --preset documented"
    )
    with pytest.raises(OneTrialError) as refused:
        plan_study(toy, preset_of(toy, "quick"))
    assert str(refused.value) == message
    plan_study(toy, preset_of(toy, "documented"))


def test_one_network_under_two_names_is_not_compared() -> None:
    """Without a claim about the two it may stand, as the documents have it; with one it is refused at every preset."""
    toy = study(variant("a"), variant("b"))
    with pytest.raises(OneTrialError, match="toy/a and toy/b are compared by a claim, and are one trial"):
        plan_study(toy, preset_of(toy, "documented"))
    plan_study(replace(toy, claims=()), preset_of(toy, "documented"))


def test_what_is_declared_to_be_no_question_is_a_caveat() -> None:
    """A preset may give one budget to all, and says so by name, with the documented ones."""
    small, large = variant("a"), variant("b", epochs=60, network=replace(NETWORK, source="1"))
    toy = study(small, large, equalised=("epochs",))
    assert plan_study(toy, preset_of(toy, "smoke"))["caveats"] == ["preset smoke makes epochs 2 of 30 and 60"]
    assert plan_study(replace(toy, equalised=()), preset_of(toy, "smoke"))["caveats"] == [
        "preset smoke scales epochs: 2 and 4 in place of 30 and 60"
    ]


@EVERY_NAME
@pytest.mark.parametrize("declared", STUDIES, ids=lambda declared: declared.id)
def test_declared_studies_are_as_documented(declared: Study, name: PresetName) -> None:
    """Their presets spare nothing, so trials stay what they were; a field that becomes equal is a caveat."""
    preset = PRESETS[declared.domain][name]
    assert preset_of(declared, name) == preset
    check_study(declared, preset)
    caveats = plan_study(declared, preset)["caveats"][len(declared.caveats) :]
    sized = [preset.variant(found) for found in declared.variants]
    equalised = len({found.epochs for found in sized}) < len({found.epochs for found in declared.variants})
    assert any(" epochs " in caveat for caveat in caveats) == equalised
    for (one, ours), (other, theirs) in itertools.combinations(zip(declared.variants, sized, strict=True), 2):
        assert (as_trained(ours) == as_trained(theirs)) <= (as_trained(one) == as_trained(other))


def space(**fields) -> SearchSpace:
    """Keyword networks of the user's own, with choices."""
    usual = {
        "features": as_node(FEATURES),
        "network": as_node(NETWORK),
        "recipe": as_node(RECIPE),
        "domain": "keywords",
    }
    return SearchSpace(id="toys", question="Which?", source="me", epochs=30, **usual | fields)


@EVERY_NAME
@pytest.mark.parametrize("domain", ["keywords", "genres"])
def test_every_assignment_of_a_space_is_a_trial_of_its_own(domain, name: PresetName) -> None:
    """36 assignments of batch sizes, learning rates and sampling rates are 36 trials."""
    features = build(
        MelSpectrogram,
        sample_rate_hz=one_of(8000, 16000, 22050),
        window_samples=400,
        hop_samples=160,
        mel_bands=40,
    )
    optimizer = build(Adam, learning_rate=one_of(1e-4, 1e-3, 1e-2))
    chosen = space(
        domain=domain,
        features=features,
        recipe=build(Recipe, optimizer=optimizer, batch_size=one_of(4, 16, 64, 256)),
    )
    check_space(chosen, PRESETS[domain][name])
    preset = fitted_to_space(PRESETS[domain][name], chosen)
    sized = {as_trained(preset.variant(chosen.variant(assignment))) for assignment in chosen.assignments()}
    assert len(sized) == chosen.count() == 36


def test_rates_below_the_least_of_a_preset_stay_apart() -> None:
    """A range without steps, of which the preset would make one value up to 0.003."""
    chosen = space(
        domain="genres", recipe=build(Recipe, optimizer=build(Adam, learning_rate=reals(1e-4, 1e-2, log=True)))
    )
    assert fitted_to_space(PRESETS["genres"]["quick"], chosen).spared == ("learning rate",)


def test_options_that_become_one_are_refused_and_values_of_a_range_told() -> None:
    """Who names 512 and 513 wants to know which; of a range from 512 to 515 a search takes each network once."""
    network = find_study("speech-commands").variants[2].network

    def dense(units):
        found = as_node(network)
        fields = {field.name: field.node for field in found.fields}
        _, second = fields["dense"].items
        wide = build(type(network.dense[0]), units=units, dropout=0.2)
        return space(network=build(type(network), **fields | {"dense": (wide, second)}))

    quick = PRESETS["keywords"]["quick"]
    message = (
        "toys: 512 and 513 of network.dense.1.units are one trial with --preset quick: nothing can be found out about "
        "them there; use --preset documented"
    )
    with pytest.raises(OneTrialError) as refused:
        plan_space(dense(one_of(512, 513, 600)), quick)
    assert str(refused.value) == message
    assert plan_space(dense(integers(511, 513)), quick)["caveats"] == [
        "preset quick makes one trial of 511 to 513 of network.dense.1.units: a search takes it once"
    ]
    assert space_caveats(dense(one_of(512, 600)), quick) == ()


@EVERY_NAME
@pytest.mark.parametrize("declared", SPACES, ids=lambda declared: declared.id)
def test_declared_spaces_are_kept_apart(declared: SearchSpace, name: PresetName) -> None:
    """Draws of a space that differ are trials that differ, or in a range that the plan names."""
    preset = PRESETS[declared.domain][name]
    told = " ".join(plan_space(declared, preset)["caveats"])
    fitted, seen = fitted_to_space(preset, declared), {}
    for number in range(60):
        assignment = declared.draw(Random(number))
        found = declared.variant(assignment)
        twin = seen.setdefault(as_trained(fitted.variant(found)), (assignment, found))
        if as_trained(twin[1]) != as_trained(found):
            names = [key for key in {**assignment, **twin[0]} if assignment.get(key) != twin[0].get(key)]
            assert all(key in told for key in names)


def test_settings_of_own_networks_are_left_alone() -> None:
    """Presets leave them as they are, so they are never one trial."""
    toy = study(
        *(
            variant(str(width), network=replace(NETWORK, settings=(Setting(name="width", value=width),)))
            for width in (8, 9)
        )
    )
    for name in PRESET_NAMES:
        check_study(toy, preset_of(toy, name))
