"""The gated recurrent unit (Cho et al. 2014), in the variant of cuDNN: the reset gate follows the recurrent product."""

from __future__ import annotations

import torch
from torch import Tensor

from trainables.networks.recurrence.cell import RecurrentCell, member_steps, sigmoid_backward, steps, tanh_backward


class Gru(RecurrentCell):
    """r, z = sigmoid(x + U h); n = tanh(x_n + r (U_n h + b)); h' = (1 - z) n + z h. Gates in the order r, z, n.

    The tape is n. The gates keep r, z and 2 (U_n h + b).
    """

    scales = (1, 1, 2)
    has_tape = True

    def forward(
        self, *, gates: Tensor, tape: Tensor | None, states: Tensor, weights: Tensor, candidate_bias: Tensor | None
    ) -> None:
        """See the base class."""
        assert tape is not None
        assert candidate_bias is not None
        units = states.shape[-1]
        candidates, products = tape, gates[..., 2 * units :]
        candidates.copy_(products)
        products.copy_(2 * candidate_bias[:, None, None])
        every_state = steps(states)
        both, minus_one, by_member = gates[..., : 2 * units], gates.new_tensor(-1.0), weights.unbind(0)
        for gate_members, state_members, sigmoids, reset, update, product, candidate, state, following in zip(
            member_steps(gates),
            member_steps(states[:, :-1]),
            steps(both),
            steps(both[..., :units]),
            steps(both[..., units:]),
            steps(products),
            steps(candidates),
            every_state[:-1],
            every_state[1:],
            strict=True,
        ):
            for gate, previous, weight in zip(gate_members, state_members, by_member, strict=True):
                gate.addmm_(previous, weight)
            sigmoids.sigmoid_()
            candidate.addcmul_(reset, product).sigmoid_()
            torch.add(minus_one, candidate, alpha=2, out=candidate)
            torch.lerp(candidate, state, update, out=following)

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
        """See the base class. Every gate's gradient is the state's times a local derivative known beforehand."""
        assert tape is not None
        units, candidates = states.shape[-1], tape
        reset, update, products = gates.chunk(3, -1)
        d_reset, d_update, d_product = out.chunk(3, -1)
        sigmoid_backward.grad_input(states[:, :-1] - candidates, update, grad_input=d_update)
        d_candidate = tanh_backward(1 - update, candidates)
        torch.mul(d_candidate, reset, out=d_product)
        sigmoid_backward.grad_input((d_candidate * products).mul_(0.5), reset, grad_input=d_reset)

        d_states = torch.empty_like(candidates)
        carry_members, by_member = carry.unbind(0), weights.unbind(0)
        backwards = zip(
            steps(gradient),
            steps(d_states),
            steps(d_states.unsqueeze(-2)),
            steps(out.view(*out.shape[:-1], 3, units)),
            steps(update),
            member_steps(out),
            strict=True,
        )
        for d_output, d_state, d_state_per_gate, local, keep, local_members in reversed(list(backwards)):
            torch.add(d_output, carry, out=d_state)
            local.mul_(d_state_per_gate)
            torch.mul(d_state, keep, out=carry)
            for d_previous, d_gates, weight in zip(carry_members, local_members, by_member, strict=True):
                d_previous.addmm_(d_gates, weight)
        inputs: Tensor = d_candidate.mul_(d_states)
        return inputs
