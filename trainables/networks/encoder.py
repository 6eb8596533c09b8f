"""A whole stack of Conformer or Transformer layers from its spec."""

from torch import Tensor, nn

from soundproof.search_spaces.specs import AttentionStack, ConformerStack, TransformerStack
from soundproof.trainables.networks.attention import LAYER_NORM_EPSILON, sinusoidal_positions
from soundproof.trainables.networks.conformer import ConformerLayer
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.transformer import TransformerLayer


class Encoder(nn.Module):
    """A `ConformerStack` or a `TransformerStack`: (batch, frames, channels) to (batch, frames, channels of the stack).

    Padding is zero after it, whatever it is before.
    """

    def __init__(self, spec: AttentionStack, channels: int) -> None:
        super().__init__()
        self.has_positions = spec.positions == "sinusoidal"
        self.projection = nn.Identity() if channels == spec.channels else nn.Linear(channels, spec.channels)
        self.final_norm: nn.Module = nn.Identity()
        match spec:
            case ConformerStack():
                self.layers = nn.ModuleList(ConformerLayer(spec) for _ in range(spec.layers))
            case TransformerStack():
                self.layers = nn.ModuleList(TransformerLayer(spec) for _ in range(spec.layers))
                if spec.norm == "before":
                    self.final_norm = nn.LayerNorm(spec.channels, LAYER_NORM_EPSILON)

    def forward(self, values: Tensor, frames: Frames) -> Tensor:
        """Every layer."""
        packed: Tensor = self.projection(frames.pack(values))
        if self.has_positions:
            positions = sinusoidal_positions(frames.padded, packed.shape[1], packed)
            packed = packed + positions[frames.rows % frames.padded]
        for layer in self.layers:
            packed = layer(packed, frames)
        return frames.unpack(self.final_norm(packed))
