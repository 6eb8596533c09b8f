"""A recurrence as one differentiable operation, its gradient written by hand.

The library's gradient on a CPU spends most of its time in small per-step products and accumulations. Here the gradients
of weights and inputs, and the local derivatives of the gates, are products over a whole block of frames. A block is
short enough to stay in the processor's cache, long enough to make its products large.

No member's numbers depend on the others: what is done to several at once is done to each value by itself, and products
and sums are made for each member by itself.

A cell's step holds only what is sequential: the product with the state and the arithmetic of the gates. On one CPU
thread a tanh costs three times a sigmoid, so tanh(x) is computed as 2 sigmoid(2 x) - 1; the factor 2 inside comes from
weights scaled beforehand. Likewise a view costs as much as small arithmetic, so blocks are split into steps all at
once.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

sigmoid_backward: Any = torch.ops.aten.sigmoid_backward
"""(gradient, s) to gradient * s * (1 - s)."""
tanh_backward: Any = torch.ops.aten.tanh_backward
"""(gradient, t) to gradient * (1 - t * t)."""


class RecurrentCell(ABC):
    """The arithmetic of one kind of cell.

    `gates` (members, frames, batch, gates * units) arrive holding what the inputs and biases contribute. A cell leaves
    in them and in its `tape` (members, frames, batch, units) what its gradient needs. `states` (members, 1 + frames,
    batch, units) begin with the state before the first frame.
    """

    scales: ClassVar[tuple[int, ...]]
    """For each gate, 2 where its pre-activations are wanted doubled, for a tanh; else 1."""
    has_tape: ClassVar[bool]
    """Whether the gradient needs more than gates and states."""

    @abstractmethod
    def forward(
        self, *, gates: Tensor, tape: Tensor | None, states: Tensor, weights: Tensor, candidate_bias: Tensor | None
    ) -> None:
        """Fill `states` after its first. `weights` (members, units, gates * units) are scaled by `scales`."""

    @abstractmethod
    def derive(
        self, *, gates: Tensor, tape: Tensor | None, states: Tensor, out: Tensor, candidate: Tensor | None
    ) -> None:
        """Local derivatives of one member, (frames, ...) without the axis of members: the state's by each gate.

        Into `out`, shaped like `gates`, by what the recurrent product adds to a gate; into `candidate` (frames, batch,
        units) by what the inputs add to the last gate, where the cell has a tape, and so two of those.
        """

    @abstractmethod
    def backward(
        self, *, gates: Tensor, gradient: Tensor, carry: Tensor, weights: Tensor, out: Tensor, candidate: Tensor | None
    ) -> None:
        """Turn the local derivatives of a block into gradients, by that of its states (members, frames, batch, units).

        `carry` (members, batch, units) brings the gradient of the block's last state from the frames after it, and
        leaves with that of the state before the block. `weights` (members, gates * units, units) are not scaled.
        """


def steps(values: Tensor) -> tuple[Tensor, ...]:
    """`values` (members, frames, ...) as one (members, ...) for each frame."""
    return values.unbind(1)


BLOCK_FRAMES = 28


class CellWeights(NamedTuple):
    """Weights of the stacked members of a recurrence."""

    input: Tensor
    """(members, gates * units, channels)."""
    recurrent: Tensor
    """(members, gates * units, units)."""
    bias: Tensor
    """(members, gates * units), added to the gates of the inputs."""
    candidate_bias: Tensor | None = None
    """(members, units), the GRU's recurrent bias of the candidate, which the reset gate multiplies."""


def run_cell(cell: RecurrentCell, inputs: Tensor, weights: CellWeights) -> Tensor:
    """(members, frames, batch, channels) to (members, frames, batch, units). Keeps nothing where no gradient is due."""
    if torch.is_grad_enabled() and any(tensor is not None and tensor.requires_grad for tensor in (inputs, *weights)):
        states: Tensor = _Recurrence.apply(cell, inputs, *weights)  # type: ignore[no-untyped-call]
        return states
    return _run(cell, inputs, weights, keep=False)[0][:, 1:]


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, cell: RecurrentCell, inputs: Tensor, *weights: Tensor) -> Tensor:
        states, gates, tape = _run(cell, inputs, CellWeights(*weights), keep=True)
        ctx.cell = cell
        ctx.save_for_backward(inputs, *weights[:2], states, gates, tape)
        return states[:, 1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inputs, input_weight, recurrent_weight, states, gates, tape = ctx.saved_tensors
        members, frames, batch, units = gradient.shape
        d_inputs = torch.zeros_like(inputs) if ctx.needs_input_grad[1] else None
        d_input_weight, d_recurrent_weight = torch.zeros_like(input_weight), torch.zeros_like(recurrent_weight)
        d_bias = gates.new_zeros(members, gates.shape[-1])
        d_candidate_bias = None if tape is None else gates.new_zeros(members, units)
        carry = gates.new_zeros(members, batch, units)
        room = gates.new_empty(members, min(frames, BLOCK_FRAMES), batch, gates.shape[-1])
        candidate_room = None if tape is None else torch.empty_like(room[..., :units])
        for block in reversed(list(_blocks(frames))):
            here = slice(None), slice(0, block.stop - block.start)
            d_gates, d_candidates = room[here], None if candidate_room is None else candidate_room[here]
            for member in range(members):
                ctx.cell.derive(
                    gates=gates[member, block],
                    tape=None if tape is None else tape[member, block],
                    states=states[member, block.start : block.stop + 1],
                    out=d_gates[member],
                    candidate=None if d_candidates is None else d_candidates[member],
                )
            ctx.cell.backward(
                gates=gates[:, block],
                gradient=gradient[:, block],
                carry=carry,
                weights=recurrent_weight,
                out=d_gates,
                candidate=d_candidates,
            )
            for member in range(members):
                own, values = d_gates[member].flatten(0, 1), inputs[member, block].flatten(0, 1)
                d_recurrent_weight[member].addmm_(own.t(), states[member, block].flatten(0, 1))
                if d_candidates is not None and d_candidate_bias is not None:
                    # What the recurrent product adds to the candidate passes through the reset gate, what the inputs
                    # add does not. The recurrent weights have taken the first gradient; the second takes its place.
                    d_candidate_bias[member] += own[:, -units:].sum(0)
                    own[:, -units:] = d_candidates[member].flatten(0, 1)
                d_input_weight[member].addmm_(own.t(), values)
                d_bias[member] += own.sum(0)
                if d_inputs is not None:
                    torch.mm(own, input_weight[member], out=d_inputs[member, block].view_as(values))
        return None, d_inputs, d_input_weight, d_recurrent_weight, d_bias, d_candidate_bias


def _run(
    cell: RecurrentCell, inputs: Tensor, weights: CellWeights, *, keep: bool
) -> tuple[Tensor, Tensor, Tensor | None]:
    """States with the zero one before the first frame, gates and tape; of the last two only one block unless `keep`."""
    members, frames, batch, _ = inputs.shape
    units = weights.recurrent.shape[-1]
    scale = torch.tensor(cell.scales, dtype=inputs.dtype, device=inputs.device).repeat_interleave(units)
    input_weights = (weights.input * scale[:, None]).transpose(1, 2)
    recurrent_weights = (weights.recurrent * scale[:, None]).transpose(1, 2).contiguous()
    biases = weights.bias * scale
    states = inputs.new_empty(members, 1 + frames, batch, units)
    states[:, 0] = 0
    kept = frames if keep else min(frames, BLOCK_FRAMES)
    gates = inputs.new_empty(members, kept, batch, len(scale))
    tape = inputs.new_empty(members, kept, batch, units) if cell.has_tape else None
    for block in _blocks(frames):
        here = block if keep else slice(0, block.stop - block.start)
        for member in range(members):
            gate, values, start = gates[member, here], inputs[member, block].flatten(0, 1), biases[member]
            torch.addmm(start, values, input_weights[member], out=gate.view(-1, len(start)))
        cell.forward(
            gates=gates[:, here],
            tape=None if tape is None else tape[:, here],
            states=states[:, block.start : block.stop + 1],
            weights=recurrent_weights,
            candidate_bias=weights.candidate_bias,
        )
    return states, gates, tape


def _blocks(frames: int) -> Iterator[slice]:
    return (slice(start, min(start + BLOCK_FRAMES, frames)) for start in range(0, frames, BLOCK_FRAMES))
