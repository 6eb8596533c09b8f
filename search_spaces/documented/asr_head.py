"""What stands before the dense layer that scores every frame: sublayers, their order, and the dropout rate."""

from dataclasses import replace

from soundproof.search_spaces.documented.asr import (
    COMMUTING,
    DOCUMENT,
    DROPOUT,
    FOUR_GRUS,
    HEAD,
    NORM,
    RELU,
    WIDE_CONVOLUTION,
    speech_network,
)
from soundproof.search_spaces.documented.declaring import numbered, slightly
from soundproof.search_spaces.specs import Dropout, Sublayer, describe_sublayers
from soundproof.search_spaces.studies import Variant

_CONVOLUTION = replace(WIDE_CONVOLUTION, sublayers=(RELU, Dropout(rate=0.25), NORM))
_BEFORE_IT = "one convolution (dropout 0.25) and four GRU layers (dropout 0.2) come before the head"


def _before_dense(variant_id: str, *sublayers: Sublayer) -> Variant:
    network = speech_network(_CONVOLUTION, FOUR_GRUS, replace(HEAD, sublayers=sublayers))
    return DOCUMENT.variant(variant_id, {"before the dense layer": describe_sublayers(sublayers)}, network, epochs=50)


_NRD, _DRN, _RND, _RDN, _RD, _NR = numbered("asr-head-sublayer-order", 6)

ASR_HEAD_SUBLAYER_ORDER = DOCUMENT.study(
    "asr-head-sublayer-order",
    "Before the time-distributed dense layer: which sublayers, in which order?",
    baseline=_NRD,
    variants=(
        _before_dense(_NRD, NORM, RELU, DROPOUT),
        _before_dense(_DRN, DROPOUT, RELU, NORM),
        _before_dense(_RND, RELU, NORM, DROPOUT),
        _before_dense(_RDN, RELU, DROPOUT, NORM),
        _before_dense(_RD, RELU, DROPOUT),
        _before_dense(_NR, NORM, RELU),
    ),
    claims=(
        DOCUMENT.equivalent(
            "The order batch norm, activation, dropout performs almost as well as the others.",
            *((_NRD, other) for other in (_DRN, _RND, _RDN)),
        ),
        DOCUMENT.better("Leaving out batch norm or dropout degrades performance.", (_RDN, _RD), (_NRD, _NR)),
        DOCUMENT.better(
            "Leaving out batch norm degrades performance a bit less than leaving out dropout.",
            (_RD, _NR),
            degree=slightly("a bit"),
        ),
    ),
    caveats=(_BEFORE_IT, COMMUTING),
)

_0, _010, _020, _030, _040, _050, _025 = numbered("asr-head-dropout", 7)

ASR_HEAD_DROPOUT = DOCUMENT.study(
    "asr-head-dropout",
    "Which dropout rate is best before the time-distributed dense layer?",
    baseline=_020,
    variants=(
        _before_dense(_0, NORM, RELU),
        _before_dense(_010, NORM, RELU, Dropout(rate=0.1)),
        _before_dense(_020, NORM, RELU, Dropout(rate=0.2)),
        _before_dense(_025, NORM, RELU, Dropout(rate=0.25)),
        _before_dense(_030, NORM, RELU, Dropout(rate=0.3)),
        _before_dense(_040, NORM, RELU, Dropout(rate=0.4)),
        _before_dense(_050, NORM, RELU, Dropout(rate=0.5)),
    ),
    claims=(
        DOCUMENT.best_of(
            "0.3 appears best (compared: 0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5).",
            best=(_030,),
            others=(_0, _010, _020, _025, _040, _050),
        ),
    ),
    caveats=(_BEFORE_IT,),
)
