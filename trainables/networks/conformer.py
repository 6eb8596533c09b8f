"""A Conformer layer (Gulati et al. 2020), as torchaudio's `Conformer` has it, but for what padding does.

There the convolution reads what the layers before it made of the padding, and batch norm counts it. Here the frames
beyond the end of a clip are zero where the convolution can see them, and in no norm. Initial weights are torchaudio's.
"""

import torch
from torch import Tensor, nn

from soundproof.search_spaces.specs import ConformerStack, ConvolutionModule
from soundproof.trainables.networks.attention import LAYER_NORM_EPSILON, SelfAttention, dropout_or_none
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.sublayers import BATCH_NORM_MOMENTUM, BatchNorm

NORM_EPSILON = 1e-5
"""Of batch norm and group norm, as PyTorch has them."""


class ConformerLayer(nn.Module):
    """One layer of a `ConformerStack`, on packed frames (real frames, channels)."""

    def __init__(self, spec: ConformerStack) -> None:
        super().__init__()
        self.first_half = _feed_forward(spec)
        self.attention_norm = nn.LayerNorm(spec.channels, LAYER_NORM_EPSILON)
        self.attention = SelfAttention(spec.channels, spec.heads, spec.dropout)
        self.attention_dropout = dropout_or_none(spec.dropout)
        self.convolution: Convolution | None = None
        self.convolution_first = False
        if spec.convolution is not None:
            self.convolution = Convolution(spec.convolution, spec.channels, spec.dropout)
            self.convolution_first = spec.convolution.first
        self.second_half = _feed_forward(spec)
        self.final_norm = nn.LayerNorm(spec.channels, LAYER_NORM_EPSILON)

    def forward(self, packed: Tensor, frames: Frames) -> Tensor:
        """The same shape."""
        packed = packed + 0.5 * self.first_half(packed)
        if self.convolution is not None and self.convolution_first:
            packed = packed + self.convolution(packed, frames)
        packed = packed + self.attention_dropout(self.attention(self.attention_norm(packed), frames))
        if self.convolution is not None and not self.convolution_first:
            packed = packed + self.convolution(packed, frames)
        normed: Tensor = self.final_norm(packed + 0.5 * self.second_half(packed))
        return normed


class Convolution(nn.Module):
    """A `ConvolutionModule`, on packed frames (real frames, channels)."""

    def __init__(self, spec: ConvolutionModule, channels: int, dropout: float | None) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels, LAYER_NORM_EPSILON)
        self.gated = nn.Linear(channels, 2 * channels)
        padding = spec.kernel_size // 2
        self.by_channel = nn.Conv1d(channels, channels, spec.kernel_size, padding=padding, groups=channels)
        self.channel_norm: BatchNorm | ClipNorm
        if spec.norm == "batch":
            self.channel_norm = BatchNorm(channels, epsilon=NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM)
        else:
            self.channel_norm = ClipNorm(channels)
        self.output = nn.Linear(channels, channels)
        self.dropout = dropout_or_none(dropout)

    def forward(self, packed: Tensor, frames: Frames) -> Tensor:
        """The same shape."""
        gated = nn.functional.glu(self.gated(self.norm(packed)), dim=1)
        by_clip = frames.unpack(gated)
        convolved = frames.pack(self.by_channel(by_clip.transpose(1, 2)).transpose(1, 2))
        clip_norm = isinstance(self.channel_norm, ClipNorm)
        normed = self.channel_norm(convolved, frames) if clip_norm else self.channel_norm(convolved)
        outputs: Tensor = self.dropout(self.output(nn.functional.silu(normed)))
        return outputs


class ClipNorm(nn.Module):
    """Group norm of one group (Wu and He 2018): over all channels and real frames of a clip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, packed: Tensor, frames: Frames) -> Tensor:
        """The same shape."""
        centred = packed - _clip_mean(packed, frames)
        variance = _clip_mean(centred.square(), frames)
        return centred * (variance + NORM_EPSILON).rsqrt() * self.weight + self.bias


def _clip_mean(packed: Tensor, frames: Frames) -> Tensor:
    """The mean over the channels and frames of each clip, again for each of its frames: (real frames, 1)."""
    lengths = frames.lengths.clamp(min=1).to(packed.device, packed.dtype, non_blocking=True)
    means = frames.unpack(packed.mean(dim=1, keepdim=True)).sum(dim=1) / lengths[:, None]
    return frames.pack(means[:, None].expand(-1, frames.padded, -1))


def _feed_forward(spec: ConformerStack) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(spec.channels, LAYER_NORM_EPSILON),
        nn.Linear(spec.channels, spec.feed_forward_units),
        nn.SiLU(),
        dropout_or_none(spec.dropout),
        nn.Linear(spec.feed_forward_units, spec.channels),
        dropout_or_none(spec.dropout),
    )
