"""The networks of the documented classification studies at full size, by variant id.

`EXTENTS` holds, for each study, what its networks hear: frames (samples of a waveform) and dimensions.
"""

from __future__ import annotations

from search_spaces.specs.classifiers import (
    AlphaDropout,
    BandCnn,
    Classifier,
    CrnnBlock,
    FeedForward,
    FrameCnn,
    FrameCnnLstm,
    GenreCrnn,
    MaxPool,
    MfccBlock,
    MfccCnn,
    MfccVgg,
    SeResNet,
    SeStage,
    SoundBlock,
    VggDense,
    VggPair,
    WaveformVgg,
)
from search_spaces.specs.classifiers.sound_cnn import SoundSublayer
from search_spaces.specs.sublayers import BatchNorm, Dropout


def _crnn(filters: tuple[int, ...], pools: tuple[int, ...], gru_units: int) -> GenreCrnn:
    dropouts: tuple[AlphaDropout | Dropout, ...] = (AlphaDropout(rate=0.1),) * 3 + (Dropout(rate=0.1),)
    blocks = [
        CrnnBlock(filters=count, kernel=(kernel, kernel), pool=(pool, pool), dropout=dropout)
        for count, kernel, pool, dropout in zip(filters, (2, 2, 3, 4), pools, dropouts, strict=False)
    ]
    return GenreCrnn(
        blocks=tuple(blocks), gru_units=(gru_units,) * 2, dropout=AlphaDropout(rate=0.3), dense=128, classes=4
    )


def _tower(*sublayers: tuple[SoundSublayer, ...]) -> tuple[SoundBlock, ...]:
    return tuple(
        SoundBlock(filters=filters, kernel_size=kernel_size, sublayers=after)
        for filters, kernel_size, after in zip((16, 16, 32), (9, 3, 3), sublayers, strict=True)
    )


def _mfcc(*filters: int) -> MfccCnn:
    blocks = [
        MfccBlock(filters=count, kernel=(kernel, kernel), pool=(pool, pool), dropout=0.2)
        for count, kernel, pool in zip(filters, (3, 3, 2, 1), (2, 3, 3, 2), strict=True)
    ]
    return MfccCnn(blocks=tuple(blocks), l2=1e-4, dense=64, dropout=0.3, classes=10)


_POOL, _HALF = MaxPool(size=2), Dropout(rate=0.5)
_NORMALISED = _tower(*((_POOL, BatchNorm()),) * 3)
_DROPPED = _tower((_POOL, _HALF), (_POOL, _HALF), (_HALF, _POOL))
_WAVEFORM_CHANNELS = (8, 16, 32, 64, 128, 256, 256, 512, 512, 1024)

DOCUMENTED_CLASSIFIERS: dict[str, Classifier] = {
    "genre-crnn/01": _crnn((16, 32, 64), (4, 2, 2), 8),
    "genre-crnn/02": _crnn((16, 32, 32, 128), (4, 2, 2, 2), 16),
    "genre-crnn/03": _crnn((16, 32, 32), (4, 2, 2), 16),
    "genre-crnn/04": _crnn((16, 32, 32), (4, 4, 2), 16),
    "genre-crnn/05": _crnn((16, 32, 64), (4, 4, 3), 16),
    "esc-cnn-family/01": BandCnn(blocks=_NORMALISED, dense=(32,), classes=10),
    "esc-cnn-family/02": FrameCnn(blocks=_NORMALISED, dense=(32,), classes=10),
    "esc-cnn-family/03": FrameCnnLstm(blocks=_DROPPED, lstm_units=16, dropout=0.35, classes=10),
    "genre-ffnn/01": FeedForward(dense=(512, 256, 128, 64, 32), classes=10),
    "genre-ffnn/02": FeedForward(dense=(256, 128, 64, 32), l2=0.001, dropout=0.3, classes=10),
    "genre-ffnn/03": FeedForward(dense=(512, 256, 128, 64), classes=10),
    "genre-ffnn/04": FeedForward(dense=(256, 128, 64), l2=0.001, dropout=0.3, classes=10),
    "genre-ffnn/05": FeedForward(dense=(512, 256, 128, 64), batch_norm=True, classes=10),
    "genre-ffnn/06": FeedForward(dense=(512, 256, 128, 64), batch_norm=True, l2=0.001, classes=10),
    "genre-cnn-filters/01": _mfcc(32, 32, 32, 32),
    "genre-cnn-filters/02": _mfcc(64, 32, 32, 32),
    "genre-cnn-filters/03": _mfcc(128, 64, 64, 32),
    "genre-cnn-filters/04": _mfcc(256, 128, 64, 64),
    "genre-cnn-filters/05": _mfcc(256, 128, 64, 32),
    "genre-cnn-filters/06": _mfcc(32, 64, 128, 256),
    "genre-cnn-filters/07": _mfcc(64, 128, 256, 256),
    "speech-commands/01": WaveformVgg(
        pairs=tuple(
            VggPair(channels=channels, dropout=0.1 if index >= 3 else None)
            for index, channels in enumerate(_WAVEFORM_CHANNELS)
        ),
        dense=(VggDense(units=512, dropout=0.5), VggDense(units=256, dropout=0.5)),
        classes=12,
    ),
    "speech-commands/02": SeResNet(
        stages=(
            SeStage(channels=16, blocks=1, pool=False, dropout=None),
            SeStage(channels=32, blocks=2, pool=True, dropout=0.1),
            SeStage(channels=64, blocks=2, pool=True, dropout=0.2),
            SeStage(channels=128, blocks=2, pool=True, dropout=0.2),
            SeStage(channels=256, blocks=0, pool=False, dropout=0.2),
        ),
        bottleneck=16,
        dense=256,
        dropout=0.2,
        classes=12,
    ),
    "speech-commands/03": MfccVgg(
        pairs=(VggPair(channels=8), VggPair(channels=16, dropout=0.2), VggPair(channels=32, dropout=0.2)),
        dense=(VggDense(units=512, dropout=0.2), VggDense(units=256, dropout=0.2)),
        classes=12,
    ),
}

EXTENTS: dict[str, tuple[int, int]] = {
    "genre-crnn": (1366, 96),
    "esc-cnn-family": (216, 128),
    "genre-ffnn": (130, 13),
    "genre-cnn-filters": (130, 13),
    "speech-commands": (101, 40),
    "speech-commands/01": (16000, 1),
}


def documented_extent(variant_id: str) -> tuple[int, int]:
    """(frames, dimensions) of what a documented network hears."""
    return EXTENTS.get(variant_id) or EXTENTS[variant_id.split("/", maxsplit=1)[0]]
