"""Activation, batch norm and dropout in the order that a spec gives, over the real frames of a padded batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from soundproof.search_spaces.specs import BatchNorm, Dropout, Relu, Sublayer
from soundproof.trainables.networks.dropout import Dropout as FrameDropout

BATCH_NORM_EPSILON = 1e-3
BATCH_NORM_MOMENTUM = 0.1
"""Weight of a batch in the running mean and variance."""


class Sublayers(nn.Module):
    """`sublayers` in order, on packed frames: (real frames, channels) to the same shape."""

    def __init__(self, sublayers: tuple[Sublayer, ...], channels: int) -> None:
        super().__init__()
        self.steps = nn.Sequential(*(_build(sublayer, channels) for sublayer in sublayers))

    def forward(self, packed: Tensor) -> Tensor:
        """Apply every sublayer."""
        out: Tensor = self.steps(packed)
        return out


def _build(sublayer: Sublayer, channels: int) -> nn.Module:
    match sublayer:
        case Relu():
            return nn.ReLU()
        case BatchNorm():
            return _FrameNorm(channels)
        case Dropout(rate=rate):
            return FrameDropout(rate)


class _FrameNorm(nn.Module):
    """Batch norm over packed frames: (real frames, channels).

    One frame has no variance, so a batch of one frame is normalised as in evaluation.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_variance", torch.ones(channels))

    def forward(self, packed: Tensor) -> Tensor:
        """Normalise by the batch while training, by the running statistics otherwise."""
        return nn.functional.batch_norm(
            packed,
            self.running_mean,
            self.running_variance,
            self.weight,
            self.bias,
            training=self.training and len(packed) > 1,
            momentum=BATCH_NORM_MOMENTUM,
            eps=BATCH_NORM_EPSILON,
        )
