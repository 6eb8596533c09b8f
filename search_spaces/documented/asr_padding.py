"""Two questions that the speech notebook raises and does not try: what padding is worth, and dilations on raw audio."""

from dataclasses import replace

from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    DOCUMENTED_WIDTHS,
    DROPOUT,
    NORM,
    RELU,
    WIDE_CONVOLUTION,
    speech_network,
)
from soundproof.search_spaces.documented.asr_cnn_sublayer_order import ASR_CNN_SUBLAYER_ORDER as ORDER
from soundproof.search_spaces.documented.classifying import RAISED
from soundproof.search_spaces.documented.declaring import compared, numbered
from soundproof.search_spaces.specs import ConvStack, RawWaveform
from soundproof.search_spaces.specs.network import Dilation
from soundproof.search_spaces.studies import Variant

_UNSEEN = compared(ORDER.variant(ORDER.baseline), {"padding": "is seen by no layer"})
_SEEN = DOCUMENT.variant(
    "asr-padding/01",
    {"padding": "is input like any other, as documented"},
    replace(speech_network(WIDE_CONVOLUTION), padding="seen"),
    epochs=_UNSEEN.epochs,
)

ASR_PADDING = replace(DOCUMENT, source=RAISED.source).study(
    "asr-padding",
    "Does it matter that batch norm and the backward direction see the padding of a batch?",
    baseline=_UNSEEN,
    variants=(_UNSEEN, _SEEN),
    claims=(RAISED.equivalent("Whether padding is seen makes no difference that matters.", (_UNSEEN, _SEEN)),),
    caveats=("batches hold utterances of about equal length: where they did not, there would be more padding to see",),
)

_DILATIONS: dict[str, Dilation] = {"1, 1, 1": "none", "1, 2, 4": "doubling", "4, 2, 1": "reversed"}
_PLAIN, _DOUBLING, _REVERSED = numbered("asr-raw-audio-dilation", 3)


def _on_samples(variant_id: str, dilations: str) -> Variant:
    stack = ConvStack(
        layers=3,
        filters=200,
        kernel_size=11,
        stride=5,
        padding="valid",
        dilation=_DILATIONS[dilations],
        sublayers=(RELU, DROPOUT, NORM),
    )
    return DOCUMENT.variant(
        variant_id, {"dilations": dilations}, speech_network(stack), features=RawWaveform(), epochs=50
    )


ASR_RAW_AUDIO_DILATION = replace(DOCUMENT, source=RAISED.source).study(
    "asr-raw-audio-dilation",
    "Do dilations help where convolutions read samples, as in WaveNet, and not a spectrogram?",
    baseline=_PLAIN,
    variants=tuple(map(_on_samples, (_PLAIN, _DOUBLING, _REVERSED), _DILATIONS)),
    claims=(
        RAISED.better("Doubling dilations help on samples.", (_DOUBLING, _PLAIN)),
        RAISED.equivalent("Reversed dilations perform about as well as doubling ones.", (_REVERSED, _DOUBLING)),
    ),
    caveats=(
        "the documents suggest the question and leave it; layers, strides and epochs are ours",
        "three layers with stride 5 make a frame of 125 samples: 8 ms at 16 kHz",
        DOCUMENTED_WIDTHS,
    ),
)
