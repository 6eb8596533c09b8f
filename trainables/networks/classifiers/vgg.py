"""`WaveformVgg`: waveforms (batch, 1, samples) to logits (batch, classes); `MfccVgg`: (batch, frames, coefficients).

The documents count axes as PyTorch does, so initial weights and batch norm have its defaults.
"""

from torch import Tensor, nn

from soundproof.search_spaces.specs.classifiers import MfccVgg, VggDense, VggPair, WaveformVgg
from soundproof.trainables.networks.classifiers.layers import TORCH_NORM, ChannelNorm, dropout_modules, image
from soundproof.trainables.networks.classifiers.own_lengths import Times, along


class WaveformVggNetwork(nn.Module):
    """Pairs along the samples, then the mean over what remains of time."""

    def __init__(self, spec: WaveformVgg, channels: int) -> None:
        super().__init__()
        self.pairs = nn.Sequential(*_pairs(spec.pairs, channels, spec.kernel_size, axes=1))
        self.head = nn.Sequential(*_head(spec.pairs[-1].channels, spec.dense, spec.classes))

    def forward(self, waveforms: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, 1, samples) to (batch, classes); `lengths` (batch,) where these are of several lengths."""
        if lengths is None:
            means = self.pairs(waveforms).mean(dim=2)
        else:
            maps, times = along(self.pairs, waveforms, Times(lengths, waveforms.shape[2], waveforms.device))
            means = times.mean(maps)
        logits: Tensor = self.head(means)
        return logits


class MfccVggNetwork(nn.Module):
    """Pairs over (coefficients, frames), then flattened."""

    def __init__(self, spec: MfccVgg, flat: int) -> None:
        super().__init__()
        self.pairs = nn.Sequential(*_pairs(spec.pairs, 1, spec.kernel_size, axes=2))
        self.head = nn.Sequential(nn.Flatten(), *_head(flat, spec.dense, spec.classes))

    def forward(self, features: Tensor) -> Tensor:
        """(batch, frames, coefficients) to (batch, classes)."""
        logits: Tensor = self.head(self.pairs(image(features)))
        return logits


def _pairs(pairs: tuple[VggPair, ...], channels: int, kernel_size: int, *, axes: int) -> list[nn.Module]:
    convolution = nn.Conv1d if axes == 1 else nn.Conv2d
    pool = nn.MaxPool1d if axes == 1 else nn.MaxPool2d
    layers: list[nn.Module] = []
    for pair in pairs:
        layers += dropout_modules(pair.dropout)
        for inputs in (channels, pair.channels):
            layers.append(convolution(inputs, pair.channels, kernel_size, padding=kernel_size // 2))
            layers += [ChannelNorm(pair.channels, TORCH_NORM), nn.ReLU()]
        layers.append(pool(2))
        channels = pair.channels
    return layers


def _head(inputs: int, sizes: tuple[VggDense, ...], classes: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for size in sizes:
        layers += [*dropout_modules(size.dropout), nn.Linear(inputs, size.units), nn.ReLU()]
        inputs = size.units
    return [*layers, nn.Linear(inputs, classes)]
