"""The simple recurrent unit (Elman 1990)."""

import torch
from torch import Tensor

from soundproof.trainables.networks.recurrence.function import RecurrentCell, steps, tanh_backward


class Simple(RecurrentCell):
    """h' = tanh(x + U h). No tape: the states are all that the gradient needs."""

    scales = (2,)
    has_tape = False

    def forward(
        self, *, gates: Tensor, tape: Tensor | None, states: Tensor, weights: Tensor, candidate_bias: Tensor | None
    ) -> None:
        """See the base class."""
        minus_one = gates.new_tensor(-1.0)
        every_state = steps(states)
        for gate, state, following in zip(steps(gates), every_state[:-1], every_state[1:], strict=True):
            gate.baddbmm_(state, weights)
            torch.add(minus_one, gate.sigmoid_(), alpha=2, out=following)

    def derive(
        self, *, gates: Tensor, tape: Tensor | None, states: Tensor, out: Tensor, candidate: Tensor | None
    ) -> None:
        """See the base class."""
        following = states[1:]
        tanh_backward.grad_input(following.new_ones(()).expand_as(following), following, grad_input=out)

    def backward(
        self, *, gates: Tensor, gradient: Tensor, carry: Tensor, weights: Tensor, out: Tensor, candidate: Tensor | None
    ) -> None:
        """See the base class."""
        for d_output, local in reversed(list(zip(steps(gradient), steps(out), strict=True))):
            local.mul_(carry.add_(d_output))
            torch.bmm(local, weights, out=carry)
