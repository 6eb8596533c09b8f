"""How many recurrent layers, without a convolution and after one; how the two directions of one are merged."""

from dataclasses import replace

from soundproof.search_spaces.claims import every_pair
from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    FOUR_GRUS,
    TWO_LSTMS,
    TWO_WAY_GRU,
    WIDE_CONVOLUTION,
    speech_network,
)
from soundproof.search_spaces.documented.asr_cnn_front_end import ONE_LSTM_AND_DENSE
from soundproof.search_spaces.documented.declaring import compared, numbered, slightly
from soundproof.search_spaces.specs import RecurrentStack
from soundproof.search_spaces.specs.network import Merge
from soundproof.search_spaces.studies import Variant

_TWO_LSTMS, _THREE_LSTMS = (
    DOCUMENT.variant(
        variant_id,
        {"recurrent layers": str(layers)},
        speech_network(None, replace(TWO_LSTMS, layers=layers)),
        epochs=20,
    )
    for variant_id, layers in zip(numbered("asr-rnn-depth-without-cnn", 2), (2, 3), strict=True)
)

ASR_RNN_DEPTH_WITHOUT_CNN = DOCUMENT.study(
    "asr-rnn-depth-without-cnn",
    "Do more recurrent layers help when there is no convolution?",
    baseline=ONE_LSTM_AND_DENSE,
    variants=(compared(ONE_LSTM_AND_DENSE, {"recurrent layers": "1"}), _TWO_LSTMS, _THREE_LSTMS),
    claims=(
        DOCUMENT.monotone(
            "More recurrent layers (1, 2, 3) without a convolution improve performance.",
            (ONE_LSTM_AND_DENSE, _TWO_LSTMS, _THREE_LSTMS),
        ),
    ),
    caveats=("unidirectional LSTM layers with dropout 0.2 between them",),
)


def _after_one_convolution(variant_id: str, recurrent: RecurrentStack, *, epochs: int) -> Variant:
    levels = {"recurrent layers": str(recurrent.layers)}
    return DOCUMENT.variant(variant_id, levels, speech_network(WIDE_CONVOLUTION, recurrent), epochs=epochs)


_1, _2, _4, _6, _8, _12 = numbered("asr-rnn-depth", 6)

ASR_RNN_DEPTH = DOCUMENT.study(
    "asr-rnn-depth",
    "How many recurrent layers are best after one convolution?",
    baseline=_1,
    variants=(
        _after_one_convolution(_1, TWO_WAY_GRU, epochs=50),
        _after_one_convolution(_2, replace(FOUR_GRUS, layers=2), epochs=50),
        _after_one_convolution(_4, FOUR_GRUS, epochs=100),
        _after_one_convolution(_6, replace(FOUR_GRUS, layers=6), epochs=100),
        _after_one_convolution(_8, replace(FOUR_GRUS, layers=8), epochs=200),
        _after_one_convolution(_12, replace(FOUR_GRUS, layers=12), epochs=200),
    ),
    claims=(
        DOCUMENT.best_of(
            "About 8 recurrent layers are best (compared: 1, 2, 4, 6, 8, 12).", best=(_8,), others=(_1, _2, _4, _6, _12)
        ),
    ),
    caveats=(
        "GRU layers, the first of them bidirectional, with batch norm, relu and dropout 0.2 between them",
        "at the documented preset deeper networks train longer: 1 and 2 layers for 50 epochs, 4 and 6 for 100, "
        "8 and 12 for 200",
    ),
)


_FACTOR = "merge of the first layer's directions"


def _merged(variant_id: str, merge: Merge) -> Variant:
    network = speech_network(None, replace(TWO_LSTMS, merge=merge))
    return DOCUMENT.variant(variant_id, {_FACTOR: merge}, network, epochs=20)


_CONCAT, _SUM, _AVE, _MUL = numbered("asr-merge-mode", 4)
_ONE_WAY = compared(_TWO_LSTMS, {_FACTOR: "unidirectional"})

ASR_MERGE_MODE = DOCUMENT.study(
    "asr-merge-mode",
    "How should the two directions of a bidirectional first layer be merged?",
    baseline=_ONE_WAY,
    variants=(_merged(_CONCAT, "concat"), _merged(_SUM, "sum"), _merged(_AVE, "ave"), _merged(_MUL, "mul"), _ONE_WAY),
    claims=(
        DOCUMENT.better(
            "Every bidirectional model is better than the unidirectional one.",
            *((merged, _ONE_WAY) for merged in (_CONCAT, _SUM, _AVE, _MUL)),
        ),
        DOCUMENT.worst_of("mul is probably the worst merge mode.", worst=(_MUL,), others=(_CONCAT, _SUM, _AVE)),
        DOCUMENT.equivalent("concat, sum and ave perform roughly the same.", *every_pair(_CONCAT, _SUM, _AVE)),
        DOCUMENT.faster(
            "concat may reach its best slightly sooner than sum and ave.",
            (_CONCAT, _SUM),
            (_CONCAT, _AVE),
            degree=slightly("slightly"),
        ),
    ),
    caveats=("two LSTM layers without a convolution, the second one unidirectional",),
)
