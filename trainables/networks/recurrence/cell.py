"""What a cell must say of itself so that `function.run_cell` can run it, a block of frames at a time.

A step holds only what is sequential: the product with the state and the arithmetic of the gates. On one CPU thread a
tanh costs three times a sigmoid, so tanh(x) is computed as 2 sigmoid(2 x) - 1; the factor 2 inside comes from weights
scaled beforehand. Likewise a view costs as much as small arithmetic, so blocks are split into steps all at once.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import torch
from torch import Tensor

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
