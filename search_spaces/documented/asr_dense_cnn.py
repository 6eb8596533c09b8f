"""Dense connections (Huang et al. 2017) between convolutions: every layer sees all earlier outputs."""

from dataclasses import replace

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.documented.asr import (
    DEEP_CONVOLUTION,
    DOCUMENT,
    DOCUMENTED_WIDTHS,
    DROPOUT,
    HEAD,
    LIKE_ALL_SPEECH,
    NORM,
    RECIPE,
    RELU,
    speech_network,
)
from soundproof.search_spaces.documented.asr_cnn_depth import EIGHT_LAYERS, TWELVE_LAYERS
from soundproof.search_spaces.documented.declaring import compared, numbered
from soundproof.search_spaces.specs import ConvStack, DenseHead, Dropout, SpeechNetwork
from soundproof.search_spaces.studies import Variant

_SHALLOW = replace(DEEP_CONVOLUTION, connectivity="dense")
_DEEP = replace(_SHALLOW, filters=76, sublayers=(NORM, RELU, DROPOUT))


def _levels(
    connections: str, convolutions: str, dropout: str = "dropout 0.2", rate: str = "rate 0.02"
) -> dict[str, str]:
    return {"connections": connections, "convolutions": convolutions, "dropout": dropout, "learning rate": rate}


def _deep(stack: ConvStack) -> SpeechNetwork:
    return speech_network(stack, head=replace(HEAD, sublayers=(NORM, RELU, DROPOUT)))


def _fast(variant_id: str, convolutions: str, network: SpeechNetwork, *, dropout: float = 0.2, epochs: int) -> Variant:
    """With the higher learning rate."""
    recipe = replace(RECIPE, optimizer=replace(RECIPE.optimizer, learning_rate=0.05))
    levels = _levels("dense", convolutions, f"dropout {dropout:g}", "rate 0.05")
    return DOCUMENT.variant(variant_id, levels, network, recipe=recipe, epochs=epochs)


def _shallow(variant_id: str, convolutions: str, layers: int, filters: int, kernel_size: int) -> Variant:
    network = speech_network(replace(_SHALLOW, layers=layers, filters=filters, kernel_size=kernel_size))
    return DOCUMENT.variant(variant_id, _levels("dense", convolutions), network, epochs=50)


_PLAIN, _DENSE, _FASTER_RATE, _MORE_DROPOUT, _MORE_FILTERS, _MORE_LAYERS, _NO_RECURRENCE = numbered("asr-dense-cnn", 7)
_OF_2, _OF_4, _OF_5, _OF_8 = numbered("asr-dense-cnn", 11)[7:]
_PLAIN_8 = EIGHT_LAYERS.id

ASR_DENSE_CNN = replace(DOCUMENT, caveats=LIKE_ALL_SPEECH).study(
    "asr-dense-cnn",
    "Do DenseNet connections (each layer sees all earlier outputs) help the convolutional part?",
    baseline=_PLAIN,
    variants=(
        DOCUMENT.variant(_PLAIN, _levels("plain", "12 layers of 200 filters"), TWELVE_LAYERS.network, epochs=100),
        DOCUMENT.variant(_DENSE, _levels("dense", "12 layers of 76 filters"), _deep(_DEEP), epochs=100),
        _fast(_FASTER_RATE, "12 layers of 76 filters", _deep(_DEEP), epochs=30),
        _fast(
            _MORE_DROPOUT,
            "12 layers of 76 filters",
            _deep(replace(_DEEP, sublayers=(NORM, RELU, Dropout(rate=0.3)))),
            dropout=0.3,
            epochs=50,
        ),
        _fast(_MORE_FILTERS, "12 layers of 150 filters", _deep(replace(_DEEP, filters=150)), epochs=50),
        _fast(_MORE_LAYERS, "18 layers of 76 filters", _deep(replace(_DEEP, layers=18)), epochs=50),
        _fast(
            _NO_RECURRENCE,
            "12 layers of 90 filters, no recurrent layer",
            speech_network(replace(_DEEP, filters=90), None, DenseHead(outputs=OUTPUTS)),
            epochs=30,
        ),
        _shallow(_OF_2, "2 layers of 100 filters, kernel 5", 2, 100, 5),
        _shallow(_OF_4, "4 layers of 80 filters, kernel 5", 4, 80, 5),
        _shallow(_OF_5, "5 layers of 80 filters", 5, 80, 3),
        _shallow(_OF_8, "8 layers of 50 filters", 8, 50, 3),
        compared(TWELVE_LAYERS, _levels("plain", "12 layers of 200 filters")),
        compared(EIGHT_LAYERS, _levels("plain", "8 layers of 200 filters")),
    ),
    claims=(
        DOCUMENT.faster(
            "A dense CNN may train faster than a CNN of as many layers without dense connections.",
            (_DENSE, _PLAIN),
            (_OF_8, _PLAIN_8),
        ),
        DOCUMENT.better(
            "A dense CNN ends worse than a CNN of as many layers without dense connections.",
            (_PLAIN, _DENSE),
            (_PLAIN_8, _OF_8),
        ),
        DOCUMENT.better(
            "It also ends worse with a higher learning rate, with more dropout, filters or layers, "
            "and with fewer layers.",
            *((_PLAIN, dense) for dense in (_FASTER_RATE, _MORE_DROPOUT, _MORE_FILTERS, _MORE_LAYERS)),
            *((_PLAIN_8, dense) for dense in (_OF_2, _OF_4, _OF_5)),
        ),
        DOCUMENT.better(
            "An architecture needs at least one convolutional and at least one recurrent layer.",
            (_FASTER_RATE, _NO_RECURRENCE),
        ),
    ),
    caveats=(
        "learning rates differ inside the study: 0.05 for five dense variants of 12 and 18 layers, else 0.02",
        "at the documented preset epochs differ as well: from 30 to 100, with the plain networks of 12 layers at 100",
        "dense variants of 12 and 18 layers have batch norm before the activation, the others have it last",
        "the variant without a recurrent layer has 90 filters where the one that it is compared with has 76; its dense "
        "layer follows the last convolution directly, as its documented layers and parameters say",
        "kernel 3 where none is named",
        DOCUMENTED_WIDTHS,
    ),
)
