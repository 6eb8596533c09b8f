"""How many recurrent layers: without a convolution, and after one."""

from dataclasses import replace

from soundproof.search_spaces.claims import Monotone
from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    FIXED_CAVEATS,
    FOUR_GRUS,
    HEAD,
    SOURCE,
    TWO_LSTMS,
    TWO_WAY_GRU,
    WIDE_CONVOLUTION,
    documented,
    speech_study,
    without_convolution,
)
from soundproof.search_spaces.documented.asr_front_end import ONE_LSTM_AND_DENSE
from soundproof.search_spaces.documented.declaring import compared, numbered
from soundproof.search_spaces.specs import RecurrentStack, SpeechNetwork
from soundproof.search_spaces.studies import Variant

TWO_LSTMS_AND_DENSE = documented(
    "asr-rnn-depth-without-cnn/01",
    {"recurrent layers": "2"},
    without_convolution(TWO_LSTMS),
    epochs=20,
)
_THREE_LSTMS = documented(
    "asr-rnn-depth-without-cnn/02",
    {"recurrent layers": "3"},
    without_convolution(replace(TWO_LSTMS, layers=3)),
    epochs=20,
)

ASR_RNN_DEPTH_WITHOUT_CNN = speech_study(
    id="asr-rnn-depth-without-cnn",
    question="Do more recurrent layers help when there is no convolution?",
    baseline=ONE_LSTM_AND_DENSE.id,
    variants=(compared(ONE_LSTM_AND_DENSE, {"recurrent layers": "1"}), TWO_LSTMS_AND_DENSE, _THREE_LSTMS),
    claims=(
        Monotone(
            text="More recurrent layers (1, 2, 3) without a convolution improve performance.",
            source=SOURCE,
            variants=(ONE_LSTM_AND_DENSE.id, TWO_LSTMS_AND_DENSE.id, _THREE_LSTMS.id),
        ),
    ),
    caveats=("unidirectional LSTM layers with dropout 0.2 between them", *FIXED_CAVEATS),
)


def _after_one_convolution(variant_id: str, recurrent: RecurrentStack, *, epochs: int) -> Variant:
    return documented(
        variant_id,
        {"recurrent layers": str(recurrent.layers)},
        SpeechNetwork(convolution=WIDE_CONVOLUTION, recurrent=recurrent, head=HEAD),
        epochs=epochs,
    )


_1, _2, _4, _6, _8, _12 = numbered("asr-rnn-depth", 6)

ASR_RNN_DEPTH = speech_study(
    id="asr-rnn-depth",
    question="How many recurrent layers are best after one convolution?",
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
        *FIXED_CAVEATS,
    ),
)
