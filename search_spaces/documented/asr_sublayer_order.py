"""Order and presence of activation, batch norm and dropout after convolutions."""

from __future__ import annotations

from dataclasses import replace

from search_spaces.claims import Better, Equivalent
from search_spaces.documented.asr import (
    DROPOUT,
    FIXED_CAVEATS,
    HEAD,
    NORM,
    RECIPE,
    RELU,
    SOURCE,
    SPECTROGRAM,
    TWO_WAY_GRU,
    WIDE_CONVOLUTION,
)
from search_spaces.specs import SpeechNetwork, Sublayer, describe_sublayers
from search_spaces.studies import Level, Study, Variant


def _variant(variant_id: str, *sublayers: Sublayer) -> Variant:
    convolution = replace(WIDE_CONVOLUTION, sublayers=sublayers)
    return Variant(
        id=variant_id,
        levels=(Level(factor="sublayers of the convolution", value=describe_sublayers(sublayers)),),
        features=SPECTROGRAM,
        network=SpeechNetwork(convolution=convolution, recurrent=TWO_WAY_GRU, head=HEAD),
        recipe=RECIPE,
        epochs=30,
    )


_ID = "asr-cnn-sublayer-order"
_RDN, _RND, _RD, _RN = f"{_ID}/01", f"{_ID}/02", f"{_ID}/03", f"{_ID}/04"
_DRN, _DR, _NRD, _NR = f"{_ID}/05", f"{_ID}/06", f"{_ID}/07", f"{_ID}/08"

ASR_CNN_SUBLAYER_ORDER = Study(
    id=_ID,
    question="For one convolutional layer: do dropout, batch norm, and their order with the activation matter?",
    source=SOURCE,
    baseline=_RDN,
    variants=(
        _variant(_RDN, RELU, DROPOUT, NORM),
        _variant(_RND, RELU, NORM, DROPOUT),
        _variant(_RD, RELU, DROPOUT),
        _variant(_RN, RELU, NORM),
        _variant(_DRN, DROPOUT, RELU, NORM),
        _variant(_DR, DROPOUT, RELU),
        _variant(_NRD, NORM, RELU, DROPOUT),
        _variant(_NR, NORM, RELU),
    ),
    claims=(
        Better(
            text="Without dropout the network is considerably worse, even with batch norm present.",
            source=SOURCE,
            pairs=((_RND, _RN), (_NRD, _NR)),
        ),
        Better(
            text="Without batch norm, with dropout present, the network is worse.",
            source=SOURCE,
            pairs=((_RDN, _RD), (_DRN, _DR)),
        ),
        Better(
            text="Leaving out batch norm costs less than leaving out dropout.",
            source=SOURCE,
            pairs=((_RD, _RN), (_DR, _NR)),
        ),
        Equivalent(
            text="With dropout and batch norm both present, their order with the activation does not matter.",
            source=SOURCE,
            variants=(_RDN, _RND, _DRN, _NRD),
        ),
    ),
    caveats=("one convolution of kernel 11 and stride 2 before one bidirectional GRU layer", *FIXED_CAVEATS),
)
