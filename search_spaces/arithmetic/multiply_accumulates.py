"""What one forward pass of a network multiplies and adds: a cost that no machine's speed enters.

Counted are the products of convolutions, dense layers and recurrent cells as the network is defined, one for each
weight that a value meets; those with padded zeros count, since libraries compute them. Biases, activations,
normalisation, pooling and the elementwise arithmetic within recurrent cells do not. A floating-point operation count is
about twice this. A kernel that computes some products twice to run faster is not charged for it.
"""

from collections.abc import Mapping

from soundproof.search_spaces.arithmetic.frames import layer_output_frames, output_frames
from soundproof.search_spaces.arithmetic.parameters import layer_channels, recurrent_channels
from soundproof.search_spaces.specs.network import Cell, ConvStack, DenseHead, RecurrentStack, SpeechNetwork

_GATES: Mapping[Cell, int] = {"simple_rnn": 1, "gru": 3, "lstm": 4}


def count_multiply_accumulates(network: SpeechNetwork, frames: int, dimensions: int) -> int:
    """Multiply-accumulates of one utterance of (frames, dimensions).

    More layers may mean fewer of them: where convolutions shorten the utterance, all that follows has fewer frames.
    """
    total, channels = 0, dimensions
    if network.convolution is not None:
        total += _convolution(network.convolution, frames, channels)
        channels, frames = network.convolution.filters, output_frames(network, frames)
    if network.recurrent is not None:
        total += frames * _recurrent_per_frame(network.recurrent, channels)
        channels = recurrent_channels(network.recurrent)
    if isinstance(network.head, DenseHead):
        total += frames * channels * network.head.outputs
    return total


def _convolution(stack: ConvStack, frames: int, channels: int) -> int:
    total = 0
    for layer in range(stack.layers):
        frames = layer_output_frames(stack, layer, frames)
        total += frames * stack.filters * channels * stack.kernel_size
        channels = channels + stack.filters if stack.connectivity == "dense" else stack.filters
    return total


def _recurrent_per_frame(stack: RecurrentStack, channels: int) -> int:
    total = 0
    for layer in range(stack.layers):
        directions = 2 if layer == 0 and stack.merge is not None else 1
        total += directions * _GATES[stack.cell] * stack.units * (channels + stack.units)
        out = layer_channels(stack, layer)
        channels = channels + out if stack.connectivity == "dense" else out
    return total
