"""The library's own recurrences, one call for each member."""

import warnings

import torch
from torch import Tensor

from soundproof.search_spaces.specs.network import Cell


def run_library(
    cell: Cell,
    inputs: Tensor,
    *,
    input_weight: Tensor,
    recurrent_weight: Tensor,
    input_bias: Tensor,
    recurrent_bias: Tensor,
) -> Tensor:
    """See `recur.recur`. Every cell has both biases."""
    start = inputs.new_zeros(1, inputs.shape[2], recurrent_weight.shape[-1])
    by_member = zip(inputs, input_weight, recurrent_weight, input_bias, recurrent_bias, strict=True)
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
