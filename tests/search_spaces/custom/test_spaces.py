"""Spaces over the fields of a network of the user's own."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from soundproof.analysis.records.spec_parameters import flatten_spec
from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.ablation import ablate
from soundproof.search_spaces.custom import CustomFileError, load_file
from soundproof.search_spaces.presets import expand
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import CustomClassifier, CustomLoss, GroupSplit, Setting, SpecError
from soundproof.search_spaces.studies import Study
from soundproof.trainables.sweeps.tracking.mlflow_forms import params

FILE = """
from dataclasses import dataclass
from soundproof.search_spaces import SearchSpace
from soundproof.search_spaces.choices import as_node, build, integers, one_of, repeat
from soundproof.search_spaces.custom import ClassifierNetwork, make_study
from soundproof.search_spaces.documented.classifying import ACCURACY, MARGIN
from soundproof.search_spaces.specs import Adam, MelSpectrogram, Recipe

@dataclass(frozen=True)
class Net(ClassifierNetwork):
    width: int = 4
    name: str = "a"
    channels: tuple = (8,)

    def __post_init__(self):
        if self.width == 13:
            raise ValueError("thirteen is no width")

    def build(self, frames, dimensions, classes):
        raise AssertionError

@dataclass(frozen=True)
class Other(Net):
    depth: int = 1

FEATURES = MelSpectrogram(sample_rate_hz=16000, window_samples=400, hop_samples=160, mel_bands=40)
SPACE = SearchSpace(
    id="own-space", domain="keywords", question="How wide?", source="mine", epochs=3, metric=ACCURACY, margin=MARGIN,
    network=NETWORK, features=as_node(FEATURES), recipe=as_node(Recipe(optimizer=Adam(learning_rate=0.001))),
)
STUDY = make_study(id="own-study", question="?", domain="keywords", networks={
    "few": Net(width=2), "many": Net(width=3, name="b", channels=(8, 16)), "other": Other()
})
"""
CHANNELS = 'repeat(integers(1, 2), one_of(8, 16), vary="each")'


def _load(folder: Path, network: str) -> tuple[SearchSpace, Study]:
    path = folder / "own.py"
    path.write_text(FILE.replace("NETWORK", network))
    loaded = load_file(path)
    return loaded.spaces[0], loaded.studies[0]


def test_fields_are_parameters_of_the_network(tmp_path: Path) -> None:
    """By their own names; what is chosen is what the class is made with, and it is found again."""
    space, _ = _load(tmp_path, f"build(Net, width=integers(12, 14), channels={CHANNELS})")
    names = [parameter.name for parameter in space.parameters()]
    assert names == ["network.width", "network.channels.count", "network.channels.1", "network.channels.2"]
    assert space.count() == 3 * (2 + 4)
    assert SearchSpace.from_json(space.to_json()) == space
    made = 0
    for assignment in space.assignments():
        if assignment["network.width"] == 13:
            with pytest.raises(SpecError, match=r"Net\(width=13, .*cannot be made: ValueError: thirteen is no width"):
                space.variant(assignment)
            continue
        variant = space.variant(assignment)
        assert isinstance(variant.network, CustomClassifier)
        settings = {setting.name: setting.value for setting in variant.network.settings}
        channels = tuple(int(value) for name, value in assignment.items() if name[:-1] == "network.channels.")
        assert settings == {"width": assignment["network.width"], "name": "a", "channels": channels}
        assert space.assignment_of(variant.features, variant.network, variant.recipe) == assignment
        made += 1
    assert made == 12


def test_a_network_outside_is_not_found(tmp_path: Path) -> None:
    """Another value of a field that is not chosen, or another class."""
    space, study = _load(tmp_path, "build(Net, width=integers(1, 4))")
    variant = space.variant({"network.width": 2})
    few, many, other = (one.network for one in study.variants)
    located = [space.assignment_of(variant.features, network, variant.recipe) for network in (few, many, other)]
    assert located == [{"network.width": 2}, None, None]


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("build(Net, wide=3)", r"Net has the fields width, name, channels; unknown \['wide'\], missing \[\]"),
        ("build(int)", "a choice builds specs and networks of one's own, got int"),
        ("build(ClassifierNetwork)", "ClassifierNetwork must be a dataclass"),
    ],
)
def test_what_cannot_be_built_is_refused_where_it_is_declared(tmp_path: Path, network: str, message: str) -> None:
    """Before a trial of it is planned."""
    with pytest.raises((CustomFileError, SpecError), match=message):
        _load(tmp_path, network)


def test_a_list_of_lists_is_refused(tmp_path: Path) -> None:
    """Where a variant is made of it: settings are plain."""
    space, _ = _load(tmp_path, "build(Net, channels=((8, 16), (integers(1, 2), 4)))")
    with pytest.raises(CustomFileError, match=r"Net.channels must be a number, a word, .* or a tuple of these"):
        space.variant(space.draw(Random(0)))


def test_an_ablation_has_a_row_for_each_field(tmp_path: Path) -> None:
    """Named by the field; between two classes there is one difference."""
    _, study = _load(tmp_path, "build(Net, width=integers(1, 2))")
    assert [claim.text for claim in ablate(study, "own-study/many", "own-study/few").claims] == [
        "It helps to have width 3 rather than 2.",
        "It helps to have name b rather than a.",
        "It helps to have channels 8, 16 rather than 8.",
    ]
    (claim,) = ablate(study, "own-study/other", "own-study/few").claims
    assert claim.text == "It helps to have network Other rather than Net."


def test_settings_are_recorded_under_their_own_names(tmp_path: Path) -> None:
    """Where trials are browsed and where they are analysed; what the network has already stays apart."""
    _, study = _load(tmp_path, "build(Net, width=integers(1, 2))")
    many = study.variants[1]
    flat = flatten_spec(many.network.to_plain())
    assert (flat["width"], flat["settings.name"], flat["channels"], flat["name"]) == (3, "b", "8, 16", "Net")
    preset = PRESETS["keywords"]["smoke"]
    planned = expand(study, preset, preset.corpus, GroupSplit(), (0,))
    trial = next(one.trial for one in planned if one.variant_id == many.id)
    shown = {param.key: param.value for param in params(trial, many)}
    assert (shown["network.width"], shown["network.settings.name"], shown["network.name"]) == ("3", "b", "Net")
    assert shown["network.channels"] == "[8, 16]"
    loss = CustomLoss(name="Focal", settings=(Setting(name="gamma", value=2.0),), source="0" * 16)
    of_recipe = flatten_spec(replace(many.recipe, loss=loss).to_plain())
    assert (of_recipe["loss"], of_recipe["loss.gamma"]) == ("CustomLoss", 2.0)
