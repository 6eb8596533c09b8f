"""One call for every kind of cell, by whichever implementation is fastest where it runs."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import pad

from search_spaces.specs.network import Cell
from trainables.networks.recurrence.function import run_cell
from trainables.networks.recurrence.gru import Gru
from trainables.networks.recurrence.library import run_library
from trainables.networks.recurrence.simple import Simple

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
    """States (members, frames, batch, units) of `cell` over `inputs` (members, frames, batch, channels).

    `input_weight` is (members, gates * units, channels), `recurrent_weight` (members, gates * units, units), biases
    (members, gates * units); the simple cell has no `recurrent_bias`.
    """
    # The library's LSTM is fused on a CPU (oneDNN) and all its layers are on CUDA (cuDNN). Its other CPU layers are not.
    if cell == "lstm" or inputs.is_cuda:
        return run_library(cell, inputs, input_weight, recurrent_weight, input_bias, recurrent_bias)
    if recurrent_bias is None:
        return run_cell(Simple(), inputs, input_weight, recurrent_weight, input_bias)
    units = recurrent_weight.shape[-1]
    sigmoid_bias, candidate_bias = recurrent_bias[:, : 2 * units], recurrent_bias[:, 2 * units :]
    bias = input_bias + pad(sigmoid_bias, (0, units))  # two biases that only ever add up are one to the function
    return run_cell(Gru(), inputs, input_weight, recurrent_weight, bias, candidate_bias)
