"""Initial weights: Glorot uniform for inputs, orthogonal for recurrences, zero for biases.

These are the defaults of the library that the documented systems were written in.
"""

from torch import Tensor, nn


def glorot_uniform_(layer: nn.Conv1d | nn.Linear) -> None:
    """Uniform in plus or minus sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010); bias zero."""
    nn.init.xavier_uniform_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def recurrent_(input_weight: Tensor, recurrent_weight: Tensor) -> None:
    """All gates as one matrix: Glorot uniform for (gates x units, inputs), orthonormal columns for the recurrent one.

    Drawn gate by gate, they would be 1.4 to 2 times as large (Keras draws them as here, whatever the cell).
    """
    nn.init.xavier_uniform_(input_weight)
    nn.init.orthogonal_(recurrent_weight)
