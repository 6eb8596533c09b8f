"""Activation, batch norm and dropout in the order that a spec gives, over the real frames of a padded batch."""

from torch import Tensor, nn

from soundproof.search_spaces.specs import BatchNorm, Dropout, Relu, Sublayer
from soundproof.trainables.networks.batch_norm import BatchNorm as FrameNorm
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
            return FrameNorm(channels, epsilon=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM)
        case Dropout(rate=rate):
            return FrameDropout(rate)
