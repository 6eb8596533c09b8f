"""Layer by layer: what shape comes out, how many parameters each layer holds, and what a forward pass multiplies.

Shapes are channels first: (channels, axis 1, axis 2, ...), without the batch.
"""

from dataclasses import dataclass
from math import prod
from typing import Literal

from soundproof.search_spaces.arithmetic.parameter_count import ParameterCount
from soundproof.search_spaces.specs.network import Padding

Kind = Literal[
    "conv",
    "batch_norm",
    "max_pool",
    "permute",
    "reshape",
    "gru",
    "lstm",
    "dense",
    "flatten",
    "mean",
    "projection",
    "conformer",
    "transformer",
    "layer_norm",
    "attention_pool",
    "maximum",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One layer of a network: what it is, the shape that it puts out, the parameters that it holds.

    `multiply_accumulates` are those of one input of the network, through which a layer may run many times.
    """

    kind: Kind
    shape: tuple[int, ...]
    parameters: ParameterCount
    multiply_accumulates: int


class Tally:
    """The layers so far, first to last. Starts with the shape of the inputs.

    `times` says how often a layer runs for one input of the network: once for each frame where frames share weights.
    """

    def __init__(self, *shape: int, times: int = 1) -> None:
        self.shape = shape
        self.times = times
        self.layers: list[Layer] = []

    def convolution(self, filters: int, kernel: tuple[int, ...], padding: Padding) -> None:
        """A convolution with bias and stride 1."""
        channels, *axes = self.shape
        sizes = axes if padding == "same" else [max(0, n - k + 1) for n, k in zip(axes, kernel, strict=True)]
        weights = filters * channels * prod(kernel)
        self.add("conv", (filters, *sizes), weights + filters, multiply_accumulates=weights * prod(sizes))

    def batch_norm(self) -> None:
        """Scale and shift for each channel; running mean and variance for each channel."""
        channels = self.shape[0]
        self.add("batch_norm", self.shape, 2 * channels, 2 * channels)

    def max_pool(self, size: tuple[int, ...], stride: tuple[int, ...], padding: Padding) -> None:
        """Without padding a group must be full; with "same" padding one starts at every `stride`."""
        channels, *axes = self.shape
        sizes = [
            -(-n // s) if padding == "same" else max(0, (n - k) // s + 1)
            for n, k, s in zip(axes, size, stride, strict=True)
        ]
        self.add("max_pool", (channels, *sizes))

    def dense(self, *layers: int) -> None:
        """Dense layers of so many units, with bias, on a flat shape."""
        for units in layers:
            (inputs,) = self.shape
            self.add("dense", (units,), units * (inputs + 1), multiply_accumulates=units * inputs)

    def recurrent(self, kind: Literal["gru", "lstm"], units: int, *, sequence: bool) -> None:
        """A recurrent layer with one bias vector a gate, on a shape (frames, channels)."""
        frames, channels = self.shape
        rows = units * (3 if kind == "gru" else 4)
        weights = rows * (channels + units)
        shape = (frames, units) if sequence else (units,)
        self.add(kind, shape, weights + rows, multiply_accumulates=weights * frames)

    def flatten(self) -> None:
        """All values in one row."""
        self.add("flatten", (prod(self.shape),))

    def average(self) -> None:
        """The mean over all axes but the channels."""
        self.add("mean", self.shape[:1])

    def add(
        self,
        kind: Kind,
        shape: tuple[int, ...],
        trainable: int = 0,
        non_trainable: int = 0,
        *,
        multiply_accumulates: int = 0,
    ) -> None:
        """Any layer, with the multiply-accumulates of running it once."""
        layer = Layer(
            kind=kind,
            shape=shape,
            parameters=ParameterCount(trainable=trainable, non_trainable=non_trainable),
            multiply_accumulates=self.times * multiply_accumulates,
        )
        self.layers.append(layer)
        self.shape = shape
