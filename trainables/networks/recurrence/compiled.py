"""A GRU as one differentiable operation whose steps are compiled, for batches and layers that are small.

The same arithmetic as `gru`, for which a call into the library for every product of every step costs more than the
product.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from soundproof.trainables.networks.recurrence.function import CellWeights

LARGEST_STEP = 1024
"""Batch times units up to which this is taken to be the faster way: half the time at 384, and none gained at 1,600 or
2,048, as a prototype had it (docs/decisions/training.md)."""


def suits(inputs: Tensor, units: int) -> bool:
    """Whether `inputs` (members, frames, batch, channels) are best recurred here."""
    return inputs.device.type == "cpu" and inputs.dtype == torch.float32 and inputs.shape[2] * units <= LARGEST_STEP


def run_compiled_gru(inputs: Tensor, weights: CellWeights) -> Tensor:
    """(members, frames, batch, channels) to (members, frames, batch, units). See `function.run_cell`."""
    states: Tensor = _CompiledGru.apply(inputs, *weights)  # type: ignore[no-untyped-call]
    return states


class _CompiledGru(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, *weights: Tensor) -> Tensor:
        from soundproof.trainables.networks.recurrence.compiled_steps import run_steps  # noqa: PLC0415  # compiles

        input_weight, weight, bias, product_bias = weights
        members, frames, batch, _ = inputs.shape
        units = weight.shape[-1]
        gates = inputs.new_empty(members, frames, batch, 3 * units)
        candidates = inputs.new_empty(members, frames, batch, units)
        states = inputs.new_empty(members, 1 + frames, batch, units)
        states[:, 0] = 0
        turned = weight.transpose(1, 2).contiguous()
        for member, own in enumerate(gates):
            torch.addmm(bias[member], inputs[member].flatten(0, 1), input_weight[member].t(), out=own.flatten(0, 1))
            given = own, states[member], turned[member], product_bias[member].contiguous(), candidates[member]
            run_steps(*(tensor.numpy() for tensor in given))
        ctx.save_for_backward(inputs, input_weight, weight, gates, states, candidates)
        return states[:, 1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        from soundproof.trainables.networks.recurrence.compiled_steps import run_back  # noqa: PLC0415  # compiles

        inputs, input_weight, weight, gates, states, candidates = ctx.saved_tensors
        members, frames, batch, units = gradient.shape
        d_inputs = torch.zeros_like(inputs) if ctx.needs_input_grad[0] else None
        d_input_weight, d_weight = torch.empty_like(input_weight), torch.empty_like(weight)
        d_bias, d_product_bias = gates.new_empty(members, 3 * units), gates.new_empty(members, units)
        gradient, weight = gradient.contiguous(), weight.contiguous()
        d_gates, d_candidates = gates.new_empty(frames, batch, 3 * units), gates.new_empty(frames, batch, units)
        for member in range(members):
            kept = gates[member], states[member], candidates[member]
            given = *kept, gradient[member], weight[member], d_gates, d_candidates
            run_back(*(tensor.numpy() for tensor in given))
            rows, values = d_gates.flatten(0, 1), inputs[member].flatten(0, 1)
            torch.mm(rows.t(), states[member, :frames].flatten(0, 1), out=d_weight[member])
            torch.sum(rows[:, 2 * units :], 0, out=d_product_bias[member])
            # From here on the candidate counts by what the inputs add to it, which no reset gate multiplies.
            rows[:, 2 * units :] = d_candidates.flatten(0, 1)
            torch.mm(rows.t(), values, out=d_input_weight[member])
            torch.sum(rows, 0, out=d_bias[member])
            if d_inputs is not None:
                torch.mm(rows, input_weight[member], out=d_inputs[member].flatten(0, 1))
        return d_inputs, d_input_weight, d_weight, d_bias, d_product_bias
