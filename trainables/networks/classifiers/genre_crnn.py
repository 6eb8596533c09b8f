"""`GenreCrnn`: mel spectrogram (batch, frames, mels) to logits (batch, classes)."""

import math

import torch
from torch import Tensor, nn

from soundproof.search_spaces.specs.classifiers import CrnnBlock, GenreCrnn, SequenceLayout
from soundproof.trainables.networks.classifiers.layers import ChannelNorm, SamePad, dropout_modules, glorot, image
from soundproof.trainables.networks.classifiers.one_bias import OneBiasGru
from soundproof.trainables.networks.classifiers.own_lengths import Times, along


class GenreCrnnNetwork(nn.Module):
    """Blocks on (batch, channels, mels, frames), then a sequence, recurrent layers and dense ones."""

    def __init__(self, spec: GenreCrnn, sequence_channels: int) -> None:
        super().__init__()
        self.layout = spec.sequence
        inputs = (1, *(block.filters for block in spec.blocks))
        self.blocks = nn.Sequential(*(_block(block, n) for block, n in zip(spec.blocks, inputs, strict=False)))
        channels = (sequence_channels, *spec.gru_units)
        self.recurrent = nn.Sequential(*(OneBiasGru(n, u) for n, u in zip(channels, spec.gru_units, strict=False)))
        dense = [nn.Linear(spec.gru_units[-1], spec.dense), nn.ReLU(), nn.Linear(spec.dense, spec.classes)]
        self.head = glorot([*dropout_modules(spec.dropout), *dense])

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, frames, mels) to (batch, classes); `lengths` (batch,) where these are of several lengths."""
        logits: Tensor = self.head(self._last_states(image(features), lengths))
        return logits

    def _last_states(self, maps: Tensor, lengths: Tensor | None) -> Tensor:
        if lengths is None:
            states: Tensor = self.recurrent(to_sequence(self.blocks(maps), self.layout))
            return states[:, -1]
        maps, times = along(self.blocks, maps, Times(lengths, maps.shape[3], maps.device))
        sequence = to_sequence(maps, self.layout)
        return times.last(self.recurrent(sequence), sequence.shape[1] // times.padded)


def to_sequence(maps: Tensor, layout: SequenceLayout) -> Tensor:
    """Feature maps (batch, channels, mels, frames) to (batch, steps, values); see `GenreCrnn`."""
    batch, channels, mels, frames = maps.shape
    by_frame = maps.permute(0, 3, 1, 2)
    match layout:
        case "row_major":
            return by_frame.reshape(batch, frames * mels, channels)
        case "time_major":
            return by_frame.reshape(batch, frames, channels * mels)


def _block(block: CrnnBlock, channels: int) -> nn.Sequential:
    convolution = nn.Conv2d(channels, block.filters, block.kernel)
    lecun_normal_(convolution)
    return nn.Sequential(
        SamePad(block.kernel, (1, 1), 0.0),
        convolution,
        nn.SELU(),
        ChannelNorm(block.filters),
        nn.MaxPool2d(block.pool),
        *dropout_modules(block.dropout),
    )


def lecun_normal_(layer: nn.Conv2d) -> None:
    """Normal of variance 1 / fan in, cut at two standard deviations (LeCun et al. 1998), as Keras does; bias zero."""
    fan_in = layer.weight[0].numel()
    cut_variance_correction = 0.87962566103423978
    deviation = math.sqrt(1 / fan_in) / cut_variance_correction
    nn.init.trunc_normal_(layer.weight, std=deviation, a=-2 * deviation, b=2 * deviation)
    assert layer.bias is not None
    with torch.no_grad():
        layer.bias.zero_()
