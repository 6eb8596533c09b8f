"""Recurrent layers: simple (tanh), GRU and LSTM cells, in one or two directions, plainly or densely connected."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from soundproof.search_spaces.arithmetic import layer_channels
from soundproof.search_spaces.specs import RecurrentStack
from soundproof.search_spaces.specs.network import Cell, Merge
from soundproof.trainables.networks.initialisation import recurrent_
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.recurrence import GATES, LayerWeights, recur
from soundproof.trainables.networks.sublayers import Sublayers


class Recurrent(nn.Module):
    """A `RecurrentStack`.

    (batch, frames, channels) to (batch, frames, units), twice the units after a concatenation.
    """

    def __init__(self, spec: RecurrentStack, channels: int) -> None:
        super().__init__()
        self.spec = spec
        layers, sublayers = [], []
        for index in range(spec.layers):
            layers.append(_Layer(spec.cell, channels, spec.units, spec.merge if index == 0 else None))
            out = layer_channels(spec, index)
            if index < spec.layers - 1:
                sublayers.append(Sublayers(spec.sublayers_between, out))
            channels = channels + out if spec.connectivity == "dense" else out
        self.layers = nn.ModuleList(layers)
        self.sublayers = nn.ModuleList(sublayers)

    def forward(self, values: Tensor, frames: Frames) -> Tensor:
        """Every layer, with the sublayers between."""
        for index, layer in enumerate(self.layers):
            out: Tensor = layer(values, frames)
            if index == self.spec.layers - 1:
                break
            if self.spec.sublayers_between:
                out = frames.unpack(self.sublayers[index](frames.pack(out)))
            values = torch.cat((values, out), dim=2) if self.spec.connectivity == "dense" else out
        return out


class _Layer(nn.Module):
    """One recurrent layer; two directions where `merge` joins them.

    Parameters are stacked by direction. GRU and LSTM have two bias vectors a gate and the simple cell has one, as the
    documented parameter totals count them.
    """

    def __init__(self, cell: Cell, channels: int, units: int, merge: Merge | None) -> None:
        super().__init__()
        self.cell = cell
        self.merge = merge
        directions, rows = 1 if merge is None else 2, GATES[cell] * units
        self.input_weight = nn.Parameter(torch.empty(directions, rows, channels))
        self.recurrent_weight = nn.Parameter(torch.empty(directions, rows, units))
        self.input_bias = nn.Parameter(torch.zeros(directions, rows))
        self.recurrent_bias = None if cell == "simple_rnn" else nn.Parameter(torch.zeros(directions, rows))
        for input_weight, recurrent_weight in zip(self.input_weight, self.recurrent_weight, strict=True):
            recurrent_(input_weight, recurrent_weight)
        if cell == "lstm":
            with torch.no_grad():
                self.input_bias[:, units : 2 * units] = 1.0  # the forget gate starts open

    def forward(self, values: Tensor, frames: Frames) -> Tensor:
        """(batch, frames, channels) to (batch, frames, units), twice the units after a concatenation.

        One direction reads from the first frame on, the other from the last real one: padding follows the real frames
        either way, and needs no care. Both are members of one recurrence.
        """
        directions = [values] if self.merge is None else [values, frames.reverse(values)]
        inputs = torch.stack([direction.transpose(0, 1) for direction in directions])
        weights = LayerWeights(self.input_weight, self.recurrent_weight, self.input_bias, self.recurrent_bias)
        states = recur(self.cell, inputs, weights)
        return self._merged(states.unbind(0), frames)

    def _merged(self, states: Sequence[Tensor], frames: Frames) -> Tensor:
        """The states (frames, batch, units) of the directions as one (batch, frames, units or twice as many)."""
        if self.merge is None:
            return states[0].transpose(0, 1)
        ahead, behind = (state.transpose(0, 1) for state in states)
        behind = frames.reverse(behind)
        match self.merge:
            case "concat":
                return torch.cat([ahead, behind], dim=2)
            case "sum":
                return ahead + behind
            case "ave":
                return (ahead + behind) / 2
            case "mul":
                return ahead * behind
