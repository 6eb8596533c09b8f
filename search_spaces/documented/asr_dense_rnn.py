"""Depth of both parts together, dense connections between recurrent layers, and the documents' last model."""

from dataclasses import replace

from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    DOCUMENTED_WIDTHS,
    FOUR_GRUS,
    MFCC,
    NORM,
    RELU,
    TUNED_CONVOLUTION,
    TUNED_HEAD,
    TWO_WAY_GRU,
    speech_network,
)
from soundproof.search_spaces.documented.declaring import compared, numbered, slightly
from soundproof.search_spaces.specs import ConvStack, Dropout, RecurrentStack
from soundproof.search_spaces.studies import Variant

DENSE_GRUS = replace(FOUR_GRUS, units=250, connectivity="dense")
_NETWORK = speech_network(TUNED_CONVOLUTION, DENSE_GRUS, TUNED_HEAD)
FINAL_MODEL = DOCUMENT.variant("asr-final-model/01", {"features": "spectrogram"}, _NETWORK, epochs=150)


def _of(
    variant_id: str, parts: str, convolution: ConvStack, recurrent: RecurrentStack, *, epochs: int = 150
) -> Variant:
    levels = {"convolutional and recurrent part": parts}
    return DOCUMENT.variant(variant_id, levels, speech_network(convolution, recurrent, TUNED_HEAD), epochs=epochs)


_EIGHT_GRUS = replace(FOUR_GRUS, layers=8)

_RNN, _CNN, _BOTH = numbered("asr-cnn-plus-rnn-depth", 3)

_DEEP_RNN = _of(_RNN, "1 convolution, 8 GRU layers", replace(TUNED_CONVOLUTION, layers=1), _EIGHT_GRUS)
_DEEP_CNN = _of(_CNN, "12 convolutions, 1 GRU layer", TUNED_CONVOLUTION, TWO_WAY_GRU)
_DEEP_BOTH = _of(_BOTH, "12 convolutions, 8 GRU layers", TUNED_CONVOLUTION, _EIGHT_GRUS, epochs=500)
_DENSE_RNN = _of(
    "asr-dense-rnn/01", "12 convolutions, 4 dense GRU layers", TUNED_CONVOLUTION, replace(DENSE_GRUS, units=200)
)
_LONGEST = "at the documented preset the 12 convolutions with 8 GRU layers train for 500 epochs, the others for 150"

ASR_CNN_PLUS_RNN_DEPTH = DOCUMENT.study(
    "asr-cnn-plus-rnn-depth",
    "Deep CNN, deep RNN, or both?",
    baseline=_DEEP_CNN,
    variants=(_DEEP_RNN, _DEEP_CNN, _DEEP_BOTH),
    claims=(
        DOCUMENT.equivalent(
            "Deep CNN + shallow RNN performs about the same as shallow CNN + deep RNN.", (_DEEP_CNN, _DEEP_RNN)
        ),
        DOCUMENT.equivalent(
            "Deep CNN + deep RNN reaches about the same minimal validation loss as either.",
            (_DEEP_BOTH, _DEEP_CNN),
            (_DEEP_BOTH, _DEEP_RNN),
        ),
    ),
    caveats=(_LONGEST,),
)

ASR_DENSE_RNN = DOCUMENT.study(
    "asr-dense-rnn",
    "Do DenseNet connections help the recurrent part?",
    baseline=_DEEP_CNN,
    variants=(_DENSE_RNN, _DEEP_RNN, _DEEP_CNN, _DEEP_BOTH),
    claims=(
        DOCUMENT.best_of(
            "Deep CNN + dense RNN performs best of all so far.",
            best=(_DENSE_RNN,),
            others=(_DEEP_RNN, _DEEP_CNN, _DEEP_BOTH),
        ),
        DOCUMENT.not_better("A dense RNN helps to reduce the number of RNN layers.", (_DEEP_BOTH, _DENSE_RNN)),
    ),
    caveats=(
        "that dense connections reduce the number of recurrent layers is read so: 8 layers without them are not better",
        "of all so far is tested against the three networks that the documents compare with",
        "the dense recurrent part has 4 layers, the deep one without dense connections 8",
        _LONGEST,
    ),
)


def _tuned(
    variant_id: str,
    tuning: str,
    convolution: ConvStack = TUNED_CONVOLUTION,
    *,
    epochs: int = 150,
    units: int = 200,
    layers: int = 4,
    dropout: float = 0.2,
) -> Variant:
    between = (NORM, RELU, Dropout(rate=dropout))
    recurrent = replace(DENSE_GRUS, layers=layers, units=units, sublayers_between=between)
    network = speech_network(convolution, recurrent, TUNED_HEAD)
    return DOCUMENT.variant(variant_id, {_TUNING: tuning}, network, epochs=epochs)


_TUNING = "tuning"
_MORE_DROPOUT = replace(TUNED_CONVOLUTION, sublayers=(RELU, Dropout(rate=0.35), NORM))
_DENSE_CONVOLUTION = replace(
    TUNED_CONVOLUTION, layers=6, connectivity="dense", sublayers=(RELU, NORM, Dropout(rate=0.35))
)
_BASE, _RNN_DROPOUT, _BOTH_DROPOUTS, _DENSE_CNN, _8_CONVOLUTIONS, _300_UNITS_MORE_DROPOUT, _300_UNITS, _5_LAYERS = (
    numbered("asr-dense-rnn-tuning", 8)
)
_250_UNITS = FINAL_MODEL
EIGHT_CONVOLUTIONS = _tuned(
    _8_CONVOLUTIONS, "8 convolutions, 250 units", replace(TUNED_CONVOLUTION, layers=8), units=250
)

ASR_DENSE_RNN_TUNING = DOCUMENT.study(
    "asr-dense-rnn-tuning",
    "How should the dense RNN be regularised and sized?",
    baseline=_BASE,
    variants=(
        _tuned(_BASE, "untuned"),
        _tuned(_RNN_DROPOUT, "recurrent dropout 0.3", dropout=0.3, epochs=100),
        _tuned(_BOTH_DROPOUTS, "recurrent dropout 0.3, convolutional 0.35", _MORE_DROPOUT, dropout=0.3, epochs=300),
        _tuned(
            _DENSE_CNN,
            "6 dense convolutions, recurrent dropout 0.3, convolutional 0.35",
            _DENSE_CONVOLUTION,
            dropout=0.3,
            epochs=100,
        ),
        EIGHT_CONVOLUTIONS,
        _tuned(_300_UNITS_MORE_DROPOUT, "300 units, recurrent dropout 0.3", units=300, dropout=0.3),
        _tuned(_300_UNITS, "300 units", units=300),
        _tuned(_5_LAYERS, "5 GRU layers", layers=5),
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
        DOCUMENT.better(
            "8 convolutional layers are slightly better than 12.",
            (_8_CONVOLUTIONS, _250_UNITS),
            degree=slightly("slightly"),
        ),
    ),
    caveats=(
        "untuned: 12 convolutions with dropout 0.25, then 4 dense GRU layers of 200 units with dropout 0.2 between",
        "the convolutional rate was raised only together with the recurrent one",
        "at the documented preset epochs differ: 100 for recurrent dropout 0.3 with 200 units and for the dense "
        "convolutions, 300 for both rates higher, else 150",
        DOCUMENTED_WIDTHS,
    ),
)

_ON_MFCC = DOCUMENT.variant("asr-final-model/02", {"features": "MFCC"}, _NETWORK, features=MFCC, epochs=150)

ASR_FINAL_MODEL = DOCUMENT.study(
    "asr-final-model",
    "The final model, with either feature.",
    baseline=FINAL_MODEL,
    variants=(FINAL_MODEL, _ON_MFCC),
    claims=(
        DOCUMENT.equivalent(
            "12 convolutions of 200 filters, then 4 dense GRU layers of 250 units, is the chosen architecture, "
            "with either feature.",
            (FINAL_MODEL, _ON_MFCC),
        ),
    ),
    caveats=(
        "that an architecture was chosen cannot be tested; that it serves equally with either feature can",
        "the documents give no reason for the choice, and find 8 convolutions slightly better than these 12: "
        "see asr-dense-rnn-tuning",
    ),
)
