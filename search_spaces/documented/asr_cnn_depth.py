"""How deep the convolutional part should be, and with kernels of which size."""

from dataclasses import replace

from soundproof.common.counting import counted
from soundproof.search_spaces.documented.asr import (
    DEEP_CONVOLUTION,
    DOCUMENT,
    DROPOUT,
    HEAD,
    NORM,
    RELU,
    WIDE_CONVOLUTION,
    speech_network,
)
from soundproof.search_spaces.documented.declaring import compared
from soundproof.search_spaces.specs import ConvStack, DenseHead
from soundproof.search_spaces.studies import Variant


def _stacked(variant_id: str, stack: ConvStack, *, epochs: int, head: DenseHead = HEAD) -> Variant:
    levels = {"convolutions": f"{counted(stack.layers, 'layer')}, kernel {stack.kernel_size}"}
    return DOCUMENT.variant(variant_id, levels, speech_network(stack, head=head), epochs=epochs)


def _in_layers(variant: Variant, layers: str) -> Variant:
    return compared(variant, {"convolutional layers": layers})


_ONE_OF_11 = _stacked(
    "asr-kernel-size-versus-depth/01",
    replace(WIDE_CONVOLUTION, sublayers=(DROPOUT, RELU, NORM)),
    head=replace(HEAD, sublayers=(NORM, RELU, DROPOUT)),
    epochs=50,
)
_TWO_OF_5 = _stacked("asr-kernel-size-versus-depth/02", replace(DEEP_CONVOLUTION, layers=2, kernel_size=5), epochs=50)
_FOUR_OF_5 = _stacked("asr-kernel-size-versus-depth/03", replace(DEEP_CONVOLUTION, layers=4, kernel_size=5), epochs=50)
_FIVE_OF_3 = _stacked("asr-kernel-size-versus-depth/04", replace(DEEP_CONVOLUTION, layers=5), epochs=50)
EIGHT_LAYERS = _stacked("asr-cnn-depth/01", replace(DEEP_CONVOLUTION, layers=8), epochs=50)
_TEN_LAYERS = _stacked("asr-cnn-depth/02", replace(DEEP_CONVOLUTION, layers=10), epochs=100)
TWELVE_LAYERS = _stacked("asr-cnn-depth/03", DEEP_CONVOLUTION, epochs=100)
_SIXTEEN_LAYERS = _stacked("asr-cnn-depth/04", replace(DEEP_CONVOLUTION, layers=16), epochs=150)

ASR_KERNEL_SIZE_VERSUS_DEPTH = DOCUMENT.study(
    "asr-kernel-size-versus-depth",
    "A few convolutions with large kernels, or several with small ones?",
    baseline=_ONE_OF_11,
    variants=(_ONE_OF_11, _TWO_OF_5, _FOUR_OF_5, _FIVE_OF_3, EIGHT_LAYERS),
    claims=(
        DOCUMENT.better(
            "Several layers with small kernels are better than few layers with large kernels.",
            (_FOUR_OF_5, _ONE_OF_11),
            (_FIVE_OF_3, _ONE_OF_11),
            (EIGHT_LAYERS, _ONE_OF_11),
            (_FIVE_OF_3, _TWO_OF_5),
            (EIGHT_LAYERS, _TWO_OF_5),
        ),
    ),
    caveats=(
        "few are read as one and two layers, several as four and more; every pair differs in depth and kernel both",
        "the single convolution alone halves the frames, pads nothing, and has batch norm first in the head",
    ),
)

ASR_CNN_DEPTH = DOCUMENT.study(
    "asr-cnn-depth",
    "How many convolutional layers are best before one recurrent layer?",
    baseline=TWELVE_LAYERS,
    variants=(
        _in_layers(_FOUR_OF_5, "4 (kernel 5)"),
        _in_layers(_FIVE_OF_3, "5"),
        _in_layers(EIGHT_LAYERS, "8"),
        _in_layers(_TEN_LAYERS, "10"),
        _in_layers(TWELVE_LAYERS, "12"),
        _in_layers(_SIXTEEN_LAYERS, "16"),
    ),
    claims=(
        DOCUMENT.best_of(
            "10 to 12 convolutional layers perform best (compared: 4, 5, 8, 10, 12, 16).",
            best=(_TEN_LAYERS, TWELVE_LAYERS),
            others=(_FOUR_OF_5, _FIVE_OF_3, EIGHT_LAYERS, _SIXTEEN_LAYERS),
        ),
    ),
    caveats=(
        "four layers have kernel 5, the others kernel 3",
        "at the documented preset deeper networks train longer: 4, 5 and 8 layers for 50 epochs, 10 and 12 for 100, "
        "16 for 150",
    ),
)
