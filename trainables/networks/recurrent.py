"""Recurrent layers: simple (tanh), GRU and LSTM cells, in one or two directions, plainly or densely connected."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from search_spaces.arithmetic import layer_channels
from search_spaces.specs import RecurrentStack
from search_spaces.specs.network import Cell, Merge
from trainables.networks.frames import Frames
from trainables.networks.initialisation import recurrent_
from trainables.networks.sublayers import Sublayers


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
        for layer, sublayers in zip(self.layers, self.sublayers, strict=False):
            out = layer(values, frames)
            if self.spec.sublayers_between:
                out = frames.unpack(sublayers(frames.pack(out)))
            values = torch.cat([values, out], dim=2) if self.spec.connectivity == "dense" else out
        final: Tensor = self.layers[-1](values, frames)
        return final


class _Layer(nn.Module):
    """One recurrent layer; two directions where `merge` joins them."""

    def __init__(self, cell: Cell, channels: int, units: int, merge: Merge | None) -> None:
        super().__init__()
        self.merge = merge
        self.forwards = _Direction(cell, channels, units)
        self.backwards = _Direction(cell, channels, units) if merge is not None else None

    def forward(self, values: Tensor, frames: Frames) -> Tensor:
        """Padding follows the real frames, so a forward pass needs no care.

        A backward pass starts at the last real one.
        """
        ahead: Tensor = self.forwards(values)
        if self.backwards is None:
            return ahead
        behind = frames.reverse(self.backwards(frames.reverse(values)))
        match self.merge:
            case "concat":
                return torch.cat([ahead, behind], dim=2)
            case "sum":
                return ahead + behind
            case "ave":
                return (ahead + behind) / 2
            case "mul":
                return ahead * behind
            case _:
                raise AssertionError(self.merge)


class _Direction(nn.Module):
    """One direction of one layer. GRU and LSTM have two bias vectors a gate; the simple cell has one."""

    def __init__(self, cell: Cell, channels: int, units: int) -> None:
        super().__init__()
        self.cell = cell
        match cell:
            case "simple_rnn":
                # The library's cell has two biases or none. A constant input beside the others is exactly one.
                self.layer: nn.RNNBase = nn.RNN(channels + 1, units, bias=False, batch_first=True)
            case "gru":
                self.layer = nn.GRU(channels, units, batch_first=True)
            case "lstm":
                self.layer = nn.LSTM(channels, units, batch_first=True)
        self._initialise(units)

    def _initialise(self, units: int) -> None:
        with torch.no_grad():
            for name, parameter in self.layer.named_parameters():
                if name.startswith("bias"):
                    parameter.zero_()
            match self.cell:
                case "simple_rnn":
                    recurrent_(self.layer.weight_ih_l0[:, :-1], self.layer.weight_hh_l0, gates=1)
                    self.layer.weight_ih_l0[:, -1].zero_()
                case "gru":
                    recurrent_(self.layer.weight_ih_l0, self.layer.weight_hh_l0, gates=3)
                case "lstm":
                    recurrent_(self.layer.weight_ih_l0, self.layer.weight_hh_l0, gates=4)
                    self.layer.bias_ih_l0[units : 2 * units].fill_(1.0)  # the forget gate starts open

    def forward(self, values: Tensor) -> Tensor:
        """(batch, frames, channels) to (batch, frames, units)."""
        if self.cell == "simple_rnn":
            values = nn.functional.pad(values, (0, 1), value=1.0)
        out: Tensor = self.layer(values)[0]
        return out
