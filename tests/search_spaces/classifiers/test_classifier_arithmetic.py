"""Shapes and parameters of classifiers by arithmetic, against the documents."""

from dataclasses import replace
from typing import Any

import pytest
from documented_classifiers import DOCUMENTED_CLASSIFIERS, documented_extent
from documented_facts import documented_facts

from soundproof.search_spaces import STUDIES, preset_of
from soundproof.search_spaces.arithmetic.classifiers import classifier_infeasibility, classifier_layers
from soundproof.search_spaces.planning import plan_study
from soundproof.search_spaces.specs.classifiers import AlphaDropout, GenreCrnn, MfccVgg
from soundproof.search_spaces.specs.sublayers import Dropout

TOTALS = {
    "genre-crnn/04": (18356, 160),
    "genre-crnn/05": (29268, 224),
    "esc-cnn-family/01": (47018, 128),
    "esc-cnn-family/02": (17466, 128),
    "genre-ffnn/01": (1040682, 0),
    "genre-ffnn/02": (476458, 0),
    "genre-ffnn/03": (1038922, 0),
    "genre-ffnn/05": (1049522, 5300),
}

GENRE_CRNN_04 = [
    ("conv", (16, 96, 1366), 80),
    ("batch_norm", (16, 96, 1366), 64),
    ("max_pool", (16, 24, 341), 0),
    ("conv", (32, 24, 341), 2080),
    ("batch_norm", (32, 24, 341), 128),
    ("max_pool", (32, 6, 85), 0),
    ("conv", (32, 6, 85), 9248),
    ("batch_norm", (32, 6, 85), 128),
    ("max_pool", (32, 3, 42), 0),
    ("permute", (42, 32, 3), 0),
    ("reshape", (126, 32), 0),
    ("gru", (126, 16), 2352),
    ("gru", (16,), 1584),
    ("dense", (128,), 2176),
    ("dense", (4,), 516),
]


def _facts() -> dict[str, dict[str, Any]]:
    studies = documented_facts("classification")["studies"]
    return {variant["id"]: variant for study in studies for variant in study["variants"]}


def _planned_parameters() -> dict[str, dict[str, int]]:
    plans = [plan_study(study, preset_of(study, "documented")) for study in STUDIES if study.domain != "speech"]
    return {variant["id"]: variant["parameters"] for plan in plans for variant in plan["variants"]}


@pytest.mark.parametrize(("variant_id", "documented"), TOTALS.items())
def test_documented_totals(variant_id: str, documented: tuple[int, int]) -> None:
    """Every documented total, and what of it is not trainable, is what the plan of its study shows."""
    planned = _planned_parameters()[variant_id]
    assert (planned["total"], planned["non_trainable"]) == documented
    assert planned["trainable"] == planned["total"] - planned["non_trainable"]


def test_documented_layers_of_a_genre_crnn() -> None:
    """The documented table of layers, row by row: shapes and parameters."""
    layers = classifier_layers(DOCUMENTED_CLASSIFIERS["genre-crnn/04"], *documented_extent("genre-crnn/04"))
    assert [(layer.kind, layer.shape, layer.parameters.total) for layer in layers] == GENRE_CRNN_04


def test_tables_here_are_those_of_the_documents() -> None:
    """Nothing documented is missing from the tables of this file, and no number differs."""
    facts = _facts()
    assert set(facts) <= set(DOCUMENTED_CLASSIFIERS)
    totals = {key: fact["documented"] for key, fact in facts.items() if "total_params" in fact["documented"]}
    assert {key: documented["total_params"] for key, documented in totals.items()} == {
        key: total for key, (total, _) in TOTALS.items()
    }
    for key, documented in totals.items():
        assert TOTALS[key][1] == documented.get("non_trainable_params", 0)
    kinds = {"conv2d": "conv"}
    table = facts["genre-crnn/04"]["documented"]["layers"]
    assert [(kinds.get(kind, kind), tuple(shape), count) for kind, shape, count in table] == GENRE_CRNN_04


@pytest.mark.parametrize("variant_id", [f"genre-crnn/{number:02d}" for number in range(1, 6)])
def test_genre_crnns_have_the_documented_levels(variant_id: str) -> None:
    """Filters, kernels, pools and units of every genre CRNN; plain dropout in the fourth block alone."""
    network, fact = DOCUMENTED_CLASSIFIERS[variant_id], _facts()[variant_id]
    assert isinstance(network, GenreCrnn)
    assert [block.filters for block in network.blocks] == fact["filters"]
    assert [list(block.kernel) for block in network.blocks] == fact["kernels"]
    assert [list(block.pool) for block in network.blocks] == fact["pools"]
    assert set(network.gru_units) == {fact["gru_units"]}
    expected = [AlphaDropout(rate=0.1)] * 3 + [Dropout(rate=0.1)]
    assert [block.dropout for block in network.blocks] == expected[: len(network.blocks)]


@pytest.mark.parametrize(
    "variant_id", [key for key in DOCUMENTED_CLASSIFIERS if key.startswith(("genre-ffnn/", "genre-cnn-filters/"))]
)
def test_plain_genre_networks_have_the_documented_levels(variant_id: str) -> None:
    """Sizes, dropout, L2 and batch norm of the feed-forward networks; filters of the MFCC CNNs."""
    documented, _, _ = variant_id.partition("-kept-by-loss")
    plain, fact = DOCUMENTED_CLASSIFIERS[variant_id].to_plain(), _facts()[documented.removesuffix("-own-validation")]
    if "dense" in fact:
        assert plain["dense"] == fact["dense"]
        assert (plain["l2"], plain["dropout"]) == (fact.get("l2"), fact.get("dropout"))
        assert plain["batch_norm"] == ("batch_norm" in fact)
    if variant_id.startswith("genre-cnn-filters"):
        assert [block["filters"] for block in plain["blocks"]] == fact["filters"]


def test_documented_flattened_sizes() -> None:
    """The flattened sizes that the documents mention: 800, 448, 448 and 32 * 12 * 5."""
    sizes = {}
    for key in ("esc-cnn-family/01", "esc-cnn-family/02", "esc-cnn-family/03", "speech-commands/03"):
        layers = classifier_layers(DOCUMENTED_CLASSIFIERS[key], *documented_extent(key))
        sizes[key] = next(layer.shape[0] for layer in layers if layer.kind == "flatten")
    assert list(sizes.values()) == [800, 448, 448, 32 * 12 * 5]


def test_documented_lstm_has_one_bias_a_gate() -> None:
    """The documented 29,760 parameters of the LSTM over 448 values."""
    layers = classifier_layers(DOCUMENTED_CLASSIFIERS["esc-cnn-family/03"], 216, 128)
    assert [layer.parameters.total for layer in layers if layer.kind == "lstm"] == [29760]


def test_time_major_layout() -> None:
    """The ordinary layout has one step for each time, of all channels and frequencies."""
    network = DOCUMENTED_CLASSIFIERS["genre-crnn/04-time-major"]
    documented = DOCUMENTED_CLASSIFIERS["genre-crnn/04"]
    assert isinstance(documented, GenreCrnn)
    assert network == replace(documented, sequence="time_major")
    layers = classifier_layers(network, 1366, 96)
    (shape,) = (layer.shape for layer in layers if layer.kind == "reshape")
    assert shape == (42, 96)


EXTENTS = {
    "genre-crnn": (1366, 96),
    "esc-cnn-family": (216, 128),
    "genre-ffnn": (130, 13),
    "genre-cnn-filters": (130, 13),
    "speech-commands/01": (16000, 1),
    "speech-commands/02": (101, 40),
    "speech-commands/03": (101, 40),
}


@pytest.mark.parametrize(("start", "extent"), EXTENTS.items())
def test_networks_hear_what_the_documents_say(start: str, extent: tuple[int, int]) -> None:
    """Frames and dimensions of the documented features, of clips as the documented preset cuts them."""
    assert {documented_extent(key) for key in DOCUMENTED_CLASSIFIERS if key.startswith(start)} == {extent}


def test_too_short_inputs_are_named() -> None:
    """An input that the pools use up is found by arithmetic, with the layer; a long enough one is not."""
    network = DOCUMENTED_CLASSIFIERS["speech-commands/03"]
    assert isinstance(network, MfccVgg)
    assert classifier_infeasibility(network, 101, 40) is None
    reason = classifier_infeasibility(network, 7, 40)
    assert reason is not None
    assert "7 frames of 40 dimensions" in reason
    assert "max_pool" in reason
