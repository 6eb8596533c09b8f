"""Environmental sounds: what the convolutions run along, and by which measure the weights of an epoch are kept.

The documented networks take power, not decibels; decibels are a variant of ours. Whether bands were normalised is not
documented: here each band has the mean 0 and the deviation 1 over the training split, in all variants. As it is, power
spans eight orders of magnitude, and batch norm's running statistics follow the loudest clips of the last batches: after
24 epochs on ESC-10 the time-distributed network was right in 15% of its validation clips, normalised in 51% (one run).
"""

from dataclasses import replace
from typing import Literal

from soundproof.common import record
from soundproof.search_spaces import claims as kinds
from soundproof.search_spaces.claims import Measure
from soundproof.search_spaces.documented.classifying import (
    LIKE_FOR_ALL,
    MARGIN,
    OTHER_CORPUS,
    RAISED,
    STATISTICS,
    TEST_ACCURACY,
    WITHOUT_LEAKS,
    accuracy_document,
    keras_adam,
)
from soundproof.search_spaces.documented.declaring import strongly
from soundproof.search_spaces.specs import BatchNorm, Dropout, MelSpectrogram, Network, PlateauStopping, Recipe
from soundproof.search_spaces.specs.classifiers import BandCnn, FrameCnn, FrameCnnLstm, MaxPool, SoundBlock
from soundproof.search_spaces.specs.classifiers.sound_cnn import SoundSublayer
from soundproof.search_spaces.studies import Variant

MEL_SPECTROGRAM = MelSpectrogram(
    sample_rate_hz=22050, window_samples=2048, hop_samples=512, mel_bands=128, scale="power"
)
"""216 frames of 5 s."""

RECIPE = Recipe(
    optimizer=keras_adam(1e-3), batch_size=32, stopping=PlateauStopping(patience_epochs=100), keep="accuracy"
)
DOCUMENT = accuracy_document(
    "notebook on ten classes of ESC-50, three networks, one run each",
    domain="sounds",
    features=MEL_SPECTROGRAM,
    recipe=RECIPE,
    caveats=(LIKE_FOR_ALL, WITHOUT_LEAKS, OTHER_CORPUS, STATISTICS),
)


def _tower(*sublayers: tuple[SoundSublayer, ...]) -> tuple[SoundBlock, ...]:
    return tuple(
        SoundBlock(filters=filters, kernel_size=kernel_size, sublayers=after)
        for filters, kernel_size, after in zip((16, 16, 32), (9, 3, 3), sublayers, strict=True)
    )


_POOL, _HALF = MaxPool(size=2), Dropout(rate=0.5)
_NORMALISED = _tower(*((_POOL, BatchNorm()),) * 3)
_DROPPED = _tower((_POOL, _HALF), (_POOL, _HALF), (_HALF, _POOL))


def _variant(
    variant_id: str,
    name: str,
    network: Network,
    *,
    keep: Literal["loss", "accuracy"] = "accuracy",
    scale: Literal["power", "decibels"] = "power",
) -> Variant:
    levels = {"network": name, "weights kept": f"those of the best validation {keep}", "features": scale}
    features, recipe = replace(MEL_SPECTROGRAM, scale=scale), replace(RECIPE, keep=keep)
    return DOCUMENT.variant(variant_id, levels, network, features=features, recipe=recipe, epochs=1000)


_FRAMES, _HYBRID = "time-distributed 1D CNN", "hybrid time-distributed CNN and LSTM"
_FRAME_CNN = FrameCnn(blocks=_NORMALISED, dense=(32,), classes=10)
_FRAME_CNN_LSTM = FrameCnnLstm(blocks=_DROPPED, lstm_units=16, dropout=0.35, classes=10)

BANDS_AS_CHANNELS = _variant(
    "esc-cnn-family/01", "1D CNN, mel bands as channels", BandCnn(blocks=_NORMALISED, dense=(32,), classes=10)
)
TIME_DISTRIBUTED = _variant("esc-cnn-family/02", _FRAMES, _FRAME_CNN)
HYBRID = _variant("esc-cnn-family/03", _HYBRID, _FRAME_CNN_LSTM)
TIME_DISTRIBUTED_BY_LOSS = _variant("esc-cnn-family/02-kept-by-loss", _FRAMES, _FRAME_CNN, keep="loss")
BANDS_BY_LOSS = _variant(
    "esc-cnn-family/01-kept-by-loss", BANDS_AS_CHANNELS.levels[0].value, BANDS_AS_CHANNELS.network, keep="loss"
)
HYBRID_BY_LOSS = _variant("esc-cnn-family/03-kept-by-loss", _HYBRID, _FRAME_CNN_LSTM, keep="loss")
IN_DECIBELS = _variant("esc-cnn-family/02-decibels", _FRAMES, _FRAME_CNN, scale="decibels")

ESC_CNN_FAMILY = DOCUMENT.study(
    "esc-cnn-family",
    "Environmental sounds: bands as channels, a time-distributed CNN, or a CNN with an LSTM?",
    baseline=BANDS_AS_CHANNELS,
    variants=(
        BANDS_AS_CHANNELS,
        TIME_DISTRIBUTED,
        HYBRID,
        BANDS_BY_LOSS,
        TIME_DISTRIBUTED_BY_LOSS,
        HYBRID_BY_LOSS,
        IN_DECIBELS,
    ),
    claims=(
        DOCUMENT.better(
            "The time-distributed model that averages over frames is far better than the plain 1D CNN.",
            (TIME_DISTRIBUTED, BANDS_AS_CHANNELS),
            degree=strongly("far"),
        ),
        DOCUMENT.better(
            "The hybrid does not generalise as well as the time-distributed model.",
            (TIME_DISTRIBUTED, HYBRID),
            measure=TEST_ACCURACY,
        ),
        DOCUMENT.better(
            "The plain 1D CNN validates far better than it tests, which the time-distributed model does not.",
            (TIME_DISTRIBUTED, BANDS_AS_CHANNELS),
            measure=Measure(metric=record.TEST_GAP, margin=MARGIN.value),
            degree=strongly("far"),
        ),
        kinds.Larger(
            text="The hybrid is larger than the time-distributed model (documented: 32,442 parameters against 17,466).",
            source=DOCUMENT.source,
            pair=(HYBRID.id, TIME_DISTRIBUTED.id),
            ratio=32_442 / 17_466,
            tolerance=0.2,
        ),
        DOCUMENT.better(
            "The plain 1D CNN tests better with the weights of the lowest validation loss than with those of the best "
            "validation accuracy.",
            (BANDS_BY_LOSS, BANDS_AS_CHANNELS),
            measure=TEST_ACCURACY,
        ),
        RAISED.better(
            "The other two networks test better with the weights of the lowest validation loss, too.",
            (TIME_DISTRIBUTED_BY_LOSS, TIME_DISTRIBUTED),
            (HYBRID_BY_LOSS, HYBRID),
            measure=TEST_ACCURACY,
        ),
        RAISED.better(
            "The time-distributed model is better on decibels than on power.", (IN_DECIBELS, TIME_DISTRIBUTED)
        ),
    ),
    caveats=(
        "power in mel bands without a logarithm, as documented; each band is normalised over the training split, of "
        "which the documents say nothing",
        "the best validation accuracy of a run is the largest of many, so it flatters long runs: claims about "
        "generalising are decided on the test split",
    ),
)
