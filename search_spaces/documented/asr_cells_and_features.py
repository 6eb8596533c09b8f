"""Two questions about the dense recurrent network: which cell, and which features."""

from dataclasses import replace

from soundproof.search_spaces.claims import Larger
from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    FIXED_CAVEATS,
    MFCC,
    NORM,
    RELU,
    SOURCE,
    TUNED_CONVOLUTION,
    TUNED_HEAD,
    documented,
    speech_study,
)
from soundproof.search_spaces.documented.asr_dense_recurrence import EIGHT_CONVOLUTIONS
from soundproof.search_spaces.documented.asr_final_model import DENSE_GRUS, FINAL_MODEL
from soundproof.search_spaces.documented.declaring import compared
from soundproof.search_spaces.specs import Dropout, SpeechNetwork
from soundproof.search_spaces.studies import Variant


def _lstm(variant_id: str, dropout: float) -> Variant:
    recurrent = replace(DENSE_GRUS, cell="lstm", sublayers_between=(NORM, RELU, Dropout(rate=dropout)))
    return documented(
        variant_id,
        {"cell": "LSTM", "dropout between recurrent layers": f"{dropout:g}"},
        SpeechNetwork(convolution=replace(TUNED_CONVOLUTION, layers=8), recurrent=recurrent, head=TUNED_HEAD),
        epochs=150,
    )


_GRU = EIGHT_CONVOLUTIONS.id
_LSTM, _LSTM_MUCH_DROPOUT = "asr-gru-versus-lstm/01", "asr-gru-versus-lstm/02"

ASR_GRU_VERSUS_LSTM = speech_study(
    id="asr-gru-versus-lstm",
    question="Are LSTM cells better than GRU cells in the dense RNN?",
    baseline=_GRU,
    variants=(
        compared(EIGHT_CONVOLUTIONS, {"cell": "GRU", "dropout between recurrent layers": "0.2"}),
        _lstm(_LSTM, 0.2),
        _lstm(_LSTM_MUCH_DROPOUT, 0.5),
    ),
    claims=(
        Larger(
            text="With LSTM cells the model has about 20% more parameters.",
            source=SOURCE,
            pair=(_LSTM, _GRU),
            ratio=1.2,
            tolerance=0.05,
        ),
        DOCUMENT.faster("With LSTM cells it trains and overfits faster.", (_LSTM, _GRU)),
        DOCUMENT.better("With LSTM cells it ends with a slightly larger minimal validation loss.", (_GRU, _LSTM)),
        DOCUMENT.equivalent(
            "With dropout 0.5 between LSTM layers the minimal validation loss is about that of GRU with 0.2.",
            (_LSTM_MUCH_DROPOUT, _GRU),
        ),
        DOCUMENT.faster("LSTM with dropout 0.5 reaches it sooner than GRU with 0.2.", (_LSTM_MUCH_DROPOUT, _GRU)),
    ),
    caveats=(
        "8 convolutions, then 4 dense recurrent layers, the first of them bidirectional",
        "faster is read as fewer epochs until the best validation loss, after which a network overfits",
        *FIXED_CAVEATS,
    ),
)


def _levels(features: str, convolutions: int) -> dict[str, str]:
    return {"features": features, "convolutions": f"{convolutions} convolutions"}


_MFCC_12 = documented(
    "asr-spectrogram-versus-mfcc/01", _levels("MFCC", 12), FINAL_MODEL.network, features=MFCC, epochs=150
)
_MFCC_8 = documented(
    "asr-spectrogram-versus-mfcc/02", _levels("MFCC", 8), EIGHT_CONVOLUTIONS.network, features=MFCC, epochs=150
)

ASR_SPECTROGRAM_VERSUS_MFCC = speech_study(
    id="asr-spectrogram-versus-mfcc",
    question="Spectrogram or MFCC features?",
    baseline=EIGHT_CONVOLUTIONS.id,
    variants=(
        _MFCC_12,
        _MFCC_8,
        compared(FINAL_MODEL, _levels("spectrogram", 12)),
        compared(EIGHT_CONVOLUTIONS, _levels("spectrogram", 8)),
    ),
    claims=(
        DOCUMENT.equivalent(
            "Both features train almost identically.",
            (_MFCC_12.id, FINAL_MODEL.id),
            (_MFCC_8.id, EIGHT_CONVOLUTIONS.id),
        ),
    ),
    caveats=(
        "dense recurrent networks with 4 GRU layers of 250 units, compared at equal depth",
        *FIXED_CAVEATS,
    ),
)
