"""Recurrent layers with one bias vector a gate, as Keras has them: (batch, frames, channels) to (batch, frames, units).

The GRU is that of Cho et al. (2014): the reset gate is applied to the state before the recurrent product, so no
library's fused kernel computes it.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from soundproof.trainables.networks.initialisation import recurrent_
from soundproof.trainables.networks.recurrence import LayerWeights, recur


class OneBiasGru(nn.Module):
    """r, z = sigmoid(W x + b + U h); n = tanh(W x + b + U (r h)); h' = (1 - z) n + z h. Gates stacked as r, z, n."""

    def __init__(self, channels: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.input_weight = nn.Parameter(torch.empty(3 * units, channels))
        self.recurrent_weight = nn.Parameter(torch.empty(3 * units, units))
        self.bias = nn.Parameter(torch.zeros(3 * units))
        recurrent_(self.input_weight, self.recurrent_weight)

    def forward(self, values: Tensor) -> Tensor:
        """The state after every frame; the first is zero."""
        gates = functional.linear(values.transpose(0, 1), self.input_weight, self.bias)
        sigmoids, candidates = gates.tensor_split([2 * self.units], dim=2)
        sigmoid_weight, candidate_weight = self.recurrent_weight.t().tensor_split([2 * self.units], dim=1)
        state = values.new_zeros(len(values), self.units)
        states = []
        for sigmoid, candidate in zip(sigmoids.unbind(0), candidates.unbind(0), strict=True):
            reset, update = torch.addmm(sigmoid, state, sigmoid_weight).sigmoid().chunk(2, dim=1)
            proposal = torch.addmm(candidate, reset * state, candidate_weight).tanh()
            state = torch.lerp(proposal, state, update)
            states.append(state)
        return torch.stack(states, dim=1)


class OneBiasLstm(nn.Module):
    """Gates stacked as i, f, g, o; the forget gate starts open (bias 1)."""

    def __init__(self, channels: int, units: int) -> None:
        super().__init__()
        self.input_weight = nn.Parameter(torch.empty(4 * units, channels))
        self.recurrent_weight = nn.Parameter(torch.empty(4 * units, units))
        self.bias = nn.Parameter(torch.zeros(4 * units))
        recurrent_(self.input_weight, self.recurrent_weight)
        with torch.no_grad():
            self.bias[units : 2 * units] = 1.0

    def forward(self, values: Tensor) -> Tensor:
        """The state after every frame; the first is zero."""
        weights = LayerWeights(self.input_weight[None], self.recurrent_weight[None], self.bias[None], None)
        states = recur("lstm", values.transpose(0, 1).unsqueeze(0), weights)
        return states.squeeze(0).transpose(0, 1)
