"""`BandCnn`, `FrameCnn` and `FrameCnnLstm`: mel spectrogram (batch, frames, mels) to logits (batch, classes)."""

import math

from torch import Tensor, nn

from soundproof.search_spaces.specs.classifiers import BandCnn, FrameCnn, FrameCnnLstm, MaxPool, SoundBlock
from soundproof.search_spaces.specs.sublayers import BatchNorm, Dropout
from soundproof.trainables.networks.classifiers import channels_last
from soundproof.trainables.networks.classifiers.layers import dropout_modules, glorot
from soundproof.trainables.networks.classifiers.one_bias import OneBiasLstm
from soundproof.trainables.networks.classifiers.own_lengths import Times


class BandCnnNetwork(nn.Module):
    """Convolutions along time; mel bands are channels."""

    def __init__(self, spec: BandCnn, mels: int, flat: int) -> None:
        super().__init__()
        self.row = glorot([*_tower(spec.blocks, mels), *_dense(flat, spec.dense, spec.classes)])

    def forward(self, features: Tensor) -> Tensor:
        """(batch, frames, mels) to (batch, classes)."""
        logits: Tensor = self.row(features)
        return logits


class FrameCnnNetwork(nn.Module):
    """The same layers for every frame, along its mel bands; batch norm sees the frames of a batch as one batch."""

    def __init__(self, spec: FrameCnn, flat: int) -> None:
        super().__init__()
        self.row = glorot([*_tower(spec.blocks, 1), *_dense(flat, spec.dense, spec.classes)])

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, frames, mels) to the logarithm of the mean probability (batch, classes).

        These are logits like any: their softmax is the mean probability, so that cross-entropy of them is right. One
        output is a value, and no probability: the mean over the frames then. `lengths` (batch,) are given where clips
        have several.
        """
        if lengths is not None:
            return self._of_own_frames(features, Times(lengths, features.shape[1], features.device))
        batch, frames, mels = features.shape
        given: Tensor = self.row(features.reshape(batch * frames, mels, 1))
        if given.shape[1] == 1:
            return given.view(batch, frames, 1).mean(dim=1)
        scores = given.log_softmax(dim=1)
        summed: Tensor = scores.view(batch, frames, -1).logsumexp(dim=1)
        return summed - math.log(frames)

    def _of_own_frames(self, features: Tensor, times: Times) -> Tensor:
        """The same over the real frames of every clip; the others never pass the network."""
        given: Tensor = self.row(times.pack(features).unsqueeze(2))
        if given.shape[1] == 1:
            return times.mean(times.unpack(given).transpose(1, 2))
        scores = times.unpack(given.log_softmax(dim=1)).transpose(1, 2)  # (batch, classes, frames)
        return times.filled(scores, -math.inf).logsumexp(dim=2) - times.counts(scores).log()


class FrameCnnLstmNetwork(nn.Module):
    """The same convolutions for every frame, along its mel bands, then an LSTM over the frames."""

    def __init__(self, spec: FrameCnnLstm, flat: int) -> None:
        super().__init__()
        self.tower = glorot([*_tower(spec.blocks, 1), nn.Flatten()])
        self.recurrent = OneBiasLstm(flat, spec.lstm_units)
        self.head = glorot([*dropout_modules(spec.dropout), nn.Linear(spec.lstm_units, spec.classes)])

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, frames, mels) to (batch, classes); `lengths` (batch,) where these are of several lengths."""
        batch, frames, mels = features.shape
        if lengths is None:
            flat = self.tower(features.reshape(batch * frames, mels, 1))
            means = self.recurrent(flat.view(batch, frames, -1)).mean(dim=1)
        else:
            times = Times(lengths, frames, features.device)
            flat = times.unpack(self.tower(times.pack(features).unsqueeze(2)))
            means = times.mean(self.recurrent(flat).transpose(1, 2))
        logits: Tensor = self.head(means)
        return logits


def _tower(blocks: tuple[SoundBlock, ...], channels: int) -> list[nn.Module]:
    """Layers on (rows, length, channels)."""
    layers: list[nn.Module] = []
    for block in blocks:
        pooled = block.sublayers[:1] == (MaxPool(size=2),)
        convolution = channels_last.ConvolutionReluPool if pooled else channels_last.ConvolutionRelu
        layers.append(convolution(channels, block.filters, block.kernel_size))
        channels = block.filters
        for sublayer in block.sublayers[1 if pooled else 0 :]:
            match sublayer:
                case MaxPool(size=size):
                    layers.append(channels_last.RowPool(size))
                case BatchNorm():
                    layers.append(channels_last.RowNorm(channels))
                case Dropout():
                    layers += dropout_modules(sublayer)
    return layers


def _dense(inputs: int, sizes: tuple[int, ...], classes: int) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Flatten()]
    for units in sizes:
        layers += [nn.Linear(inputs, units), nn.ReLU()]
        inputs = units
    return [*layers, nn.Linear(inputs, classes)]
