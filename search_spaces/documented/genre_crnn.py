"""How a small convolutional-recurrent genre classifier is sized, pooled, and given its sequence."""

from dataclasses import replace

from soundproof.search_spaces.documented.classifying import RAISED, TEST_ACCURACY, accuracy_document, keras_adam
from soundproof.search_spaces.documented.declaring import numbered
from soundproof.search_spaces.specs import Dropout, MelSpectrogram, Recipe
from soundproof.search_spaces.specs.classifiers import AlphaDropout, CrnnBlock, GenreCrnn, SequenceLayout
from soundproof.search_spaces.studies import Variant

MEL_SPECTROGRAM = MelSpectrogram(
    sample_rate_hz=12000, window_samples=512, hop_samples=256, mel_bands=96, scale="decibels"
)
"""1,366 frames of 29.12 s."""

DOCUMENT = accuracy_document(
    "training logs of a genre CRNN, five networks, one run each",
    domain="tracks",
    features=MEL_SPECTROGRAM,
    recipe=Recipe(optimizer=keras_adam(1e-4), batch_size=128),
)
_KERNELS = (2, 2, 3, 4)
_DROPOUTS: tuple[AlphaDropout | Dropout, ...] = (*(AlphaDropout(rate=0.1),) * 3, Dropout(rate=0.1))
_LAYOUTS: dict[SequenceLayout, str] = {
    "row_major": "times and frequencies in a row, as documented",
    "time_major": "times, each with all frequencies",
}


def _variant(
    variant_id: str,
    filters: tuple[int, ...],
    pools: tuple[int, ...],
    *,
    gru_units: int = 16,
    learning_rate: float = 1e-4,
    epochs: int = 20,
    sequence: SequenceLayout = "row_major",
) -> Variant:
    levels = {
        "filters of the blocks": ", ".join(map(str, filters)),
        "pools of the blocks": ", ".join(map(str, pools)),
        "recurrent units": str(gru_units),
        "learning rate": f"{learning_rate:g}",
        "sequence": _LAYOUTS[sequence],
    }
    blocks = tuple(
        CrnnBlock(filters=count, kernel=(kernel, kernel), pool=(pool, pool), dropout=dropout)
        for count, kernel, pool, dropout in zip(filters, _KERNELS, pools, _DROPOUTS, strict=False)
    )
    units, dropout = (gru_units,) * 2, AlphaDropout(rate=0.3)
    network = GenreCrnn(blocks=blocks, sequence=sequence, gru_units=units, dropout=dropout, dense=128, classes=4)
    recipe = replace(DOCUMENT.recipe, optimizer=keras_adam(learning_rate))
    return DOCUMENT.variant(variant_id, levels, network, recipe=recipe, epochs=epochs)


_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH = numbered("genre-crnn", 5)
_TIME_MAJOR = "genre-crnn/04-time-major"

GENRE_CRNN = DOCUMENT.study(
    "genre-crnn",
    "How should a small convolutional-recurrent genre classifier be sized and pooled?",
    baseline=_THIRD,
    variants=(
        _variant(_FIRST, (16, 32, 64), (4, 2, 2), gru_units=8, learning_rate=1e-3, epochs=10),
        _variant(_SECOND, (16, 32, 32, 128), (4, 2, 2, 2), epochs=15),
        _variant(_THIRD, (16, 32, 32), (4, 2, 2)),
        _variant(_FOURTH, (16, 32, 32), (4, 4, 2)),
        _variant(_FIFTH, (16, 32, 64), (4, 4, 3)),
        _variant(_TIME_MAJOR, (16, 32, 32), (4, 4, 2), sequence="time_major"),
    ),
    claims=(
        DOCUMENT.better(
            "The third log did better than the second in validation (three blocks instead of four).", (_THIRD, _SECOND)
        ),
        DOCUMENT.best_of(
            "Larger pools with 64 filters in block 3 gave the best test accuracy.",
            best=(_FIFTH,),
            others=(_FIRST, _SECOND, _THIRD, _FOURTH),
            measure=TEST_ACCURACY,
        ),
        RAISED.better(
            "A sequence of times, each with all its frequencies, is better than one that interleaves them.",
            (_TIME_MAJOR, _FOURTH),
        ),
    ),
    caveats=(
        "at the documented preset 01 trains for 10 epochs, 02 for 15, the others for 20",
        "learning rates differ: 0.001 for 01, 0.0001 for the others",
        "that the third log did better in training too is not claimed: dropout makes training losses of networks of "
        "different depth differ by more than what they have learned",
    ),
)
