"""Frames and parameters by arithmetic, against the documents."""

from __future__ import annotations

import pytest

from search_spaces import STUDIES
from search_spaces.arithmetic import (
    REFERENCE_EXTENTS,
    Extent,
    count_parameters,
    frames_needed,
    infeasibility,
    output_channels,
    output_frames,
)
from search_spaces.specs import BareHead, Mfcc, RecurrentStack, SpeechNetwork

DOCUMENTED = {
    "asr-cnn-sublayer-order/01": (850829, 1200),
    "asr-cnn-sublayer-order/03": (850029, 800),
    "asr-cnn-sublayer-order/04": (850829, 1200),
    "asr-cnn-sublayer-order/05": (850829, 1200),
    "asr-cnn-sublayer-order/06": (850029, 800),
    "asr-cnn-sublayer-order/07": (850829, 1200),
    "asr-merge-mode/01": (1069029, 400),
    "asr-merge-mode/03": (909029, 400),
    "asr-merge-mode/04": (909029, 400),
    "asr-rnn-depth-without-cnn/01": (618629, 400),
    "asr-dilation/01": (714229, 1600),
    "asr-dilation/03": (956229, 2400),
    "asr-dilation/04": (1077229, 2800),
    "asr-dilation/05": (1198229, 3200),
    "asr-cnn-depth/03": (1924229, 5600),
}
"""Documented totals, and how many of them are not trainable, of every variant that has them."""

VARIANTS = {variant.id: variant for study in STUDIES for variant in study.variants}


@pytest.mark.parametrize("variant_id", DOCUMENTED)
def test_documented_totals(variant_id: str) -> None:
    """Parameters are counted as the documents count them."""
    variant = VARIANTS[variant_id]
    count = count_parameters(variant.network, variant.features.dimensions)
    assert (count.total, count.non_trainable) == DOCUMENTED[variant_id]


def test_simple_recurrence_without_a_dense_layer() -> None:
    """The documented SimpleRNN on 26 coefficients: one bias a unit, 45,400 parameters, 200 outputs."""
    network = SpeechNetwork(
        convolution=None, recurrent=RecurrentStack(cell="simple_rnn", layers=1, units=200), head=BareHead()
    )
    assert count_parameters(network, Mfcc().dimensions).total == 45400
    assert output_channels(network) == 200


@pytest.mark.parametrize(
    ("variant_id", "frames"),
    [
        ("asr-cnn-sublayer-order/01", 110),
        ("asr-merge-mode/01", 229),
        ("asr-dilation/01", 223),
        ("asr-dilation/05", 103),
        ("asr-dilation/7-layers", 0),
        ("asr-cnn-depth/03", 229),
    ],
)
def test_output_frames_of_the_shortest_documented_utterance(variant_id: str, frames: int) -> None:
    """Kernel 11 with stride 2 leaves 110 of 229 frames; doubling dilations of kernel 3 take 2 (2^layers - 1)."""
    assert output_frames(VARIANTS[variant_id].network, 229) == frames


def test_only_seven_dilated_layers_are_infeasible() -> None:
    """On the shortest documented utterances every variant can be trained but the one documented not to be."""
    infeasible = [name for name, variant in VARIANTS.items() if infeasibility(variant.network, REFERENCE_EXTENTS)]
    assert infeasible == ["asr-dilation/7-layers"]


def test_infeasibility_names_the_numbers() -> None:
    """The reason says how many frames there were, are left, and would be needed."""
    reason = infeasibility(VARIANTS["asr-dilation/05"].network, [Extent(frames=150, needed=30)])
    assert reason == "an utterance of 150 frames leaves 24 output frames, but its transcript needs at least 30"


@pytest.mark.parametrize(("text", "needed"), [("", 0), ("a", 1), ("ab", 2), ("aa", 3), ("hello", 6), ("aaa", 5)])
def test_repeated_characters_need_a_blank_between(text: str, needed: int) -> None:
    """CTC merges equal neighbours, so a blank must part those that are meant twice."""
    assert frames_needed(text) == needed
