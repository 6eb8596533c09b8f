"""The steps of a GRU as compiled loops: what is too small for the library's products. One member at a time.

Shapes: gates (frames, batch, 3 * units) in the order r, z, n; states (1 + frames, batch, units), the first one given;
weights with the gates along one axis. Compiled when first used, once for a machine. Every number is made by the same
operations in the same order whatever stands beside it.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# "contract" lets a product and a sum be one instruction; the order of sums stays as written, so that the same numbers
# come out whatever the batch holds beside a row
_compiled = njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
_inlined = njit(inline="always", fastmath={"contract"}, error_model="numpy")

_ONE, _TWO, _HALF, _MOST = np.float32(1), np.float32(2), np.float32(0.5), np.float32(87)
_LOG2_E, _LN2_HIGH, _LN2_LOW = np.float32(1.44269504), np.float32(0.693359375), np.float32(2.12194440e-4)
# ln 2 in two parts: the first has so few digits that its multiples are exact
_C0, _C1, _C2 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
_C3, _C4 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1)


@_compiled
def run_steps(gates: Floats, states: Floats, weights: Floats, candidate_bias: Floats, candidates: Floats) -> None:
    """Fill `states` after the first, and `candidates` (frames, batch, units).

    `gates` arrive holding what inputs and biases contribute, and leave holding r, z and the product that r multiplies.
    `weights` (units, 3 * units); `candidate_bias` (units,) belongs to that product.
    """
    frames, batch, width = gates.shape
    units = width // 3
    sums = np.empty((batch, width), np.float32)
    for frame in range(frames):
        gate, state, following, candidate = gates[frame], states[frame], states[frame + 1], candidates[frame]
        for row in range(batch):
            for unit in range(2 * units):
                sums[row, unit] = gate[row, unit]
            for unit in range(units):
                sums[row, 2 * units + unit] = candidate_bias[unit]
        _add_products(sums, state, weights)
        for row in range(batch):
            total, own, before, after, new = sums[row], gate[row], state[row], following[row], candidate[row]
            for unit in range(2 * units):
                total[unit] = _ONE / (_ONE + _exponential(-total[unit]))
            for unit in range(units):
                argument = own[2 * units + unit] + total[unit] * total[2 * units + unit]
                # tanh(x) = 2 / (1 + exp(-2x)) - 1: one exponential for both kinds of gate
                proposed = _TWO / (_ONE + _exponential(-_TWO * argument)) - _ONE
                new[unit] = proposed
                # (1 - z) n + z h with one product fewer
                after[unit] = proposed + total[units + unit] * (before[unit] - proposed)
            for unit in range(width):  # the way back needs the gates, not what they were made of
                own[unit] = total[unit]


@_compiled
def run_back(  # noqa: PLR0917  # compiled functions take no keywords
    gates: Floats,
    states: Floats,
    candidates: Floats,
    gradient: Floats,
    weights: Floats,
    d_gates: Floats,
    d_candidates: Floats,
) -> None:
    """Fill the gradients of what the recurrent products add to the gates, and of what the inputs add to the candidate.

    `gradient` (frames, batch, units) is that of the states; `weights` (3 * units, units).
    """
    frames, batch, width = gates.shape
    units = width // 3
    carry = np.zeros((batch, units), np.float32)
    for frame in range(frames - 1, -1, -1):
        for row in range(batch):
            gate, before, proposed, given = (
                gates[frame, row],
                states[frame, row],
                candidates[frame, row],
                gradient[frame, row],
            )
            d_gate, d_candidate, carried = d_gates[frame, row], d_candidates[frame, row], carry[row]
            for unit in range(units):
                reset, update, product, new = gate[unit], gate[units + unit], gate[2 * units + unit], proposed[unit]
                # what the loss says of this state, and what the next frame's step says of it
                d_state = given[unit] + carried[unit]
                inner = d_state * (_ONE - update) * (_ONE - new * new)
                d_gate[unit] = inner * product * reset * (_ONE - reset)
                d_gate[units + unit] = d_state * (before[unit] - new) * update * (_ONE - update)
                d_gate[2 * units + unit] = inner * reset
                d_candidate[unit] = inner
                carried[unit] = d_state * update
        # the part that goes back through the recurrent products, added to what went past the gates
        _add_products(carry, d_gates[frame], weights)


@_inlined
def _add_products(sums: Floats, rows: Floats, weights: Floats) -> None:
    """`sums` (batch, n) += `rows` (batch, k) @ `weights` (k, n), two rows and four of k at a time."""
    batch, inner = rows.shape
    width = weights.shape[1]
    # four rows of weights are read once for two rows of the batch
    for pair in range(0, batch - 1, 2):
        first, second, into, beside = rows[pair], rows[pair + 1], sums[pair], sums[pair + 1]
        for k in range(0, inner - 3, 4):
            a, b, c, d = first[k], first[k + 1], first[k + 2], first[k + 3]
            e, f, g, h = second[k], second[k + 1], second[k + 2], second[k + 3]
            for n in range(width):
                p, q, r, s = weights[k, n], weights[k + 1, n], weights[k + 2, n], weights[k + 3, n]
                into[n] += a * p + b * q + c * r + d * s
                beside[n] += e * p + f * q + g * r + h * s
        for k in range(inner - inner % 4, inner):
            a, e = first[k], second[k]
            for n in range(width):
                into[n] += a * weights[k, n]
                beside[n] += e * weights[k, n]
    if batch % 2 == 1:
        last, into = rows[batch - 1], sums[batch - 1]
        for k in range(0, inner - 3, 4):
            a, b, c, d = last[k], last[k + 1], last[k + 2], last[k + 3]
            for n in range(width):
                into[n] += a * weights[k, n] + b * weights[k + 1, n] + c * weights[k + 2, n] + d * weights[k + 3, n]
        for k in range(inner - inner % 4, inner):
            a = last[k]
            for n in range(width):
                into[n] += a * weights[k, n]


@_inlined
def _exponential(value: np.float32) -> np.float32:
    """The exponential of `value`, right to two units in the last place: a polynomial, so that loops are vectorised.

    Cephes, expf. Beyond +-87 as at +-87; NaN stays NaN.
    """
    value = -_MOST if value < -_MOST else value
    value = _MOST if value > _MOST else value
    # exp(x) = 2^power * exp(rest), |rest| <= ln 2 / 2, where the polynomial is good
    power = np.floor(value * _LOG2_E + _HALF)
    rest = value - power * _LN2_HIGH + power * _LN2_LOW
    series = _C0 * rest + _C1
    series = series * rest + _C2
    series = series * rest + _C3
    series = series * rest + _C4
    series = series * rest + _HALF
    scaled = series * rest * rest + rest + _ONE
    # 2^power is made of its bits: the exponent of a single float begins at bit 23, and 127 stands for 0
    bits = np.int32((np.int32(power) + np.int32(127)) << np.int32(23))
    exponential: np.float32 = scaled * bits.view(np.float32)
    return exponential
