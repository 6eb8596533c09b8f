"""`SeResNet`: mel spectrogram (batch, frames, mels) to logits (batch, classes).

The document counts axes as PyTorch does, so initial weights and batch norm have its defaults.
"""

from torch import Tensor, nn

from soundproof.search_spaces.specs.classifiers import SeResNet, SeStage
from soundproof.trainables.networks.classifiers.layers import TORCH_NORM, ChannelNorm, dropout_modules, image
from soundproof.trainables.networks.classifiers.own_lengths import TimedLayer, Times, along


class SeResNetNetwork(nn.Module):
    """Stages over (mels, frames), the mean over both, then dense layers."""

    def __init__(self, spec: SeResNet) -> None:
        super().__init__()
        inputs = (1, *(stage.channels for stage in spec.stages))
        self.stages = nn.Sequential(
            *(_stage(stage, n, spec.bottleneck) for stage, n in zip(spec.stages, inputs, strict=False))
        )
        dense = [nn.Linear(inputs[-1], spec.dense), nn.ReLU(), *dropout_modules(spec.dropout)]
        self.head = nn.Sequential(*dense, nn.Linear(spec.dense, spec.classes))

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, frames, mels) to (batch, classes); `lengths` (batch,) where these are of several lengths."""
        if lengths is None:
            means = self.stages(image(features)).mean(dim=(2, 3))
        else:
            maps, times = along(self.stages, image(features), Times(lengths, features.shape[1], features.device))
            means = times.mean(maps)
        logits: Tensor = self.head(means)
        return logits


class SeBlock(TimedLayer):
    """Two convolutions, their channels weighed by what the whole picture holds, added to the input."""

    def __init__(self, channels: int, bottleneck: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            *_convolution(channels, channels), nn.ReLU(), *_convolution(channels, channels)
        )
        self.excitation = nn.Sequential(
            nn.Conv2d(channels, bottleneck, 1), nn.ReLU(), nn.Conv2d(bottleneck, channels, 1), nn.Sigmoid()
        )

    def forward(self, values: Tensor, times: Times | None = None) -> Tensor:
        """(batch, channels, mels, frames) to the same shape."""
        if times is None:
            changed = self.convolutions(values)
            means = changed.mean(dim=(2, 3), keepdim=True)
        else:
            changed, _ = along(self.convolutions, values, times)
            means = times.mean(changed)[:, :, None, None]
        weights = self.excitation(means)
        total: Tensor = values + changed * weights
        return total.relu()


def _stage(stage: SeStage, channels: int, bottleneck: int) -> nn.Sequential:
    return nn.Sequential(
        *([nn.MaxPool2d(2)] if stage.pool else []),
        *dropout_modules(stage.dropout),
        *_convolution(channels, stage.channels),
        nn.ReLU(),
        *(SeBlock(stage.channels, bottleneck) for _ in range(stage.blocks)),
    )


def _convolution(inputs: int, channels: int) -> list[nn.Module]:
    return [nn.Conv2d(inputs, channels, 3, padding=1), ChannelNorm(channels, TORCH_NORM)]
