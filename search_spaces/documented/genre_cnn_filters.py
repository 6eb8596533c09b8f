"""How many filters each layer of a CNN on MFCC images should have."""

from dataclasses import replace
from typing import Literal

from soundproof.search_spaces.documented.classifying import (
    LIKE_FOR_ALL,
    MFCC,
    RAISED,
    TEST_ACCURACY,
    accuracy_document,
    keras_adam,
)
from soundproof.search_spaces.documented.declaring import numbered
from soundproof.search_spaces.specs import PlateauStopping, Recipe, StepDecay
from soundproof.search_spaces.specs.classifiers import MfccBlock, MfccCnn
from soundproof.search_spaces.studies import Variant

DOCUMENT = accuracy_document(
    "genre notebook on GTZAN, seven convolutional networks, two runs each",
    domain="genres",
    features=MFCC,
    recipe=Recipe(
        optimizer=keras_adam(1e-4),
        schedule=StepDecay(after_epochs=(25, 100), factors=(0.5, 0.3)),
        batch_size=32,
        stopping=PlateauStopping(patience_epochs=20),
        keep="last",
    ),
)
_KERNELS, _POOLS = (3, 3, 2, 1), (2, 3, 3, 2)
_JUDGED = {"last": "those of the last epoch", "loss": "those of the best validation loss"}


def _variant(variant_id: str, *filters: int, keep: Literal["loss", "last"] = "last") -> Variant:
    blocks = [
        MfccBlock(filters=count, kernel=(kernel, kernel), pool=(pool, pool), dropout=0.2)
        for count, kernel, pool in zip(filters, _KERNELS, _POOLS, strict=True)
    ]
    network = MfccCnn(blocks=tuple(blocks), l2=1e-4, dense=64, dropout=0.3, classes=10)
    levels = {"filters of the layers": ", ".join(map(str, filters)), "weights judged": _JUDGED[keep]}
    return DOCUMENT.variant(variant_id, levels, network, recipe=replace(DOCUMENT.recipe, keep=keep), epochs=200)


_ALL_32, _FIRST_64, _FIRST_128, _LAST_64, _HALVED, _DOUBLED, _DOUBLED_WIDE = numbered("genre-cnn-filters", 7)

MFCC_CNN = _variant(_HALVED, 256, 128, 64, 32)
"""The best of the documented networks in one of two runs."""

_BY_LOSS = _variant(f"{_HALVED}-kept-by-loss", 256, 128, 64, 32, keep="loss")

GENRE_CNN_FILTERS = DOCUMENT.study(
    "genre-cnn-filters",
    "Which filters per layer are best for the MFCC CNN?",
    baseline=_ALL_32,
    variants=(
        _variant(_ALL_32, 32, 32, 32, 32),
        _variant(_FIRST_64, 64, 32, 32, 32),
        _variant(_FIRST_128, 128, 64, 64, 32),
        _variant(_LAST_64, 256, 128, 64, 64),
        MFCC_CNN,
        _variant(_DOUBLED, 32, 64, 128, 256),
        _variant(_DOUBLED_WIDE, 64, 128, 256, 256),
        _BY_LOSS,
    ),
    claims=(
        DOCUMENT.best_of(
            "256, 128, 64, 32 is best (second run).",
            best=(_HALVED,),
            others=(_ALL_32, _FIRST_64, _FIRST_128, _LAST_64, _DOUBLED, _DOUBLED_WIDE),
        ),
        DOCUMENT.best_of(
            "256, 128, 64, 64 is best (first run of the same code).",
            best=(_LAST_64,),
            others=(_ALL_32, _FIRST_64, _FIRST_128, _HALVED, _DOUBLED, _DOUBLED_WIDE),
        ),
        DOCUMENT.worst_of(
            "32 filters in every layer are worst (both runs).",
            worst=(_ALL_32,),
            others=(_FIRST_64, _FIRST_128, _LAST_64, _HALVED, _DOUBLED, _DOUBLED_WIDE),
        ),
        RAISED.better(
            "Many filters first and few last are better than the same numbers the other way round.", (_HALVED, _DOUBLED)
        ),
        RAISED.better(
            "The weights of the best validation loss test better than those of the last epoch, twenty epochs later.",
            (_BY_LOSS, _HALVED),
            measure=TEST_ACCURACY,
        ),
    ),
    caveats=(
        "the documents rank test accuracies of single runs, of which two of one network differ by up to 8.9 points; "
        "here validation chooses among networks, over seeds",
        "networks are judged by the weights of their last epoch, as documented, up to twenty epochs after the best",
        "filters are named at their documented numbers; smaller presets scale all of them alike",
        LIKE_FOR_ALL,
    ),
)
