"""One call for every kind of cell, by whichever implementation is fastest where it runs."""

import warnings
from collections.abc import Sequence

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


def recur(
    cell: Cell,
    inputs: Tensor,
    *,
    input_weight: Tensor,
    recurrent_weight: Tensor,
    input_bias: Tensor,
    recurrent_bias: Tensor | None,
) -> Tensor:
    """The states of `cell` over stacked, independent members, by the fastest implementation where they are.

    Arguments:
        cell: Its kind.
        inputs: (members, frames, batch, channels).
        input_weight: (members, gates * units, channels), gates stacked in the order of `GATES`.
        recurrent_weight: (members, gates * units, units).
        input_bias: (members, gates * units).
        recurrent_bias: (members, gates * units); None for the simple cell, which has one bias.

    Returns:
        (members, frames, batch, units), the state after every frame; the one before the first is zero.
    """
    # On a CPU the library's LSTM is fused (oneDNN), its other cells are not; on CUDA all are (cuDNN).
    if cell == "lstm" or inputs.is_cuda:
        second_bias = torch.zeros_like(input_bias) if recurrent_bias is None else recurrent_bias
        return run_library(cell, inputs, (input_weight, recurrent_weight, input_bias, second_bias))
    weights = CellWeights(input_weight, recurrent_weight, input_bias)
    if recurrent_bias is None:
        return run_cell(Simple(), inputs, weights)
    units = recurrent_weight.shape[-1]
    sigmoid_bias, candidate_bias = recurrent_bias[:, : 2 * units], recurrent_bias[:, 2 * units :]
    bias = input_bias + pad(sigmoid_bias, (0, units))  # two biases that only ever add up are one to the function
    weights = weights._replace(bias=bias, candidate_bias=candidate_bias)
    return run_compiled_gru(inputs, weights) if suits(inputs, units) else run_cell(Gru(), inputs, weights)


def run_library(cell: Cell, inputs: Tensor, stacked_weights: Sequence[Tensor]) -> Tensor:
    """The library's own recurrence, one call for each member; see `recur`.

    The weights are those of inputs and states, then both biases: here every cell has two.
    """
    start = inputs.new_zeros(1, inputs.shape[2], stacked_weights[1].shape[-1])
    by_member = zip(inputs, *stacked_weights, strict=True)
    with warnings.catch_warnings():  # cuDNN wants each member's weights in one place, and copies them there
        warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")
        return torch.stack([_run_member(cell, values, start, weights) for values, *weights in by_member])


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
