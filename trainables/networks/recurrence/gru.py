"""The gated recurrent unit (Cho et al. 2014), in the variant of cuDNN: the reset gate follows the recurrent product."""

import torch
from torch import Tensor

from soundproof.trainables.networks.recurrence.function import RecurrentCell, sigmoid_backward, steps, tanh_backward


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
        # The reset gate multiplies the recurrent product alone, so what the inputs contribute to the candidate moves to
        # the tape, and the gate holds the product with its bias, doubled for the tanh (see `function`).
        candidates.copy_(products)
        products.copy_(2 * candidate_bias[:, None, None])
        every_state = steps(states)
        both, minus_one = gates[..., : 2 * units], gates.new_tensor(-1.0)
        for gate, sigmoids, reset, update, product, candidate, state, following in zip(
            steps(gates),
            steps(both),
            steps(both[..., :units]),
            steps(both[..., units:]),
            steps(products),
            steps(candidates),
            every_state[:-1],
            every_state[1:],
            strict=True,
        ):
            gate.baddbmm_(state, weights)
            sigmoids.sigmoid_()
            candidate.addcmul_(reset, product).sigmoid_()
            torch.add(minus_one, candidate, alpha=2, out=candidate)
            torch.lerp(candidate, state, update, out=following)

    def derive(
        self, *, gates: Tensor, tape: Tensor | None, states: Tensor, out: Tensor, candidate: Tensor | None
    ) -> None:
        """See the base class."""
        assert tape is not None
        assert candidate is not None
        reset, update, products = gates.chunk(3, -1)
        d_reset, d_update, d_product = out.chunk(3, -1)
        sigmoid_backward.grad_input(states[:-1] - tape, update, grad_input=d_update)
        tanh_backward.grad_input(1 - update, tape, grad_input=candidate)
        torch.mul(candidate, reset, out=d_product)
        sigmoid_backward.grad_input((candidate * products).mul_(0.5), reset, grad_input=d_reset)

    def backward(
        self, *, gates: Tensor, gradient: Tensor, carry: Tensor, weights: Tensor, out: Tensor, candidate: Tensor | None
    ) -> None:
        """See the base class."""
        assert candidate is not None
        units = candidate.shape[-1]
        d_states = torch.empty_like(candidate)
        backwards = zip(
            steps(gradient),
            steps(d_states),
            steps(d_states.unsqueeze(-2)),
            steps(out.view(*out.shape[:-1], 3, units)),
            steps(gates[..., units : 2 * units]),
            steps(out),
            strict=True,
        )
        for d_output, d_state, d_state_per_gate, local, keep, d_gates in reversed(list(backwards)):
            torch.add(d_output, carry, out=d_state)
            local.mul_(d_state_per_gate)
            torch.mul(d_state, keep, out=carry)
            carry.baddbmm_(d_gates, weights)
        candidate.mul_(d_states)
