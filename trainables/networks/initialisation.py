"""Initial weights: Glorot uniform for inputs, orthogonal for recurrences, zero for biases.

These are the defaults of the library that the documented systems were written in.
"""

import torch
from torch import Tensor, nn


def glorot_uniform_(layer: nn.Conv1d | nn.Linear) -> None:
    """Uniform in plus or minus sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010); bias zero."""
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def recurrent_(input_weight: Tensor, recurrent_weight: Tensor, gates: int) -> None:
    """Per gate, Glorot uniform for (units, inputs) and orthogonal for (units, units).

    Gates are stacked along axis 0.
    """
    with torch.no_grad():
        for gate in input_weight.chunk(gates):
            nn.init.xavier_uniform_(gate)
        for gate in recurrent_weight.chunk(gates):
            nn.init.orthogonal_(gate)
