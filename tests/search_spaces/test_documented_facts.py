"""Declared studies of speech against their documents: every level and every total.

The declarations are written by hand; here each is turned into the form of the documents and compared as a whole.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from documented_facts import documented_facts

from soundproof.search_spaces import STUDIES as EVERY_STUDY
from soundproof.search_spaces import Variant
from soundproof.search_spaces.arithmetic import count_parameters, layer_channels, output_channels
from soundproof.search_spaces.documented.numbers import documented_numbers
from soundproof.search_spaces.specs import (
    BatchNorm,
    ConvStack,
    DenseHead,
    Dropout,
    LogSpectrogram,
    RecurrentStack,
    Relu,
    Sgd,
    Sublayer,
)

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "facts"

RAISED = {"asr-padding", "asr-raw-audio-dilation", "asr-conformer"}
"""Questions that the documents leave open, or that are of another source."""

STUDIES = [study for study in EVERY_STUDY if study.domain == "speech" and study.id not in RAISED]
VARIANTS = {variant.id: variant for study in STUDIES for variant in study.variants}
NAMES = {Relu: "relu", BatchNorm: "batch_norm", Dropout: "dropout"}
DILATIONS = {
    "none": "none",
    "doubling": "doubling (1, 2, 4, ...)",
    "reversed": "doubling, reversed (..., 4, 2, 1)",
}

NOT_DOCUMENTED = {"asr-dilation/7-layers"}
"""Declared so that a finding about networks that cannot be trained has one to speak of."""

ADDED = {
    "asr-rnn-only": {"asr-time-distributed-dense/01"},
    "asr-dilation": NOT_DOCUMENTED,
    "asr-inverse-dilation": {f"asr-dilation/{number:02d}" for number in range(1, 6)},
}
"""Variants beyond those of the documents, which findings need to be compared with something."""

CLAIMS_OF_FINDINGS = {
    "asr-merge-mode": [1, 1, 2],
    "asr-cnn-sublayer-order": [1, 2, 1],
    "asr-cnn-sublayer-order-2-layers": [2],
    "asr-cnn-sublayer-order-3-and-8-layers": [3],
    "asr-dense-cnn": [3],
    "asr-rnn-regularisation": [1, 1, 2],
    "asr-head-sublayer-order": [1, 2],
    "asr-dense-rnn-tuning": [1, 1, 2, 1],
    "asr-gru-versus-lstm": [4, 2],
}
"""How many claims each finding of a study became, in their order; one each elsewhere."""

FURTHER_CLAIMS = {"asr-dense-cnn": 1, "asr-dense-rnn": 1, "asr-gru-versus-lstm": 1}
"""Of the documents' summary: both kinds of layers are needed, dense ones spare some, LSTM wants dropout."""


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    """The documented studies and variants."""
    return documented_facts("asr")


def _names(sublayers: tuple[Sublayer, ...]) -> list[str]:
    return [NAMES[type(sublayer)] for sublayer in sublayers]


def _rate(sublayers: tuple[Sublayer, ...]) -> float:
    return sum(sublayer.rate for sublayer in sublayers if isinstance(sublayer, Dropout))


def _cnn(stack: ConvStack | None) -> dict[str, Any] | None:
    if stack is None:
        return None
    same = {name: getattr(stack, name) for name in ("layers", "filters", "kernel_size", "stride", "padding")}
    return same | {
        "dilation": DILATIONS[stack.dilation],
        "dense": stack.connectivity == "dense",
        "sublayers": _names(stack.sublayers),
        "dropout_rate": _rate(stack.sublayers),
    }


def _rnn(stack: RecurrentStack | None) -> dict[str, Any] | None:
    if stack is None:
        return None
    plain = {"cell": stack.cell, "layers": stack.layers, "units": stack.units, "dense": stack.connectivity == "dense"}
    plain["bidirectional_first_layer_merge"] = stack.merge
    if stack.layers == 1:
        return plain
    between = stack.sublayers_between
    return plain | {"sublayers_between": _names(between), "dropout_rate_between": _rate(between)}


def _as_documented(variant: Variant) -> dict[str, Any]:
    network, optimizer = variant.network, variant.recipe.optimizer
    assert isinstance(optimizer, Sgd)
    sublayers = network.head.sublayers if isinstance(network.head, DenseHead) else ()
    return {
        "id": variant.id,
        "study": variant.id.partition("/")[0],
        "input": {
            "features": "spectrogram" if isinstance(variant.features, LogSpectrogram) else "mfcc",
            "dim": variant.features.dimensions,
        },
        "cnn": _cnn(network.convolution),
        "rnn": _rnn(network.recurrent),
        "head": {
            "sublayers": _names(sublayers),
            "dropout_rate": _rate(sublayers),
            "time_distributed_dense": isinstance(network.head, DenseHead),
            "classes": output_channels(network),
        },
        "training": {
            "epochs": variant.epochs,
            "optimizer": {
                "name": "sgd",
                "learning_rate": optimizer.learning_rate,
                "decay": optimizer.decay,
                "momentum": optimizer.momentum,
                "nesterov": optimizer.nesterov,
                "clip_norm": variant.recipe.clip_norm,
            },
            "loss": "ctc",
        },
    }


def _layers(variant: Variant) -> list[tuple[str, int]]:
    """Operations and their channels, as the documents list them, with activations of convolutions left out."""
    channels = variant.features.dimensions
    layers = [("input", channels)]

    def follow(sublayers: tuple[Sublayer, ...], *, of_convolution: bool = False) -> None:
        layers.extend((name, channels) for name in _names(sublayers) if not (of_convolution and name == "relu"))

    convolution, recurrent, head = variant.network.convolution, variant.network.recurrent, variant.network.head
    if convolution is not None:
        seen = channels
        for layer in range(convolution.layers):
            if layer and convolution.connectivity == "dense":
                layers.append(("concatenate", seen))
            channels = convolution.filters
            layers.append(("conv1d", channels))
            follow(convolution.sublayers, of_convolution=True)
            seen += channels
    if recurrent is not None:
        seen = channels
        for layer in range(recurrent.layers):
            if layer and recurrent.connectivity == "dense":
                layers.append(("concatenate", seen))
            channels = layer_channels(recurrent, layer)
            two_way = layer == 0 and recurrent.merge is not None
            layers.append(("bidirectional" if two_way else recurrent.cell, channels))
            if layer < recurrent.layers - 1:
                follow(recurrent.sublayers_between)
            seen += channels
    if isinstance(head, DenseHead):
        follow(head.sublayers)
        layers.append(("time_distributed_dense", head.outputs))
    return [*layers, ("softmax", output_channels(variant.network))]


def _documented_layers(documented: dict[str, Any]) -> list[tuple[str, int]]:
    layers, convolved = [], False
    for layer in documented["layers"]:
        operation = layer["op"]
        convolved = operation == "conv1d" or (convolved and operation in NAMES.values())
        if not (convolved and operation == "relu"):
            layers.append((operation, layer["channels"]))
    return layers


def test_every_documented_level_is_declared(facts: dict[str, Any]) -> None:
    """Every field of every documented variant equals the declaration's.

    The exception: the network without a recurrent layer is documented with sublayers in its head, while neither its
    documented layers nor its documented parameters have them. The declaration follows those two.
    """
    documented = {
        variant["id"]: {name: value for name, value in variant.items() if name != "documented"}
        for variant in facts["variants"]
    }
    documented["asr-dense-cnn/07"]["head"] |= {"sublayers": [], "dropout_rate": 0.0}
    declared = {name: _as_documented(variant) for name, variant in VARIANTS.items() if name not in NOT_DOCUMENTED}
    assert declared == documented
    assert len(declared) == 113


def test_every_documented_total_is_declared(facts: dict[str, Any]) -> None:
    """Trainable and other parameters of all 113 variants; the facts, copied apart, have 80 of the same totals."""
    documented = {name: numbers.parameters for name in VARIANTS if (numbers := documented_numbers(name)) is not None}
    assert documented == {
        name: count_parameters(variant.network, variant.features.dimensions)
        for name, variant in VARIANTS.items()
        if name not in NOT_DOCUMENTED
    }
    assert len(documented) == 113
    totals = {variant["id"]: variant["documented"] for variant in facts["variants"] if "documented" in variant}
    assert len(totals) == 80
    for name, total in totals.items():
        numbers = documented[name]
        assert [numbers.total, numbers.trainable, numbers.non_trainable] == list(total.values())[:3], name


def test_every_documented_layer_is_declared(facts: dict[str, Any]) -> None:
    """Layers in their order with their channels. Activations of convolutions are listed only here and there."""
    with_layers = [variant for variant in facts["variants"] if "documented" in variant]
    declared = {variant["id"]: _layers(VARIANTS[variant["id"]]) for variant in with_layers}
    assert declared == {variant["id"]: _documented_layers(variant["documented"]) for variant in with_layers}


def test_every_documented_study_is_declared(facts: dict[str, Any]) -> None:
    """Ids in their order, questions, and variants: a study's own, those it compares with, and few of ours."""
    assert [(study.id, study.question) for study in STUDIES] == [
        (study["id"], study["question"]) for study in facts["studies"]
    ]
    for study, documented in zip(STUDIES, facts["studies"], strict=True):
        expected = {*documented["variants"], *documented["compared_also_with"]} | ADDED.get(study.id, set())
        assert {variant.id for variant in study.variants} == expected, study.id


def test_every_finding_is_claimed(facts: dict[str, Any]) -> None:
    """Every finding became one or more claims, and no claim came from nowhere."""
    for study, documented in zip(STUDIES, facts["studies"], strict=True):
        counts = CLAIMS_OF_FINDINGS.get(study.id, [1] * len(documented["findings"]))
        assert len(counts) == len(documented["findings"]), study.id
        assert sum(counts) + FURTHER_CLAIMS.get(study.id, 0) == len(study.claims), study.id


@pytest.mark.skipif(not BESIDE.is_dir(), reason="the documented facts are not beside the project")
def test_the_facts_are_those_beside_the_project() -> None:
    """What the tests compare with is what was taken from the documents."""
    for name in ("asr", "classification"):
        assert documented_facts(name) == json.loads((BESIDE / f"{name}.json").read_text(encoding="utf-8"))
