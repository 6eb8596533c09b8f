"""Dropout and batch norm inside deep stacks: between convolutions, and between recurrent layers."""

from dataclasses import replace

from soundproof.search_spaces.documented.asr import (
    DEEP_CONVOLUTION,
    DOCUMENT,
    DROPOUT,
    FOUR_GRUS,
    NORM,
    RELU,
    WIDE_CONVOLUTION,
    speech_network,
)
from soundproof.search_spaces.documented.declaring import numbered, strongly
from soundproof.search_spaces.specs import Dropout, Sublayer, describe_sublayers
from soundproof.search_spaces.studies import Variant


def _with_dropout(variant_id: str, rate: float, *, epochs: int) -> Variant:
    network = speech_network(replace(DEEP_CONVOLUTION, sublayers=(Dropout(rate=rate), RELU, NORM)))
    return DOCUMENT.variant(variant_id, {"dropout after each convolution": f"{rate:g}"}, network, epochs=epochs)


_010, _020, _030, _040, _050, _025 = numbered("asr-cnn-dropout", 6)

ASR_CNN_DROPOUT = DOCUMENT.study(
    "asr-cnn-dropout",
    "Which dropout rate is best for 12 convolutional layers?",
    baseline=_020,
    variants=(
        _with_dropout(_010, 0.1, epochs=100),
        _with_dropout(_020, 0.2, epochs=200),
        _with_dropout(_025, 0.25, epochs=150),
        _with_dropout(_030, 0.3, epochs=200),
        _with_dropout(_040, 0.4, epochs=300),
        _with_dropout(_050, 0.5, epochs=300),
    ),
    claims=(
        DOCUMENT.best_of(
            "A rate of 0.25 appears best (compared: 0.1, 0.2, 0.25, 0.3, 0.4, 0.5).",
            best=(_025,),
            others=(_010, _020, _030, _040, _050),
        ),
    ),
    caveats=(
        "dropout, relu, batch norm after every convolution; one bidirectional GRU layer behind",
        "at the documented preset higher rates train longer: 0.1 for 100 epochs, 0.25 for 150, 0.2 and 0.3 for 200, "
        "0.4 and 0.5 for 300",
    ),
)


def _between(variant_id: str, *sublayers: Sublayer) -> Variant:
    network = speech_network(WIDE_CONVOLUTION, replace(FOUR_GRUS, sublayers_between=sublayers))
    levels = {"between the recurrent layers": describe_sublayers(sublayers)}
    return DOCUMENT.variant(variant_id, levels, network, epochs=30)


_NEITHER, _NORM_ALONE, _DROPOUT_ALONE, _MUCH_DROPOUT_ALONE, _BOTH, _BOTH_LITTLE, _BOTH_MORE = numbered(
    "asr-rnn-regularisation", 7
)

ASR_RNN_REGULARISATION = DOCUMENT.study(
    "asr-rnn-regularisation",
    "Between four recurrent layers: batch norm, dropout, or both, and at which rate?",
    baseline=_BOTH,
    variants=(
        _between(_NEITHER, RELU),
        _between(_NORM_ALONE, NORM, RELU),
        _between(_DROPOUT_ALONE, RELU, DROPOUT),
        _between(_MUCH_DROPOUT_ALONE, RELU, Dropout(rate=0.5)),
        _between(_BOTH, NORM, RELU, DROPOUT),
        _between(_BOTH_LITTLE, NORM, RELU, Dropout(rate=0.1)),
        _between(_BOTH_MORE, NORM, RELU, Dropout(rate=0.3)),
    ),
    claims=(
        DOCUMENT.better(
            "Leaving out dropout (keeping batch norm) costs much more than leaving out batch norm (keeping dropout).",
            (_DROPOUT_ALONE, _NORM_ALONE),
            degree=strongly("much more"),
        ),
        DOCUMENT.equivalent(
            "With dropout 0.2, leaving out batch norm makes hardly any difference.", (_BOTH, _DROPOUT_ALONE)
        ),
        DOCUMENT.best_of(
            "With batch norm, 0.2 is the best dropout rate.",
            best=(_BOTH,),
            others=(_NORM_ALONE, _BOTH_LITTLE, _BOTH_MORE),
        ),
        DOCUMENT.best_of(
            "Without batch norm, 0.2 is the best dropout rate.",
            best=(_DROPOUT_ALONE,),
            others=(_NEITHER, _MUCH_DROPOUT_ALONE),
        ),
    ),
    caveats=("one convolution before four GRU layers, the first of them bidirectional; no dropout counts as rate 0",),
)
