"""Feed-forward networks on flattened MFCCs: widths, L2, dropout, batch norm, learning rates that fall."""

from dataclasses import replace

from soundproof.search_spaces.documented.classifying import MFCC, RAISED, TEST_ACCURACY, accuracy_document, keras_adam
from soundproof.search_spaces.documented.declaring import compared, numbered
from soundproof.search_spaces.documented.genre_cnn_filters import MFCC_CNN
from soundproof.search_spaces.specs import ExponentialDecay, PlateauStopping, Recipe
from soundproof.search_spaces.specs.classifiers import FeedForward
from soundproof.search_spaces.studies import Variant

_RECIPE = Recipe(optimizer=keras_adam(0.01), batch_size=32, keep="last", validate_on="test")
DOCUMENT = accuracy_document(
    "genre notebook on GTZAN, six feed-forward networks, one run each", domain="genres", features=MFCC, recipe=_RECIPE
)
_PATIENT = replace(_RECIPE, stopping=PlateauStopping(patience_epochs=10))
_FAST = replace(_PATIENT, schedule=ExponentialDecay(hold_epochs=10, rate=0.1))
_SLOW = replace(_PATIENT, schedule=ExponentialDecay(hold_epochs=10, rate=0.01))

_CONSTANT = "constant"
_JUDGED = {
    "test": "test split, last epoch",
    "validation": "validation, best loss",
}
_FALLS_FAST, _FALLS_SLOWLY = (
    f"constant for 10 epochs, then times exp(-{rate}); stops after 10 epochs without gain" for rate in (0.1, 0.01)
)


def _variant(
    variant_id: str,
    network: FeedForward,
    regularisation: str,
    *,
    learning_rate: str = _CONSTANT,
    recipe: Recipe = _RECIPE,
    epochs: int = 100,
) -> Variant:
    levels = {
        "layers": ", ".join(map(str, network.dense)),
        "regularisation": regularisation,
        "learning rate": learning_rate,
        "judged by": _JUDGED[recipe.validate_on],
    }
    return DOCUMENT.variant(variant_id, levels, network, recipe=recipe, epochs=epochs)


_FOUR_WIDE = (512, 256, 128, 64)
_PLAIN, _L2_DROPOUT, _FALLING, _SMALL, _NORM, _NORM_L2 = numbered("genre-ffnn", 6)

BATCH_NORM_FFNN = _variant(_NORM, FeedForward(dense=_FOUR_WIDE, batch_norm=True, classes=10), "batch norm")
_OWN_VALIDATION = _variant(
    f"{_NORM}-own-validation",
    FeedForward(dense=_FOUR_WIDE, batch_norm=True, classes=10),
    "batch norm",
    recipe=replace(_RECIPE, keep="loss", validate_on="validation"),
)

GENRE_FFNN = DOCUMENT.study(
    "genre-ffnn",
    "How well can a feed-forward network classify genre from MFCCs?",
    baseline=_PLAIN,
    variants=(
        _variant(_PLAIN, FeedForward(dense=(*_FOUR_WIDE, 32), classes=10), "none", epochs=50),
        _variant(
            _L2_DROPOUT,
            FeedForward(dense=(256, 128, 64, 32), l2=0.001, dropout=0.3, classes=10),
            "L2 0.001, dropout 0.3",
        ),
        _variant(_FALLING, FeedForward(dense=_FOUR_WIDE, classes=10), "none", learning_rate=_FALLS_FAST, recipe=_FAST),
        _variant(
            _SMALL,
            FeedForward(dense=(256, 128, 64), l2=0.001, dropout=0.3, classes=10),
            "L2 0.001, dropout 0.3",
            learning_rate=_FALLS_SLOWLY,
            recipe=_SLOW,
        ),
        BATCH_NORM_FFNN,
        _variant(
            _NORM_L2, FeedForward(dense=_FOUR_WIDE, batch_norm=True, l2=0.001, classes=10), "batch norm, L2 0.001"
        ),
        compared(
            MFCC_CNN,
            {
                "layers": "convolutions 256 to 32, then 64",
                "regularisation": "L2 0.0001, batch norm, dropout 0.2 and 0.3",
                "learning rate": "0.0001, falls twice, patience 20",
                "judged by": "validation, last epoch",
            },
        ),
        _OWN_VALIDATION,
    ),
    claims=(
        DOCUMENT.better(
            "No feed-forward network comes up to the best convolutional one (documented: 65.7% against 87.15%).",
            *((MFCC_CNN, other) for other in (_PLAIN, _L2_DROPOUT, _FALLING, _SMALL, _NORM, _NORM_L2)),
        ),
        RAISED.better("Batch norm on the input and after every layer helps.", (_NORM, _FALLING)),
        RAISED.better("With batch norm, L2 helps.", (_NORM_L2, _NORM)),
        RAISED.better(
            "The weights of the best loss of a validation split test better than those of the last epoch.",
            (_OWN_VALIDATION, _NORM),
            measure=TEST_ACCURACY,
        ),
    ),
    caveats=(
        "at the documented preset 01 trains for 50 epochs, the convolutional network for up to 200, the others for up "
        "to 100",
        "learning rates differ: 0.01 for the feed-forward networks, 0.0001 for the convolutional one",
        "one optimiser served the documents' six networks in turn, so that 04 to 06 began at what the falling rate of "
        "03 had left (about 0.004); here each begins at 0.01, which bears on what batch norm and L2 seem worth",
        "the feed-forward networks are validated on the test split and judged by their last epoch, as documented; the "
        "convolutional one has a validation split, and is judged by its last epoch too",
        "the document says that no feed-forward network exceeds 65.7%; what can be compared is claimed in its place",
        "the network without batch norm has a falling learning rate and stops early, the one with it has neither",
    ),
)
