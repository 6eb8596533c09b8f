"""The library's own recurrences, one call for each member."""

from __future__ import annotations

import torch
from torch import Tensor

from search_spaces.specs.network import Cell


def run_library(
    cell: Cell,
    inputs: Tensor,
    input_weight: Tensor,
    recurrent_weight: Tensor,
    input_bias: Tensor,
    recurrent_bias: Tensor | None,
) -> Tensor:
    """See `recur`. A missing `recurrent_bias` is zero."""
    if recurrent_bias is None:
        recurrent_bias = torch.zeros_like(input_bias)
    parameters = zip(input_weight, recurrent_weight, input_bias, recurrent_bias, strict=True)
    start = inputs.new_zeros(1, inputs.shape[2], recurrent_weight.shape[-1])
    return torch.stack(
        [_run_member(cell, member, start, list(weights)) for member, weights in zip(inputs, parameters, strict=True)]
    )


def _run_member(cell: Cell, inputs: Tensor, start: Tensor, weights: list[Tensor]) -> Tensor:
    # has_biases, num_layers, dropout; train, so that cuDNN can differentiate in evaluation too; bidirectional, batch_first
    options = (True, 1, 0.0, True, False, False)
    match cell:
        case "simple_rnn":
            return torch.rnn_tanh(inputs, start, weights, *options)[0]
        case "gru":
            return torch.gru(inputs, start, weights, *options)[0]
        case "lstm":
            return torch.lstm(inputs, (start, start), weights, *options)[0]
