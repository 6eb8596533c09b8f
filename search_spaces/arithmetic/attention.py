"""Parameters and multiply-accumulates of Conformers and Transformers, a layer at a time.

What counts is defined in `arithmetic.costs`. In attention every frame meets every other one, twice for each channel:
for the weights, and for the sum that is weighed by them. So costs grow with the square of the frames.
"""

from soundproof.search_spaces.arithmetic.parameter_count import ParameterCount
from soundproof.search_spaces.specs.attention import AttentionStack, ConvolutionModule, TransformerStack


def count_attention_parameters(stack: AttentionStack, channels: int) -> ParameterCount:
    """Of the whole stack on `channels`."""
    count = projection_parameters(stack, channels) + final_norm_parameters(stack)
    for _ in range(stack.layers):
        count += layer_parameters(stack)
    return count


def count_attention_multiply_accumulates(stack: AttentionStack, frames: int, channels: int) -> int:
    """Of the whole stack on (frames, channels)."""
    return frames * projection_weights(stack, channels) + stack.layers * layer_multiply_accumulates(stack, frames)


def projection_weights(stack: AttentionStack, channels: int) -> int:
    """Of the layer that brings `channels` to those of the stack; 0 where there is none."""
    return 0 if channels == stack.channels else channels * stack.channels


def projection_parameters(stack: AttentionStack, channels: int) -> ParameterCount:
    """The same, and its bias."""
    weights = projection_weights(stack, channels)
    return ParameterCount(trainable=weights + stack.channels if weights else 0)


def final_norm_parameters(stack: AttentionStack) -> ParameterCount:
    """Of the layer norm after the last layer of a Transformer that has its others ahead."""
    ahead = isinstance(stack, TransformerStack) and stack.norm == "before"
    return ParameterCount(trainable=2 * stack.channels if ahead else 0)


def layer_parameters(stack: AttentionStack) -> ParameterCount:
    """Of one layer."""
    width, units = stack.channels, stack.feed_forward_units
    attention = 4 * width * (width + 1)
    feed_forward = 2 * width * units + units + width
    if isinstance(stack, TransformerStack):
        return ParameterCount(trainable=attention + feed_forward + 2 * 2 * width)
    layer_norms = 4 * 2 * width
    count = ParameterCount(trainable=attention + 2 * feed_forward + layer_norms)
    return count if stack.convolution is None else count + _module_parameters(stack.convolution, width)


def layer_multiply_accumulates(stack: AttentionStack, frames: int) -> int:
    """Of one layer on so many frames."""
    width, units = stack.channels, stack.feed_forward_units
    attention = 4 * width * width + 2 * frames * width
    feed_forward = 2 * width * units
    if isinstance(stack, TransformerStack):
        return frames * (attention + feed_forward)
    convolution = 0 if stack.convolution is None else _module_weights(stack.convolution, width)
    return frames * (attention + 2 * feed_forward + convolution)


def _module_weights(module: ConvolutionModule, width: int) -> int:
    """Twice the channels for the gate, one kernel for each channel, and back."""
    return 2 * width * width + width * module.kernel_size + width * width


def _module_parameters(module: ConvolutionModule, width: int) -> ParameterCount:
    biases, of_norms = 2 * width + width + width, 2 * 2 * width
    running = 2 * width if module.norm == "batch" else 0
    return ParameterCount(trainable=_module_weights(module, width) + biases + of_norms, non_trainable=running)
