"""How many filters each layer of a CNN on MFCC images should have."""

from soundproof.search_spaces.documented.classifying import LIKE_FOR_ALL, MFCC, RAISED, accuracy_document
from soundproof.search_spaces.documented.declaring import numbered
from soundproof.search_spaces.specs import Adam, PlateauStopping, Recipe, StepDecay
from soundproof.search_spaces.specs.classifiers import MfccBlock, MfccCnn
from soundproof.search_spaces.studies import Variant

DOCUMENT = accuracy_document(
    "genre notebook on GTZAN, seven convolutional networks, two runs each",
    domain="genres",
    features=MFCC,
    recipe=Recipe(
        optimizer=Adam(learning_rate=1e-4),
        schedule=StepDecay(after_epochs=(25, 100), factors=(0.5, 0.3)),
        batch_size=32,
        stopping=PlateauStopping(patience_epochs=20),
    ),
)
_KERNELS, _POOLS = (3, 3, 2, 1), (2, 3, 3, 2)


def _variant(variant_id: str, *filters: int) -> Variant:
    blocks = [
        MfccBlock(filters=count, kernel=(kernel, kernel), pool=(pool, pool), dropout=0.2)
        for count, kernel, pool in zip(filters, _KERNELS, _POOLS, strict=True)
    ]
    network = MfccCnn(blocks=tuple(blocks), l2=1e-4, dense=64, dropout=0.3, classes=10)
    levels = {"filters of the layers": ", ".join(map(str, filters))}
    return DOCUMENT.variant(variant_id, levels, network, epochs=200)


_ALL_32, _FIRST_64, _FIRST_128, _LAST_64, _HALVED, _DOUBLED, _DOUBLED_WIDE = numbered("genre-cnn-filters", 7)

MFCC_CNN = _variant(_HALVED, 256, 128, 64, 32)
"""The best of the documented networks in one of two runs."""

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
    ),
    caveats=(
        "the documents rank test accuracies of single runs, of which two of one network differ by up to 8.9 points; "
        "here validation chooses among networks, over seeds",
        "filters are named at their documented numbers; smaller presets scale all of them alike",
        LIKE_FOR_ALL,
    ),
)
