"""`MfccCnn`: MFCCs (batch, frames, coefficients) to logits (batch, classes)."""

from torch import Tensor, nn

from soundproof.search_spaces.specs.classifiers import MfccCnn
from soundproof.trainables.networks.classifiers.layers import ChannelNorm, dropout_modules, glorot, same_pool


class MfccCnnNetwork(nn.Module):
    """Blocks on (batch, channels, frames, coefficients), flattened, then dense layers."""

    def __init__(self, spec: MfccCnn, flat: int) -> None:
        super().__init__()
        self.l2 = spec.l2
        layers: list[nn.Module] = []
        channels = 1
        for block in spec.blocks:
            layers += [nn.Conv2d(channels, block.filters, block.kernel), nn.ReLU()]
            layers += same_pool(block.pool, (block.pool_stride,) * 2)
            layers += [ChannelNorm(block.filters), *dropout_modules(block.dropout)]
            channels = block.filters
        self.blocks = glorot(layers)
        dense = [nn.Flatten(), nn.Linear(flat, spec.dense), nn.ReLU(), *dropout_modules(spec.dropout)]
        self.head = glorot([*dense, nn.Linear(spec.dense, spec.classes)])

    def forward(self, features: Tensor) -> Tensor:
        """(batch, frames, coefficients) to (batch, classes)."""
        logits: Tensor = self.head(self.blocks(features.unsqueeze(1)))
        return logits

    def penalised(self) -> list[Tensor]:
        """The weights whose squares `l2` multiplies: those of the convolutions."""
        return [layer.weight for layer in self.blocks if isinstance(layer, nn.Conv2d)]
