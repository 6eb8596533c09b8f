"""One call for every kind of cell, by whichever implementation is fastest where it runs."""

import warnings
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from soundproof.search_spaces.specs.network import Cell
from soundproof.trainables.networks.recurrence.compiled import run_compiled_gru, suits
from soundproof.trainables.networks.recurrence.function import CellWeights, run_cell
from soundproof.trainables.networks.recurrence.gru import Gru
from soundproof.trainables.networks.recurrence.simple import Simple

GATES: dict[Cell, int] = {"simple_rnn": 1, "gru": 3, "lstm": 4}
"""Gates stacked in a cell's weights: one; r, z, n; i, f, g, o."""


class LayerWeights(NamedTuple):
    """Weights of stacked, independent members. Gates are stacked in the order of `GATES`."""

    input_weight: Tensor
    """(members, gates * units, channels)."""
    recurrent_weight: Tensor
    """(members, gates * units, units)."""
    input_bias: Tensor
    """(members, gates * units)."""
    recurrent_bias: Tensor | None
    """(members, gates * units); None for the simple cell, which has one bias."""


def recur(cell: Cell, inputs: Tensor, weights: LayerWeights) -> Tensor:
    """The states of `cell` over the members of `inputs`, by the fastest implementation where they are.

    (members, frames, batch, channels) to (members, frames, batch, units), the state after every frame; the one before
    the first is zero.
    """
    input_weight, recurrent_weight, input_bias, recurrent_bias = weights
    # On a CPU the library's LSTM is fused (oneDNN), its other cells are not; on CUDA all are (cuDNN).
    if cell == "lstm" or inputs.is_cuda:
        return run_library(cell, inputs, weights)
    own = CellWeights(input_weight, recurrent_weight, input_bias)
    if recurrent_bias is None:
        return run_cell(Simple(), inputs, own)
    units = recurrent_weight.shape[-1]
    sigmoid_bias, candidate_bias = recurrent_bias[:, : 2 * units], recurrent_bias[:, 2 * units :]
    bias = input_bias + pad(sigmoid_bias, (0, units))  # two biases that only ever add up are one to the function
    own = own._replace(bias=bias, candidate_bias=candidate_bias)
    return run_compiled_gru(inputs, own) if suits(inputs, units) else run_cell(Gru(), inputs, own)


def run_library(cell: Cell, inputs: Tensor, weights: LayerWeights) -> Tensor:
    """The library's own recurrence, one call for each member; see `recur`. Its simple cell has a second bias: zero."""
    input_weight, recurrent_weight, input_bias, recurrent_bias = weights
    second_bias = torch.zeros_like(input_bias) if recurrent_bias is None else recurrent_bias
    start = inputs.new_zeros(1, inputs.shape[2], recurrent_weight.shape[-1])
    by_member = zip(inputs, input_weight, recurrent_weight, input_bias, second_bias, strict=True)
    with warnings.catch_warnings():  # cuDNN wants each member's weights in one place, and copies them there
        warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")
        return torch.stack([_run_member(cell, values, start, own) for values, *own in by_member])


def _run_member(cell: Cell, values: Tensor, start: Tensor, weights: list[Tensor]) -> Tensor:
    # has_biases, num_layers, dropout, train (cuDNN differentiates nothing else), bidirectional, batch_first
    options = (True, 1, 0.0, True, False, False)
    match cell:
        case "simple_rnn":
            return torch.rnn_tanh(values, start, weights, *options)[0]
        case "gru":
            return torch.gru(values, start, weights, *options)[0]
        case "lstm":
            return torch.lstm(values, (start, start), weights, *options)[0]
