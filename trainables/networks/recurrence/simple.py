"""The simple recurrent unit (Elman 1990)."""

from __future__ import annotations

import torch
from torch import Tensor

from trainables.networks.recurrence.cell import RecurrentCell, member_steps, steps, tanh_backward


class Simple(RecurrentCell):
    """h' = tanh(x + U h). No tape: the states are all that the gradient needs."""

    scales = (2,)
    has_tape = False

    def forward(
        self, *, gates: Tensor, tape: Tensor | None, states: Tensor, weights: Tensor, candidate_bias: Tensor | None
    ) -> None:
        """See the base class."""
        minus_one, by_member = gates.new_tensor(-1.0), weights.unbind(0)
        for gate_members, state_members, gate, following in zip(
            member_steps(gates), member_steps(states[:, :-1]), steps(gates), steps(states[:, 1:]), strict=True
        ):
            for product, previous, weight in zip(gate_members, state_members, by_member, strict=True):
                product.addmm_(previous, weight)
            torch.add(minus_one, gate.sigmoid_(), alpha=2, out=following)

    def backward(
        self,
        *,
        gates: Tensor,
        tape: Tensor | None,
        states: Tensor,
        gradient: Tensor,
        carry: Tensor,
        weights: Tensor,
        out: Tensor,
    ) -> Tensor | None:
        """See the base class."""
        following = states[:, 1:]
        tanh_backward.grad_input(following.new_ones(()).expand_as(following), following, grad_input=out)
        carry_members, by_member = carry.unbind(0), weights.unbind(0)
        backwards = zip(steps(gradient), steps(out), member_steps(out), strict=True)
        for d_output, local, local_members in reversed(list(backwards)):
            local.mul_(carry.add_(d_output))
            for d_previous, d_gates, weight in zip(carry_members, local_members, by_member, strict=True):
                torch.mm(d_gates, weight, out=d_previous)
        return None
