"""The layers of each family of classifiers, in order. Activations and dropouts change nothing and are left out."""

from typing import assert_never

from soundproof.search_spaces.arithmetic.classifiers.attention_classifier import tally_attention_classifier
from soundproof.search_spaces.arithmetic.classifiers.tally import Tally
from soundproof.search_spaces.specs.classifiers import (
    AttentionClassifier,
    BandCnn,
    DeclaredClassifier,
    FeedForward,
    FrameCnn,
    FrameCnnLstm,
    GenreCrnn,
    MaxPool,
    MfccCnn,
    MfccVgg,
    SeResNet,
    SoundBlock,
    WaveformVgg,
)
from soundproof.search_spaces.specs.sublayers import BatchNorm


def tally(network: DeclaredClassifier, frames: int, dimensions: int) -> Tally:
    """Every layer of `network` on inputs of `frames` frames and `dimensions` dimensions."""
    match network:
        case GenreCrnn():
            layers = _genre_crnn(network, frames, dimensions)
        case BandCnn() | FrameCnn() | FrameCnnLstm():
            layers = _sound_cnn(network, frames, dimensions)
        case FeedForward():
            layers = _feed_forward(network, frames, dimensions)
        case MfccCnn():
            layers = _mfcc_cnn(network, frames, dimensions)
        case WaveformVgg() | MfccVgg():
            layers = _vgg(network, frames, dimensions)
        case SeResNet():
            layers = _se_resnet(network, frames, dimensions)
        case AttentionClassifier():
            layers = tally_attention_classifier(network, frames, dimensions)
        case _:
            assert_never(network)
    return layers


def _genre_crnn(network: GenreCrnn, frames: int, mels: int) -> Tally:
    layers = Tally(1, mels, frames)
    for block in network.blocks:
        layers.convolution(block.filters, block.kernel, "same")
        layers.batch_norm()
        layers.max_pool(block.pool, block.pool, "valid")
    channels, positions, times = layers.shape
    layers.add("permute", (times, channels, positions))
    if network.sequence == "row_major":
        layers.add("reshape", (times * positions, channels))
    else:
        layers.add("reshape", (times, channels * positions))
    for index, units in enumerate(network.gru_units, start=1):
        layers.recurrent("gru", units, sequence=index < len(network.gru_units))
    layers.dense(network.dense, network.classes)
    return layers


def _sound_cnn(network: BandCnn | FrameCnn | FrameCnnLstm, frames: int, mels: int) -> Tally:
    """Shapes of a `FrameCnn`, and of a `FrameCnnLstm` up to its LSTM, are those of one frame."""
    layers = Tally(mels, frames) if isinstance(network, BandCnn) else Tally(1, mels, times=frames)
    _sound_blocks(layers, network.blocks)
    layers.flatten()
    if isinstance(network, FrameCnnLstm):
        layers.shape, layers.times = (frames, *layers.shape), 1
        layers.recurrent("lstm", network.lstm_units, sequence=True)
        layers.add("mean", (network.lstm_units,))
    else:
        layers.dense(*network.dense)
    layers.dense(network.classes)
    return layers


def _sound_blocks(layers: Tally, blocks: tuple[SoundBlock, ...]) -> None:
    for block in blocks:
        layers.convolution(block.filters, (block.kernel_size,), "valid")
        for sublayer in block.sublayers:
            match sublayer:
                case MaxPool(size=size):
                    layers.max_pool((size,), (size,), "same")
                case BatchNorm():
                    layers.batch_norm()


def _feed_forward(network: FeedForward, frames: int, dimensions: int) -> Tally:
    layers = Tally(1, frames, dimensions)
    layers.flatten()
    if network.batch_norm:
        layers.batch_norm()
    for units in network.dense:
        layers.dense(units)
        if network.batch_norm:
            layers.batch_norm()
    layers.dense(network.classes)
    return layers


def _mfcc_cnn(network: MfccCnn, frames: int, coefficients: int) -> Tally:
    layers = Tally(1, frames, coefficients)
    for block in network.blocks:
        layers.convolution(block.filters, block.kernel, "valid")
        layers.max_pool(block.pool, (block.pool_stride,) * 2, "same")
        layers.batch_norm()
    layers.flatten()
    layers.dense(network.dense, network.classes)
    return layers


def _vgg(network: WaveformVgg | MfccVgg, frames: int, dimensions: int) -> Tally:
    layers = Tally(dimensions, frames) if isinstance(network, WaveformVgg) else Tally(1, dimensions, frames)
    axes = len(layers.shape) - 1
    for pair in network.pairs:
        for _ in range(2):
            layers.convolution(pair.channels, (network.kernel_size,) * axes, "same")
            layers.batch_norm()
        layers.max_pool((2,) * axes, (2,) * axes, "valid")
    if isinstance(network, WaveformVgg):
        layers.average()
    else:
        layers.flatten()
    layers.dense(*(dense.units for dense in network.dense), network.classes)
    return layers


def _se_resnet(network: SeResNet, frames: int, mels: int) -> Tally:
    layers = Tally(1, mels, frames)
    for stage in network.stages:
        if stage.pool:
            layers.max_pool((2, 2), (2, 2), "valid")
        for convolution in range(1 + 2 * stage.blocks):
            layers.convolution(stage.channels, (3, 3), "same")
            layers.batch_norm()
            if convolution and convolution % 2 == 0:
                _squeeze_and_excitation(layers, network.bottleneck)
    layers.average()
    layers.dense(network.dense, network.classes)
    return layers


def _squeeze_and_excitation(layers: Tally, bottleneck: int) -> None:
    """A side path: the mean of each channel, two 1x1 convolutions, and back to the shape that it weighs."""
    shape = layers.shape
    layers.average()
    layers.shape = (*layers.shape, 1, 1)
    layers.convolution(bottleneck, (1, 1), "valid")
    layers.convolution(shape[0], (1, 1), "valid")
    layers.shape = shape
