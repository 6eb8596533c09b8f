"""Frames and parameters by arithmetic, against the documents."""

import pytest

from soundproof.search_spaces import STUDIES
from soundproof.search_spaces.arithmetic import (
    Extent,
    count_parameters,
    frames_needed,
    infeasibility,
    output_channels,
    output_frames,
    reference_extents,
)

DOCUMENTED = {
    "asr-rnn-only/01": (45400, 0),
    "asr-rnn-only/03": (290400, 0),
    "asr-time-distributed-dense/01": (297029, 400),
    "asr-cnn-front-end/01": (683429, 800),
    "asr-rnn-depth-without-cnn/01": (618629, 400),
    "asr-merge-mode/01": (1069029, 400),
    "asr-merge-mode/03": (909029, 400),
    "asr-merge-mode/04": (909029, 400),
    "asr-cnn-sublayer-order/01": (850829, 1200),
    "asr-cnn-sublayer-order/03": (850029, 800),
    "asr-cnn-sublayer-order/04": (850829, 1200),
    "asr-cnn-sublayer-order/06": (850029, 800),
    "asr-cnn-sublayer-order-2-layers/01": (1291829, 1600),
    "asr-kernel-size-versus-depth/02": (858629, 1600),
    "asr-kernel-size-versus-depth/03": (1260629, 2400),
    "asr-cnn-depth/01": (1440229, 4000),
    "asr-cnn-depth/02": (1682229, 4800),
    "asr-cnn-depth/03": (1924229, 5600),
    "asr-cnn-sublayer-order-3-and-8-layers/01": (1059629, 2000),
    "asr-dense-cnn/02": (1935533, 2624),
    "asr-dense-cnn/05": (5769029, 4400),
    "asr-dense-cnn/06": (3665597, 3536),
    "asr-dense-cnn/07": (2133479, 2160),
    "asr-dense-cnn/09": (802829, 1440),
    "asr-dilation/01": (714229, 1600),
    "asr-dilation/03": (956229, 2400),
    "asr-dilation/05": (1198229, 3200),
    "asr-inverse-dilation/01": (1291829, 1600),
    "asr-inverse-dilation/06": (1198229, 3200),
    "asr-rnn-regularisation/01": (1687829, 800),
    "asr-rnn-regularisation/05": (1691029, 2400),
    "asr-rnn-depth/05": (2659029, 4000),
    "asr-rnn-depth/06": (3627029, 5600),
    "asr-head-sublayer-order/05": (1690229, 2000),
    "asr-cnn-plus-rnn-depth/01": (2401429, 4000),
    "asr-dense-rnn/01": (3724429, 6800),
    "asr-dense-rnn-tuning/05": (4339379, 5700),
    "asr-dense-rnn-tuning/06": (6132329, 7800),
    "asr-dense-rnn-tuning/08": (4566429, 7200),
    "asr-gru-versus-lstm/01": (5466879, 5700),
    "asr-spectrogram-versus-mfcc/01": (4742379, 7300),
    "asr-final-model/01": (4823379, 7300),
}
"""Documented totals, and how many of them are not trainable: some of every family. All: `test_documented_facts`."""

VARIANTS = {variant.id: variant for study in STUDIES if study.domain == "speech" for variant in study.variants}


@pytest.mark.parametrize("variant_id", DOCUMENTED)
def test_documented_totals(variant_id: str) -> None:
    """Parameters are counted as the documents count them."""
    variant = VARIANTS[variant_id]
    count = count_parameters(variant.network, variant.features.dimensions)
    assert (count.total, count.non_trainable) == DOCUMENTED[variant_id]


def test_a_bare_head_scores_every_unit() -> None:
    """The documented networks without a dense layer put out 200 symbols, more than there are characters."""
    assert output_channels(VARIANTS["asr-rnn-only/03"].network) == 200


@pytest.mark.parametrize(
    ("variant_id", "frames"),
    [
        ("asr-cnn-sublayer-order/01", 110),
        ("asr-merge-mode/01", 229),
        ("asr-dilation/01", 223),
        ("asr-dilation/05", 103),
        ("asr-dilation/7-layers", 0),
        ("asr-cnn-depth/03", 229),
        ("asr-cnn-sublayer-order-2-layers/01", 50),
        ("asr-inverse-dilation/01", 199),
        ("asr-inverse-dilation/06", 103),
    ],
)
def test_output_frames_of_the_shortest_documented_utterance(variant_id: str, frames: int) -> None:
    """Kernel 11 with stride 2 leaves 110 of 229 frames; doubling dilations of kernel 3 take 2 (2^layers - 1)."""
    assert output_frames(VARIANTS[variant_id].network, 229) == frames


def test_only_seven_dilated_layers_are_infeasible() -> None:
    """On the shortest documented utterances every variant can be trained but the one documented not to be."""
    infeasible = [
        name
        for name, variant in VARIANTS.items()
        if infeasibility(variant.network, reference_extents(variant.features))
    ]
    assert infeasible == ["asr-dilation/7-layers"]


def test_infeasibility_names_the_numbers() -> None:
    """The reason says how many frames there were, are left, and would be needed."""
    reason = infeasibility(VARIANTS["asr-dilation/05"].network, [Extent(frames=150, needed=30)])
    assert reason == "an utterance of 150 frames leaves 24 output frames, but its transcript needs at least 30"


@pytest.mark.parametrize(("text", "needed"), [("", 0), ("a", 1), ("ab", 2), ("aa", 3), ("hello", 6), ("aaa", 5)])
def test_repeated_characters_need_a_blank_between(text: str, needed: int) -> None:
    """CTC merges equal neighbours, so a blank must part those that are meant twice."""
    assert frames_needed(text) == needed
