"""Parameters of a network by arithmetic, counted as the documents count them."""

from dataclasses import dataclass

from soundproof.search_spaces.specs.network import BareHead, Cell, ConvStack, DenseHead, RecurrentStack, SpeechNetwork
from soundproof.search_spaces.specs.sublayers import BatchNorm, Sublayer


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterCount:
    """Learned parameters, and batch norm's running mean and variance as the non-trainable ones."""

    trainable: int = 0
    non_trainable: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.trainable + self.non_trainable

    def __add__(self, other: "ParameterCount") -> "ParameterCount":
        return ParameterCount(
            trainable=self.trainable + other.trainable, non_trainable=self.non_trainable + other.non_trainable
        )


def count_parameters(network: SpeechNetwork, input_channels: int) -> ParameterCount:
    """Parameters of `network` on features of `input_channels` dimensions."""
    count, channels = ParameterCount(), input_channels
    if network.convolution is not None:
        count += _convolution(network.convolution, channels)
        channels = network.convolution.filters
    if network.recurrent is not None:
        count += _recurrent(network.recurrent, channels)
        channels = recurrent_channels(network.recurrent)
    match network.head:
        case BareHead():
            return count
        case DenseHead(outputs=outputs, sublayers=sublayers):
            return count + _sublayers(sublayers, channels) + ParameterCount(trainable=channels * outputs + outputs)


def layer_channels(stack: RecurrentStack, layer: int) -> int:
    """Channels that recurrent layer `layer` (from 0) puts out.

    Twice the units where two directions are concatenated.
    """
    return 2 * stack.units if layer == 0 and stack.merge == "concat" else stack.units


def recurrent_channels(stack: RecurrentStack) -> int:
    """Channels that the whole stack puts out."""
    return layer_channels(stack, stack.layers - 1)


def output_channels(network: SpeechNetwork) -> int:
    """Symbols that the network scores per frame."""
    match network.head:
        case DenseHead(outputs=outputs):
            return outputs
        case BareHead():
            if network.recurrent is not None:
                return recurrent_channels(network.recurrent)
            assert network.convolution is not None
            return network.convolution.filters


def _convolution(stack: ConvStack, channels: int) -> ParameterCount:
    count = ParameterCount()
    for _ in range(stack.layers):
        count += ParameterCount(trainable=stack.filters * (channels * stack.kernel_size + 1))
        count += _sublayers(stack.sublayers, stack.filters)
        channels = channels + stack.filters if stack.connectivity == "dense" else stack.filters
    return count


def _recurrent(stack: RecurrentStack, channels: int) -> ParameterCount:
    count = ParameterCount()
    for layer in range(stack.layers):
        directions = 2 if layer == 0 and stack.merge is not None else 1
        count += ParameterCount(trainable=directions * _cell(stack.cell, channels, stack.units))
        out = layer_channels(stack, layer)
        if layer < stack.layers - 1:
            count += _sublayers(stack.sublayers_between, out)
        channels = channels + out if stack.connectivity == "dense" else out
    return count


def _cell(cell: Cell, channels: int, units: int) -> int:
    weights = units * (channels + units)
    match cell:
        case "simple_rnn":
            return weights + units
        case "gru":
            return 3 * (weights + 2 * units)
        case "lstm":
            return 4 * (weights + 2 * units)


def _sublayers(sublayers: tuple[Sublayer, ...], channels: int) -> ParameterCount:
    layers = sum(isinstance(sublayer, BatchNorm) for sublayer in sublayers)
    return ParameterCount(trainable=2 * channels * layers, non_trainable=2 * channels * layers)
