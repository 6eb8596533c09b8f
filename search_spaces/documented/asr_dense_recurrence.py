"""Depth of the convolutional and the recurrent part together, and dense connections between recurrent layers."""

from dataclasses import replace

from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    DOCUMENTED_WIDTHS,
    FIXED_CAVEATS,
    FOUR_GRUS,
    NORM,
    RELU,
    TUNED_CONVOLUTION,
    TUNED_HEAD,
    TWO_WAY_GRU,
    documented,
    speech_study,
)
from soundproof.search_spaces.documented.asr_final_model import DENSE_GRUS, FINAL_MODEL
from soundproof.search_spaces.documented.declaring import compared, numbered
from soundproof.search_spaces.specs import ConvStack, Dropout, RecurrentStack, SpeechNetwork
from soundproof.search_spaces.studies import Variant


def _network(convolution: ConvStack, recurrent: RecurrentStack) -> SpeechNetwork:
    return SpeechNetwork(convolution=convolution, recurrent=recurrent, head=TUNED_HEAD)


_PARTS = "convolutional and recurrent part"
_EIGHT_GRUS = replace(FOUR_GRUS, layers=8)

_DEEP_RNN = documented(
    "asr-cnn-plus-rnn-depth/01",
    {_PARTS: "1 convolution, 8 GRU layers"},
    _network(replace(TUNED_CONVOLUTION, layers=1), _EIGHT_GRUS),
    epochs=150,
)
_DEEP_CNN = documented(
    "asr-cnn-plus-rnn-depth/02",
    {_PARTS: "12 convolutions, 1 GRU layer"},
    _network(TUNED_CONVOLUTION, TWO_WAY_GRU),
    epochs=150,
)
_DEEP_BOTH = documented(
    "asr-cnn-plus-rnn-depth/03",
    {_PARTS: "12 convolutions, 8 GRU layers"},
    _network(TUNED_CONVOLUTION, _EIGHT_GRUS),
    epochs=500,
)
_DENSE_RNN = documented(
    "asr-dense-rnn/01",
    {_PARTS: "12 convolutions, 4 dense GRU layers"},
    _network(TUNED_CONVOLUTION, replace(DENSE_GRUS, units=200)),
    epochs=150,
)
_LONGEST = "at the documented preset the 12 convolutions with 8 GRU layers train for 500 epochs, the others for 150"

ASR_CNN_PLUS_RNN_DEPTH = speech_study(
    id="asr-cnn-plus-rnn-depth",
    question="Deep CNN, deep RNN, or both?",
    baseline=_DEEP_CNN.id,
    variants=(_DEEP_RNN, _DEEP_CNN, _DEEP_BOTH),
    claims=(
        DOCUMENT.equivalent(
            "Deep CNN + shallow RNN performs about the same as shallow CNN + deep RNN.", (_DEEP_CNN.id, _DEEP_RNN.id)
        ),
        DOCUMENT.equivalent(
            "Deep CNN + deep RNN reaches about the same minimal validation loss as either.",
            (_DEEP_BOTH.id, _DEEP_CNN.id),
            (_DEEP_BOTH.id, _DEEP_RNN.id),
        ),
    ),
    caveats=(_LONGEST, *FIXED_CAVEATS),
)

ASR_DENSE_RNN = speech_study(
    id="asr-dense-rnn",
    question="Do DenseNet connections help the recurrent part?",
    baseline=_DEEP_CNN.id,
    variants=(_DENSE_RNN, _DEEP_RNN, _DEEP_CNN, _DEEP_BOTH),
    claims=(
        DOCUMENT.best_of(
            "Deep CNN + dense RNN performs best of all so far.",
            best=(_DENSE_RNN.id,),
            others=(_DEEP_RNN.id, _DEEP_CNN.id, _DEEP_BOTH.id),
        ),
    ),
    caveats=(
        "of all so far is tested against the three networks that the documents compare with",
        "the dense recurrent part has 4 layers, the deep one without dense connections 8",
        _LONGEST,
        *FIXED_CAVEATS,
    ),
)


def _tuned(
    variant_id: str,
    tuning: str,
    convolution: ConvStack,
    *,
    epochs: int,
    units: int = 200,
    layers: int = 4,
    dropout: float = 0.2,
) -> Variant:
    between = (NORM, RELU, Dropout(rate=dropout))
    recurrent = replace(DENSE_GRUS, layers=layers, units=units, sublayers_between=between)
    return documented(variant_id, {_TUNING: tuning}, _network(convolution, recurrent), epochs=epochs)


_TUNING = "tuning"
_MORE_DROPOUT = replace(TUNED_CONVOLUTION, sublayers=(RELU, Dropout(rate=0.35), NORM))
_DENSE_CONVOLUTION = replace(
    TUNED_CONVOLUTION, layers=6, connectivity="dense", sublayers=(RELU, NORM, Dropout(rate=0.35))
)
_BASE, _RNN_DROPOUT, _BOTH_DROPOUTS, _DENSE_CNN, _8_CONVOLUTIONS, _300_UNITS_MORE_DROPOUT, _300_UNITS, _5_LAYERS = (
    numbered("asr-dense-rnn-tuning", 8)
)
_250_UNITS = FINAL_MODEL.id
EIGHT_CONVOLUTIONS = _tuned(
    _8_CONVOLUTIONS, "8 convolutions, 250 units", replace(TUNED_CONVOLUTION, layers=8), units=250, epochs=150
)

ASR_DENSE_RNN_TUNING = speech_study(
    id="asr-dense-rnn-tuning",
    question="How should the dense RNN be regularised and sized?",
    baseline=_BASE,
    variants=(
        _tuned(_BASE, "untuned", TUNED_CONVOLUTION, epochs=150),
        _tuned(_RNN_DROPOUT, "recurrent dropout 0.3", TUNED_CONVOLUTION, dropout=0.3, epochs=100),
        _tuned(_BOTH_DROPOUTS, "recurrent dropout 0.3, convolutional 0.35", _MORE_DROPOUT, dropout=0.3, epochs=300),
        _tuned(
            _DENSE_CNN,
            "6 dense convolutions, recurrent dropout 0.3, convolutional 0.35",
            _DENSE_CONVOLUTION,
            dropout=0.3,
            epochs=100,
        ),
        EIGHT_CONVOLUTIONS,
        _tuned(
            _300_UNITS_MORE_DROPOUT,
            "300 units, recurrent dropout 0.3",
            TUNED_CONVOLUTION,
            units=300,
            dropout=0.3,
            epochs=150,
        ),
        _tuned(_300_UNITS, "300 units", TUNED_CONVOLUTION, units=300, epochs=150),
        _tuned(_5_LAYERS, "5 GRU layers", TUNED_CONVOLUTION, layers=5, epochs=150),
        compared(_DENSE_RNN, {_TUNING: "untuned"}),
        compared(FINAL_MODEL, {_TUNING: "250 units"}),
    ),
    claims=(
        DOCUMENT.not_better(
            "A higher dropout rate in the recurrent or in the convolutional part does not help.",
            (_RNN_DROPOUT, _BASE),
            (_BOTH_DROPOUTS, _BASE),
            (_300_UNITS_MORE_DROPOUT, _300_UNITS),
        ),
        DOCUMENT.better("A dense CNN in front is worse.", (_BASE, _DENSE_CNN), (_BOTH_DROPOUTS, _DENSE_CNN)),
        DOCUMENT.better("250 units are better than 200.", (_250_UNITS, _BASE)),
        DOCUMENT.not_better("300 units are not better than 250.", (_300_UNITS, _250_UNITS)),
        DOCUMENT.better("8 convolutional layers are slightly better than 12.", (_8_CONVOLUTIONS, _250_UNITS)),
    ),
    caveats=(
        "untuned: 12 convolutions with dropout 0.25, then 4 dense GRU layers of 200 units with dropout 0.2 between",
        "the convolutional rate was raised only together with the recurrent one",
        "at the documented preset epochs differ: 100 for recurrent dropout 0.3 with 200 units and for the dense "
        "convolutions, 300 for both rates higher, else 150",
        DOCUMENTED_WIDTHS,
        *FIXED_CAVEATS,
    ),
)
