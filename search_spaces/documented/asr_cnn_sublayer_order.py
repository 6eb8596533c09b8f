"""Order and presence of activation, batch norm and dropout after convolutions: one, two, three and eight of them."""

from dataclasses import replace
from functools import partial

from soundproof.search_spaces.claims import every_pair
from soundproof.search_spaces.documented.asr import (
    COMMUTING,
    DEEP_CONVOLUTION,
    DOCUMENT,
    DROPOUT,
    NORM,
    RELU,
    WIDE_CONVOLUTION,
    speech_network,
)
from soundproof.search_spaces.documented.declaring import numbered, strongly
from soundproof.search_spaces.specs import Sublayer, describe_sublayers
from soundproof.search_spaces.studies import Variant


def _wide(layers: int, factor: str, epochs: int, variant_id: str, *sublayers: Sublayer) -> Variant:
    network = speech_network(replace(WIDE_CONVOLUTION, layers=layers, sublayers=sublayers))
    return DOCUMENT.variant(variant_id, {factor: describe_sublayers(sublayers)}, network, epochs=epochs)


def _deep(layers: int, kernel_size: int, epochs: int, variant_id: str, *sublayers: Sublayer) -> Variant:
    stack = replace(DEEP_CONVOLUTION, layers=layers, kernel_size=kernel_size, sublayers=sublayers)
    factors = {
        "convolutions": f"{layers} layers, kernel {kernel_size}",
        "their sublayers": describe_sublayers(sublayers),
    }
    return DOCUMENT.variant(variant_id, factors, speech_network(stack), epochs=epochs)


_of_one = partial(_wide, 1, "sublayers of the convolution", 30)
_of_two = partial(_wide, 2, "sublayers of the convolutions", 50)
_of_three = partial(_deep, 3, 5, 50)
_of_eight = partial(_deep, 8, 3, 100)


_RDN, _RND, _RD, _RN, _DRN, _DR, _NRD, _NR = numbered("asr-cnn-sublayer-order", 8)

ASR_CNN_SUBLAYER_ORDER = DOCUMENT.study(
    "asr-cnn-sublayer-order",
    "For one convolutional layer: do dropout, batch norm, and their order with the activation matter?",
    baseline=_RDN,
    variants=(
        _of_one(_RDN, RELU, DROPOUT, NORM),
        _of_one(_RND, RELU, NORM, DROPOUT),
        _of_one(_RD, RELU, DROPOUT),
        _of_one(_RN, RELU, NORM),
        _of_one(_DRN, DROPOUT, RELU, NORM),
        _of_one(_DR, DROPOUT, RELU),
        _of_one(_NRD, NORM, RELU, DROPOUT),
        _of_one(_NR, NORM, RELU),
    ),
    claims=(
        DOCUMENT.better(
            "Without dropout the network is considerably worse, even with batch norm present.",
            (_RND, _RN),
            (_NRD, _NR),
            degree=strongly("considerably"),
        ),
        DOCUMENT.better("Without batch norm, with dropout present, the network is worse.", (_RDN, _RD), (_DRN, _DR)),
        DOCUMENT.better("Leaving out batch norm costs less than leaving out dropout.", (_RD, _RN), (_DR, _NR)),
        DOCUMENT.equivalent(
            "With dropout and batch norm both present, their order with the activation does not matter.",
            *every_pair(_RDN, _RND, _DRN, _NRD),
        ),
    ),
    caveats=("one convolution of kernel 11 and stride 2 before one bidirectional GRU layer", COMMUTING),
)


_RDN_2, _RND_2, _DRN_2, _NRD_2 = numbered("asr-cnn-sublayer-order-2-layers", 4)

ASR_CNN_SUBLAYER_ORDER_2_LAYERS = DOCUMENT.study(
    "asr-cnn-sublayer-order-2-layers",
    "The same for two convolutional layers.",
    baseline=_RDN_2,
    variants=(
        _of_two(_RDN_2, RELU, DROPOUT, NORM),
        _of_two(_RND_2, RELU, NORM, DROPOUT),
        _of_two(_DRN_2, DROPOUT, RELU, NORM),
        _of_two(_NRD_2, NORM, RELU, DROPOUT),
    ),
    claims=(
        DOCUMENT.equivalent(
            "With two convolutional layers the order does not matter much.", *every_pair(_RDN_2, _RND_2, _DRN_2, _NRD_2)
        ),
        DOCUMENT.not_better(
            "Batch norm, activation, dropout is, if anything, worse than the other orders.",
            *((_NRD_2, other) for other in (_RDN_2, _RND_2, _DRN_2)),
        ),
    ),
    caveats=("two convolutions of kernel 11 and stride 2 before one bidirectional GRU layer", COMMUTING),
)


_DRN_3, _NRD_3, _RDN_3, _NRD_8, _DRN_8, _RND_8, _RDN_8 = numbered("asr-cnn-sublayer-order-3-and-8-layers", 7)

ASR_CNN_SUBLAYER_ORDER_3_AND_8_LAYERS = DOCUMENT.study(
    "asr-cnn-sublayer-order-3-and-8-layers",
    "The sublayer order for three (kernel 5) and eight (kernel 3) convolutional layers.",
    baseline=_DRN_3,
    variants=(
        _of_three(_DRN_3, DROPOUT, RELU, NORM),
        _of_three(_NRD_3, NORM, RELU, DROPOUT),
        _of_three(_RDN_3, RELU, DROPOUT, NORM),
        _of_eight(_NRD_8, NORM, RELU, DROPOUT),
        _of_eight(_DRN_8, DROPOUT, RELU, NORM),
        _of_eight(_RND_8, RELU, NORM, DROPOUT),
        _of_eight(_RDN_8, RELU, DROPOUT, NORM),
    ),
    claims=(
        DOCUMENT.equivalent(
            "Apart from batch norm, activation, dropout, the order does not matter much.",
            (_DRN_3, _RDN_3),
            *every_pair(_DRN_8, _RND_8, _RDN_8),
        ),
        DOCUMENT.worst_of(
            "Of three layers, those with batch norm, activation, dropout appear worst.",
            worst=(_NRD_3,),
            others=(_DRN_3, _RDN_3),
        ),
        DOCUMENT.worst_of(
            "Of eight layers, those with batch norm, activation, dropout appear worst.",
            worst=(_NRD_8,),
            others=(_DRN_8, _RND_8, _RDN_8),
        ),
    ),
    caveats=(
        "orders are compared at equal depth; at the documented preset three layers train for 50 epochs, eight for 100",
        COMMUTING,
    ),
)
