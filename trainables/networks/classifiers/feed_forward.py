"""`FeedForward`: features (batch, frames, dimensions) to logits (batch, classes)."""

from torch import Tensor, nn

from soundproof.search_spaces.specs.classifiers import FeedForward
from soundproof.trainables.networks.classifiers.layers import ChannelNorm, dropout_modules, glorot


class FeedForwardNetwork(nn.Module):
    """Everything flattened, then dense layers."""

    def __init__(self, spec: FeedForward, flat: int) -> None:
        super().__init__()
        self.l2 = spec.l2
        layers: list[nn.Module] = [nn.Flatten()]
        if spec.batch_norm:
            layers.append(ChannelNorm(flat))
        inputs = flat
        for units in spec.dense:
            layers += [nn.Linear(inputs, units), nn.ReLU()]
            if spec.batch_norm:
                layers.append(ChannelNorm(units))
            layers += dropout_modules(spec.dropout)
            inputs = units
        self.hidden = glorot(layers)
        self.output = glorot([nn.Linear(inputs, spec.classes)])

    def forward(self, features: Tensor) -> Tensor:
        """(batch, frames, dimensions) to (batch, classes)."""
        logits: Tensor = self.output(self.hidden(features))
        return logits

    def penalised(self) -> list[Tensor]:
        """The weights whose squares `l2` multiplies: those of the hidden layers."""
        return [layer.weight for layer in self.hidden if isinstance(layer, nn.Linear)]
