"""Two questions about the dense recurrent network: which cell, and which features."""

from dataclasses import replace

from soundproof.common import record
from soundproof.search_spaces.claims import Larger, Measure
from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    MFCC,
    NORM,
    RELU,
    TUNED_CONVOLUTION,
    TUNED_HEAD,
    speech_network,
)
from soundproof.search_spaces.documented.asr_dense_rnn import DENSE_GRUS, EIGHT_CONVOLUTIONS, FINAL_MODEL
from soundproof.search_spaces.documented.declaring import compared, slightly
from soundproof.search_spaces.specs import Dropout
from soundproof.search_spaces.studies import Variant

_OVERFITTING = Measure(metric=record.TRAIN_GAP, margin=2.0)


def _lstm(variant_id: str, dropout: float) -> Variant:
    recurrent = replace(DENSE_GRUS, cell="lstm", sublayers_between=(NORM, RELU, Dropout(rate=dropout)))
    network = speech_network(replace(TUNED_CONVOLUTION, layers=8), recurrent, TUNED_HEAD)
    levels = {"cell": "LSTM", "dropout between recurrent layers": f"{dropout:g}"}
    return DOCUMENT.variant(variant_id, levels, network, epochs=150)


_GRU = compared(EIGHT_CONVOLUTIONS, {"cell": "GRU", "dropout between recurrent layers": "0.2"})
_LSTM, _LSTM_MUCH_DROPOUT = _lstm("asr-gru-versus-lstm/01", 0.2), _lstm("asr-gru-versus-lstm/02", 0.5)

ASR_GRU_VERSUS_LSTM = DOCUMENT.study(
    "asr-gru-versus-lstm",
    "Are LSTM cells better than GRU cells in the dense RNN?",
    baseline=_GRU,
    variants=(_GRU, _LSTM, _LSTM_MUCH_DROPOUT),
    claims=(
        Larger(
            text="With LSTM cells the model has about 20% more parameters.",
            source=DOCUMENT.source,
            pair=(_LSTM.id, _GRU.id),
            ratio=1.2,
            tolerance=0.05,
        ),
        DOCUMENT.faster("With LSTM cells it trains faster.", (_LSTM, _GRU)),
        DOCUMENT.better("With LSTM cells it overfits faster.", (_GRU, _LSTM), measure=_OVERFITTING),
        DOCUMENT.better("LSTM cells need more dropout.", (_LSTM_MUCH_DROPOUT, _LSTM)),
        DOCUMENT.better(
            "With LSTM cells it ends with a slightly larger minimal validation loss.",
            (_GRU, _LSTM),
            degree=slightly("slightly"),
        ),
        DOCUMENT.equivalent(
            "With dropout 0.5 between LSTM layers the minimal validation loss is about that of GRU with 0.2.",
            (_LSTM_MUCH_DROPOUT, _GRU),
        ),
        DOCUMENT.faster("LSTM with dropout 0.5 reaches it sooner than GRU with 0.2.", (_LSTM_MUCH_DROPOUT, _GRU)),
    ),
    caveats=(
        "8 convolutions, then 4 dense recurrent layers, the first of them bidirectional",
        "training faster is read as fewer epochs until the best validation loss, overfitting faster as a larger gap "
        "between validation and training loss at the end of equal training, where two nats matter",
    ),
)


def _levels(features: str, convolutions: int) -> dict[str, str]:
    return {"features": features, "convolutions": f"{convolutions} convolutions"}


_SPECTROGRAM_12 = compared(FINAL_MODEL, _levels("spectrogram", 12))
_SPECTROGRAM_8 = compared(EIGHT_CONVOLUTIONS, _levels("spectrogram", 8))
_MFCC_12, _MFCC_8 = (
    DOCUMENT.variant(
        f"asr-spectrogram-versus-mfcc/{number}", _levels("MFCC", layers), home.network, features=MFCC, epochs=150
    )
    for number, layers, home in (("01", 12, FINAL_MODEL), ("02", 8, EIGHT_CONVOLUTIONS))
)

ASR_SPECTROGRAM_VERSUS_MFCC = DOCUMENT.study(
    "asr-spectrogram-versus-mfcc",
    "Spectrogram or MFCC features?",
    baseline=_SPECTROGRAM_8,
    variants=(_MFCC_12, _MFCC_8, _SPECTROGRAM_12, _SPECTROGRAM_8),
    claims=(
        DOCUMENT.equivalent(
            "Both features train almost identically.", (_MFCC_12, _SPECTROGRAM_12), (_MFCC_8, _SPECTROGRAM_8)
        ),
    ),
    caveats=("dense recurrent networks with 4 GRU layers of 250 units, compared at equal depth",),
)
