"""A Transformer layer (Vaswani et al. 2017): `torch.nn.TransformerEncoderLayer` with ReLU, and its initial weights."""

from torch import Tensor, nn

from soundproof.search_spaces.specs import TransformerStack
from soundproof.trainables.networks.attention import LAYER_NORM_EPSILON, SelfAttention, dropout_or_none
from soundproof.trainables.networks.padded_frames import Frames


class TransformerLayer(nn.Module):
    """One layer of a `TransformerStack`, on packed frames (real frames, channels)."""

    def __init__(self, spec: TransformerStack) -> None:
        super().__init__()
        self.norm_before = spec.norm == "before"
        self.attention = SelfAttention(spec.channels, spec.heads, spec.dropout)
        self.attention_dropout = dropout_or_none(spec.dropout)
        self.feed_forward = nn.Sequential(
            nn.Linear(spec.channels, spec.feed_forward_units),
            nn.ReLU(),
            dropout_or_none(spec.dropout),
            nn.Linear(spec.feed_forward_units, spec.channels),
            dropout_or_none(spec.dropout),
        )
        self.attention_norm = nn.LayerNorm(spec.channels, LAYER_NORM_EPSILON)
        self.feed_forward_norm = nn.LayerNorm(spec.channels, LAYER_NORM_EPSILON)

    def forward(self, packed: Tensor, frames: Frames) -> Tensor:
        """The same shape."""
        if self.norm_before:
            packed = packed + self._attended(self.attention_norm(packed), frames)
            total: Tensor = packed + self.feed_forward(self.feed_forward_norm(packed))
        else:
            packed = self.attention_norm(packed + self._attended(packed, frames))
            total = self.feed_forward_norm(packed + self.feed_forward(packed))
        return total

    def _attended(self, packed: Tensor, frames: Frames) -> Tensor:
        attended: Tensor = self.attention_dropout(self.attention(packed, frames))
        return attended
