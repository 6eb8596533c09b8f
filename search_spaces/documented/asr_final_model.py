"""The architecture that the documents end with."""

from dataclasses import replace

from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    FIXED_CAVEATS,
    FOUR_GRUS,
    MFCC,
    TUNED_CONVOLUTION,
    TUNED_HEAD,
    documented,
    speech_study,
)
from soundproof.search_spaces.specs import SpeechNetwork

DENSE_GRUS = replace(FOUR_GRUS, units=250, connectivity="dense")
_NETWORK = SpeechNetwork(convolution=TUNED_CONVOLUTION, recurrent=DENSE_GRUS, head=TUNED_HEAD)

FINAL_MODEL = documented("asr-final-model/01", {"features": "spectrogram"}, _NETWORK, epochs=150)
_ON_MFCC = documented("asr-final-model/02", {"features": "MFCC"}, _NETWORK, features=MFCC, epochs=150)

ASR_FINAL_MODEL = speech_study(
    id="asr-final-model",
    question="The final model, with either feature.",
    baseline=FINAL_MODEL.id,
    variants=(FINAL_MODEL, _ON_MFCC),
    claims=(
        DOCUMENT.equivalent(
            "12 convolutions of 200 filters, then 4 dense GRU layers of 250 units, is the chosen architecture, "
            "with either feature.",
            (FINAL_MODEL.id, _ON_MFCC.id),
        ),
    ),
    caveats=(
        "that an architecture was chosen cannot be tested; that it serves equally with either feature can",
        "the documents give no reason for the choice, and find 8 convolutions slightly better than these 12: "
        "see asr-dense-rnn-tuning",
        *FIXED_CAVEATS,
    ),
)
