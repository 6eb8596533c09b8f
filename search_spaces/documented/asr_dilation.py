"""Dilated convolutions over spectrogram frames: doubling, reversed, and the order of their sublayers."""

from dataclasses import replace

from soundproof.search_spaces.claims import Infeasible
from soundproof.search_spaces.documented.asr import DOCUMENT, DROPOUT, NORM, RELU, speech_network
from soundproof.search_spaces.documented.asr_cnn_depth import TWELVE_LAYERS
from soundproof.search_spaces.documented.declaring import compared, numbered
from soundproof.search_spaces.specs import ConvStack, Dropout, Sublayer, describe_sublayers
from soundproof.search_spaces.studies import Variant

_DOUBLING = ConvStack(
    layers=4, filters=200, kernel_size=3, padding="valid", dilation="doubling", sublayers=(DROPOUT, RELU, NORM)
)
_REVERSED = replace(_DOUBLING, dilation="reversed")
_UNDILATED = compared(TWELVE_LAYERS, {"dilations": "none, 12 layers, same padding"})


def _dilated(variant_id: str, stack: ConvStack, *, epochs: int, note: str = "") -> Variant:
    dilations = ", ".join(str(dilation) for dilation in stack.dilations)
    return DOCUMENT.variant(variant_id, {"dilations": dilations + note}, speech_network(stack), epochs=epochs)


_REGULAR = tuple(
    _dilated(f"asr-dilation/{number:02d}", replace(_DOUBLING, layers=number + 1), epochs=100) for number in range(1, 6)
)
_FOUR_LAYERS = _REGULAR[2]
_SEVEN_LAYERS = _dilated("asr-dilation/7-layers", replace(_DOUBLING, layers=7), epochs=100)

ASR_DILATION = DOCUMENT.study(
    "asr-dilation",
    "Do doubling dilations (1, 2, 4, ...) help on spectrograms?",
    baseline=_UNDILATED,
    variants=(*_REGULAR, _SEVEN_LAYERS, _UNDILATED),
    claims=(
        DOCUMENT.not_better(
            "Dilations do not help at all on spectrograms.", *((variant, _UNDILATED) for variant in _REGULAR)
        ),
        Infeasible(
            text="More than 6 layers with doubling dilation and no padding cannot be trained: "
            "the output becomes shorter than the transcripts.",
            source=DOCUMENT.source,
            variants=(_SEVEN_LAYERS.id,),
        ),
    ),
    caveats=("kernel 3, no padding with dilation, one bidirectional GRU layer behind",),
)

_REVERSED_WIDE = _dilated(
    "asr-inverse-dilation/01", replace(_REVERSED, layers=2, kernel_size=11), epochs=50, note=" (kernel 11)"
)
_REVERSED_NARROW = tuple(
    _dilated(f"asr-inverse-dilation/{layers:02d}", replace(_REVERSED, layers=layers), epochs=50)
    for layers in range(2, 7)
)

ASR_INVERSE_DILATION = DOCUMENT.study(
    "asr-inverse-dilation",
    "Do reversed dilations (..., 4, 2, 1) help?",
    baseline=_UNDILATED,
    variants=(_REVERSED_WIDE, *_REVERSED_NARROW, *_REGULAR, _UNDILATED),
    claims=(
        DOCUMENT.not_better(
            "Reversed dilations do not help either.",
            *((variant, _UNDILATED) for variant in (_REVERSED_WIDE, *_REVERSED_NARROW)),
        ),
        DOCUMENT.equivalent(
            "Reversed dilations perform about as well as regular ones.", *zip(_REVERSED_NARROW, _REGULAR, strict=True)
        ),
    ),
    caveats=(
        "kernel 3 where none is named; no padding with dilation",
        "regular dilations of as many layers are added to compare with; kernel 11 has no such counterpart",
        "at the documented preset reversed dilations train for 50 epochs, the others for 100",
    ),
)


def _ordered(variant_id: str, *sublayers: Sublayer) -> Variant:
    levels = {"sublayers of the dilated convolutions": describe_sublayers(sublayers)}
    return DOCUMENT.variant(variant_id, levels, speech_network(replace(_DOUBLING, sublayers=sublayers)), epochs=50)


_NRD_02, _DRN_04, _NRD_04 = numbered("asr-dilated-sublayer-order", 3)
_DRN_02 = _FOUR_LAYERS
_MUCH_DROPOUT = Dropout(rate=0.4)

ASR_DILATED_SUBLAYER_ORDER = DOCUMENT.study(
    "asr-dilated-sublayer-order",
    "Does the sublayer order matter for dilated convolutions?",
    baseline=_DRN_02,
    variants=(
        _ordered(_NRD_02, NORM, RELU, DROPOUT),
        _ordered(_DRN_04, _MUCH_DROPOUT, RELU, NORM),
        _ordered(_NRD_04, NORM, RELU, _MUCH_DROPOUT),
        compared(_FOUR_LAYERS, {"sublayers of the dilated convolutions": describe_sublayers((DROPOUT, RELU, NORM))}),
        compared(TWELVE_LAYERS, {"sublayers of the dilated convolutions": "12 layers without dilation"}),
    ),
    claims=(
        DOCUMENT.equivalent(
            "For dilated layers the order of batch norm, activation and dropout does not matter.",
            (_NRD_02, _DRN_02),
            (_NRD_04, _DRN_04),
        ),
    ),
    caveats=(
        "four layers of kernel 3 with dilations 1, 2, 4, 8; orders are compared at equal dropout rate",
        "at the documented preset dropout 0.2, relu, batch norm and the layers without dilation train for 100 epochs, "
        "the others for 50",
    ),
)
