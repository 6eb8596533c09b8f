"""Convolutions over time, plainly or densely connected, over the real frames of a padded batch."""

import torch
from torch import Tensor, nn

from soundproof.search_spaces.arithmetic import layer_output_frames
from soundproof.search_spaces.specs import ConvStack
from soundproof.trainables.networks.initialisation import glorot_uniform_
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.sublayers import Sublayers


class Convolution(nn.Module):
    """A `ConvStack`: (batch, frames, channels) to (batch, output frames, filters), padding zero before and after."""

    def __init__(self, spec: ConvStack, channels: int) -> None:
        super().__init__()
        self.spec = spec
        layers, sublayers = [], []
        for dilation in spec.dilations:
            reach = dilation * (spec.kernel_size - 1)
            padding = reach // 2 if spec.padding == "same" else 0
            layer = nn.Conv1d(
                channels, spec.filters, spec.kernel_size, stride=spec.stride, padding=padding, dilation=dilation
            )
            glorot_uniform_(layer)
            layers.append(layer)
            sublayers.append(Sublayers(spec.sublayers, spec.filters))
            channels = channels + spec.filters if spec.connectivity == "dense" else spec.filters
        self.layers = nn.ModuleList(layers)
        self.sublayers = nn.ModuleList(sublayers)

    def forward(self, values: Tensor, frames: Frames) -> tuple[Tensor, Frames]:
        """Every layer with its sublayers; also the extent of what comes out."""
        for index, (layer, sublayers) in enumerate(zip(self.layers, self.sublayers, strict=True)):
            frames = self._extent(index, frames)
            out = layer(values.transpose(1, 2)).transpose(1, 2)
            out = frames.unpack(sublayers(frames.pack(out)))
            last = index == len(self.layers) - 1
            values = torch.cat([values, out], dim=2) if self.spec.connectivity == "dense" and not last else out
        return values, frames

    def extent(self, frames: Frames) -> Frames:
        """What comes out of `frames`."""
        for layer in range(len(self.layers)):
            frames = self._extent(layer, frames)
        return frames

    def _extent(self, layer: int, before: Frames) -> Frames:
        if self.spec.padding == "same" and self.spec.stride == 1:
            return before
        lengths = [layer_output_frames(self.spec, layer, length) for length in before.lengths.tolist()]
        padded = layer_output_frames(self.spec, layer, before.padded)
        return Frames(torch.tensor(lengths), padded, before.device)
