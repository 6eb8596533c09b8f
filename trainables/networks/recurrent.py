"""Recurrent layers: simple (tanh), GRU and LSTM cells, in one or two directions, plainly or densely connected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from soundproof.search_spaces.arithmetic import layer_channels
from soundproof.search_spaces.specs import RecurrentStack
from soundproof.search_spaces.specs.network import Cell, Merge
from soundproof.trainables.networks.frames import Frames
from soundproof.trainables.networks.initialisation import recurrent_
from soundproof.trainables.networks.recurrence import GATES, recur
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
        return run_stacks([self], [values], [frames])[0]

    def between(self, index: int, values: Tensor, frames: Frames) -> Tensor:
        """What is between layer `index` and the next."""
        if not self.spec.sublayers_between:
            return values
        return frames.unpack(self.sublayers[index](frames.pack(values)))


def run_stacks(stacks: Sequence[Recurrent], values: Sequence[Tensor], frames: Sequence[Frames]) -> list[Tensor]:
    """What each stack makes of its own batch, computed side by side.

    Cells, layers, units, channels, connections and batch sizes agree; sublayers need not. Longest batch first.
    """
    first = stacks[0].spec
    for index in range(first.layers):
        outs = _run_layers([cast("_Layer", stack.layers[index]) for stack in stacks], values, frames)
        if index == first.layers - 1:
            break
        outs = [stack.between(index, out, extent) for stack, out, extent in zip(stacks, outs, frames, strict=True)]
        dense = first.connectivity == "dense"
        values = [torch.cat(pair, dim=2) for pair in zip(values, outs, strict=True)] if dense else outs
    return outs


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
            recurrent_(input_weight, recurrent_weight, GATES[cell])
        if cell == "lstm":
            with torch.no_grad():
                self.input_bias[:, units : 2 * units] = 1.0  # the forget gate starts open

    def ways(self, values: Tensor, frames: Frames) -> list[Tensor]:
        """What each direction reads, (frames, batch, channels): from the first frame on, and from the last real one.

        Padding follows the real frames either way, so it needs no care.
        """
        ways = [values] if self.merge is None else [values, frames.reverse(values)]
        return [way.transpose(0, 1) for way in ways]

    def merged(self, states: Sequence[Tensor], frames: Frames) -> Tensor:
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


def _run_layers(layers: Sequence[_Layer], values: Sequence[Tensor], frames: Sequence[Frames]) -> list[Tensor]:
    """See `run_stacks`. Every direction of every layer is a member of one recurrence."""
    directions = 1 if layers[0].merge is None else 2
    ways = [way for layer, one, extent in zip(layers, values, frames, strict=True) for way in layer.ways(one, extent)]
    extents = [len(way) for way in ways]
    longest = extents[0]
    second_biases = [layer.recurrent_bias for layer in layers if layer.recurrent_bias is not None]
    states = recur(
        layers[0].cell,
        torch.stack([way if len(way) == longest else pad(way, (0, 0, 0, 0, 0, longest - len(way))) for way in ways]),
        input_weight=_joined([layer.input_weight for layer in layers]),
        recurrent_weight=_joined([layer.recurrent_weight for layer in layers]),
        input_bias=_joined([layer.input_bias for layer in layers]),
        recurrent_bias=_joined(second_biases) if second_biases else None,
        extents=extents,
    )
    by_way = zip(states.unbind(0), extents, strict=True)
    own = [state if extent == longest else state[:extent] for state, extent in by_way]
    starts = range(0, len(own), directions)
    by_layer = zip(layers, starts, frames, strict=True)
    return [layer.merged(own[start : start + directions], extent) for layer, start, extent in by_layer]


def _joined(tensors: Sequence[Tensor]) -> Tensor:
    """Stacks of weights as one; the only one there is as it is."""
    return tensors[0] if len(tensors) == 1 else torch.cat(list(tensors))
