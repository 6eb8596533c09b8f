"""Parameters of a network, counted as the documents count them, and what one forward pass multiplies and adds.

Multiply-accumulates are a cost that no machine's speed enters. Counted are the products of convolutions, dense layers
and recurrent cells as the network is defined, one for each weight that a value meets; those with padded zeros count,
since libraries compute them. In attention the values of each frame meet those of every other. Biases, activations,
normalisation, pooling and the elementwise arithmetic within recurrent cells do not. A floating-point operation count is
about twice this. A kernel that computes some products twice to run faster is not charged for it.
"""

from collections.abc import Iterator, Mapping

from soundproof.search_spaces.arithmetic.attention import (
    count_attention_multiply_accumulates,
    count_attention_parameters,
)
from soundproof.search_spaces.arithmetic.output_frames import layer_output_frames, output_frames
from soundproof.search_spaces.arithmetic.parameter_count import ParameterCount
from soundproof.search_spaces.specs.network import BareHead, Cell, ConvStack, DenseHead, RecurrentStack, SpeechNetwork
from soundproof.search_spaces.specs.sublayers import BatchNorm, Sublayer

_GATES: Mapping[Cell, int] = {"simple_rnn": 1, "gru": 3, "lstm": 4}


def count_parameters(network: SpeechNetwork, input_channels: int) -> ParameterCount:
    """Parameters of `network` on features of `input_channels` dimensions."""
    count, channels = ParameterCount(), input_channels
    if network.convolution is not None:
        count += _convolution(network.convolution, channels)
        channels = network.convolution.filters
    if network.recurrent is not None:
        count += _recurrent(network.recurrent, channels)
        channels = recurrent_channels(network.recurrent)
    if network.attention is not None:
        count += count_attention_parameters(network.attention, channels)
        channels = network.attention.channels
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
            if network.attention is not None:
                return network.attention.channels
            assert network.convolution is not None
            return network.convolution.filters


def layer_inputs(stack: ConvStack | RecurrentStack, channels: int) -> Iterator[int]:
    """Channels that each layer is given, first to last, where the stack is given `channels`."""
    for layer in range(stack.layers):
        yield channels
        out = stack.filters if isinstance(stack, ConvStack) else layer_channels(stack, layer)
        channels = channels + out if stack.connectivity == "dense" else out


def _recurrent_weights(stack: RecurrentStack, channels: int) -> Iterator[int]:
    """Weights of each layer's cells in all their gates and directions, biases left out."""
    for layer, given in enumerate(layer_inputs(stack, channels)):
        yield _directions(stack, layer) * _GATES[stack.cell] * stack.units * (given + stack.units)


def _convolution(stack: ConvStack, channels: int) -> ParameterCount:
    count = ParameterCount()
    for given in layer_inputs(stack, channels):
        count += ParameterCount(trainable=stack.filters * (given * stack.kernel_size + 1))
        count += _sublayers(stack.sublayers, stack.filters)
    return count


def _recurrent(stack: RecurrentStack, channels: int) -> ParameterCount:
    count = ParameterCount()
    vectors = 1 if stack.cell == "simple_rnn" else 2
    for layer, weights in enumerate(_recurrent_weights(stack, channels)):
        biases = _directions(stack, layer) * _GATES[stack.cell] * vectors * stack.units
        count += ParameterCount(trainable=weights + biases)
        if layer < stack.layers - 1:
            count += _sublayers(stack.sublayers_between, layer_channels(stack, layer))
    return count


def _directions(stack: RecurrentStack, layer: int) -> int:
    return 2 if layer == 0 and stack.merge is not None else 1


def _sublayers(sublayers: tuple[Sublayer, ...], channels: int) -> ParameterCount:
    layers = sum(isinstance(sublayer, BatchNorm) for sublayer in sublayers)
    return ParameterCount(trainable=2 * channels * layers, non_trainable=2 * channels * layers)


def count_multiply_accumulates(network: SpeechNetwork, frames: int, dimensions: int) -> int:
    """Multiply-accumulates of one utterance of (frames, dimensions).

    More layers may mean fewer of them: where convolutions shorten the utterance, all that follows has fewer frames.
    """
    total, channels = 0, dimensions
    if network.convolution is not None:
        total += _of_convolutions(network.convolution, frames, channels)
        channels, frames = network.convolution.filters, output_frames(network, frames)
    if network.recurrent is not None:
        total += frames * sum(_recurrent_weights(network.recurrent, channels))
        channels = recurrent_channels(network.recurrent)
    if network.attention is not None:
        total += count_attention_multiply_accumulates(network.attention, frames, channels)
        channels = network.attention.channels
    if isinstance(network.head, DenseHead):
        total += frames * channels * network.head.outputs
    return total


def _of_convolutions(stack: ConvStack, frames: int, channels: int) -> int:
    total = 0
    for layer, given in enumerate(layer_inputs(stack, channels)):
        frames = layer_output_frames(stack, layer, frames)
        total += frames * stack.filters * given * stack.kernel_size
    return total
