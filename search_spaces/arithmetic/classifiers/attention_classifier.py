"""The layers of an `AttentionClassifier`, in order. A Conformer's or Transformer's layer is one, with all its parts."""

from soundproof.search_spaces.arithmetic.attention import (
    final_norm_parameters,
    layer_multiply_accumulates,
    layer_parameters,
    projection_parameters,
    projection_weights,
)
from soundproof.search_spaces.arithmetic.classifiers.tally import Kind, Tally
from soundproof.search_spaces.arithmetic.costs import layer_inputs
from soundproof.search_spaces.arithmetic.output_frames import layer_output_frames
from soundproof.search_spaces.specs.attention import AttentionStack, ConformerStack
from soundproof.search_spaces.specs.classifiers import AttentionClassifier
from soundproof.search_spaces.specs.network import ConvStack
from soundproof.search_spaces.specs.sublayers import BatchNorm


def tally_attention_classifier(network: AttentionClassifier, frames: int, dimensions: int) -> Tally:
    """Every layer on inputs of `frames` frames and `dimensions` dimensions."""
    layers = Tally(dimensions, frames)
    if network.convolution is not None:
        _convolutions(layers, network.convolution)
    _attention(layers, network.attention)
    channels, left = layers.shape
    match network.pooling:
        case "attention":
            layers.add("attention_pool", (channels,), channels + 1, multiply_accumulates=2 * channels * left)
        case "mean":
            layers.average()
        case "maximum":
            layers.add("maximum", (channels,))
    layers.dense(network.classes)
    return layers


def _convolutions(layers: Tally, stack: ConvStack) -> None:
    for layer, channels in enumerate(layer_inputs(stack, layers.shape[0])):
        left = layer_output_frames(stack, layer, layers.shape[1])
        weights = stack.filters * channels * stack.kernel_size
        layers.add("conv", (stack.filters, left), weights + stack.filters, multiply_accumulates=weights * left)
        for sublayer in stack.sublayers:
            if isinstance(sublayer, BatchNorm):
                layers.batch_norm()


def _attention(layers: Tally, stack: AttentionStack) -> None:
    channels, frames = layers.shape
    shape = (stack.channels, frames)
    weights = projection_weights(stack, channels)
    if weights:
        parameters = projection_parameters(stack, channels).trainable
        layers.add("projection", shape, parameters, multiply_accumulates=weights * frames)
    kind: Kind = "conformer" if isinstance(stack, ConformerStack) else "transformer"
    held, cost = layer_parameters(stack), layer_multiply_accumulates(stack, frames)
    for _ in range(stack.layers):
        layers.add(kind, shape, held.trainable, held.non_trainable, multiply_accumulates=cost)
    final = final_norm_parameters(stack).trainable
    if final:
        layers.add("layer_norm", shape, final)
