"""Environmental sounds: convolutions along time, along the bands of each frame, or these before an LSTM."""

from soundproof.search_spaces.choices import Repeat, build, integers, one_of, reals, repeat, subset
from soundproof.search_spaces.documented.esc_cnn_family import DOCUMENT, MEL_SPECTROGRAM, RECIPE
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import (
    BatchNorm,
    Dropout,
    MelSpectrogram,
    Mixup,
    Noise,
    Recipe,
    SpecAugment,
    TimeShift,
)
from soundproof.search_spaces.specs.classifiers import BandCnn, FrameCnn, FrameCnnLstm, MaxPool, SoundBlock

_POOL, _HALF = MaxPool(size=2), Dropout(rate=0.5)


def _blocks() -> Repeat:
    """One to three blocks, each with filters, a kernel and sublayers of its own."""
    block = build(
        SoundBlock,
        filters=one_of(8, 16, 32),
        kernel_size=integers(3, 9, step=2),
        sublayers=one_of(normalised=(_POOL, BatchNorm()), dropped_last=(_POOL, _HALF), dropped_first=(_HALF, _POOL)),
    )
    return repeat(integers(1, 3), block, vary="each")


_DENSE = (one_of(16, 32, 64),)

SOUNDS = SearchSpace(
    id="sounds",
    domain="sounds",
    question="Environmental sounds: which convolutions, on which scale, with which augmentation?",
    source=f"open search around the networks of the {DOCUMENT.source}",
    features=build(
        MelSpectrogram,
        sample_rate_hz=MEL_SPECTROGRAM.sample_rate_hz,
        window_samples=MEL_SPECTROGRAM.window_samples,
        hop_samples=MEL_SPECTROGRAM.hop_samples,
        mel_bands=MEL_SPECTROGRAM.mel_bands,
        scale=one_of("power", "decibels"),
    ),
    network=one_of(
        bands=build(BandCnn, blocks=_blocks(), dense=_DENSE, classes=10),
        frames=build(FrameCnn, blocks=_blocks(), dense=_DENSE, classes=10),
        hybrid=build(
            FrameCnnLstm,
            blocks=_blocks(),
            lstm_units=one_of(8, 16, 32),
            dropout=reals(0.2, 0.5, step=0.05),
            classes=10,
        ),
    ),
    recipe=build(
        Recipe,
        optimizer=RECIPE.optimizer,
        batch_size=RECIPE.batch_size,
        stopping=RECIPE.stopping,
        keep=RECIPE.keep,
        augmentations=subset(SpecAugment(), TimeShift(), Noise(), Mixup(), at_most=2),
    ),
    epochs=1000,
    metric=DOCUMENT.metric,
    margin=DOCUMENT.margin,
)
