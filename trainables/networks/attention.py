"""Self-attention with several heads over the real frames of a padded batch, and what tells frames their places.

What is done to each frame by itself is done to packed frames, (real frames, channels). Padding is there only where
frames meet: keys beyond the end of a clip have the weight 0, exactly. So a clip's output depends on its own frames
alone, and what a batch is filled up with costs no dense layer anything.
"""

import math

import torch
from torch import Tensor, nn

from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.sublayers import Dropout

LAYER_NORM_EPSILON = 1e-5
_LONGEST_PERIOD = 10_000.0
"""In frames, about: of the slowest sine that tells places."""


class SelfAttention(nn.Module):
    """softmax(Q K' / sqrt(channels / heads)) V for each head, side by side, then a dense layer (Vaswani et al. 2017).

    Packed frames to packed frames. Initial weights are `torch.nn.MultiheadAttention`'s.
    """

    def __init__(self, channels: int, heads: int, dropout: float | None) -> None:
        super().__init__()
        self.heads = heads
        self.inputs = nn.Linear(channels, 3 * channels)
        nn.init.xavier_uniform_(self.inputs.weight)
        nn.init.zeros_(self.inputs.bias)
        self.output = nn.Linear(channels, channels)
        nn.init.zeros_(self.output.bias)
        self.dropout = dropout_or_none(dropout)

    def forward(self, packed: Tensor, frames: Frames) -> Tensor:
        """Every frame of a clip attends to all of the clip."""
        by_clip = frames.unpack(self.inputs(packed))
        batch, padded, _ = by_clip.shape
        queries, keys, values = by_clip.view(batch, padded, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        queries = queries / math.sqrt(queries.shape[3])
        scores = queries @ keys.transpose(2, 3)  # (batch, heads, frames, frames)
        if frames.beyond is not None:
            least = scores.new_zeros(frames.beyond.shape).masked_fill(frames.beyond, torch.finfo(scores.dtype).min)
            scores = scores + least[:, None, None]
        heard = self.dropout(scores.softmax(dim=3)) @ values
        attended: Tensor = self.output(frames.pack(heard.transpose(1, 2).flatten(2)))
        return attended


def sinusoidal_positions(frames: int, channels: int, like: Tensor) -> Tensor:
    """(frames, channels): sines and cosines in turn, of periods from 2 pi frames on, each longer by the same factor."""
    places = torch.arange(frames, device=like.device, dtype=torch.float64)
    steps = torch.arange(0, channels, 2, device=like.device, dtype=torch.float64) / channels
    angles = places[:, None] * _LONGEST_PERIOD**-steps
    return torch.stack((angles.sin(), angles.cos()), dim=2).flatten(1)[:, :channels].to(like.dtype)


def dropout_or_none(rate: float | None) -> nn.Module:
    """Dropout with the trial's own generator, or nothing."""
    return nn.Identity() if rate is None else Dropout(rate)
