"""The network written by hand and Soundproof's: the same parameters, and the same function of them."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from benchmarks.rivals.network import PlainSpeech, RivalError
from soundproof.search_spaces import PRESETS, find_study
from soundproof.search_spaces.arithmetic import count_parameters
from soundproof.search_spaces.specs import (
    BareHead,
    BatchNorm,
    ConvStack,
    DenseHead,
    Dropout,
    RecurrentStack,
    Relu,
    SpeechNetwork,
)
from soundproof.trainables.networks import Speech, measured_parameters
from soundproof.trainables.networks.recurrent import Recurrent
from soundproof.trainables.networks.sublayers import Dropout as OurDropout

DIMENSIONS = 13
FRAMES = 60
ORDER = find_study("asr-cnn-sublayer-order")
HEAD = DenseHead(outputs=29, sublayers=(Relu(), BatchNorm(), Dropout(rate=0.2)))

OTHERS = {
    "dilated convolutions alone": SpeechNetwork(
        convolution=ConvStack(layers=3, filters=6, kernel_size=3, dilation="doubling", sublayers=(BatchNorm(), Relu())),
        recurrent=None,
        head=HEAD,
    ),
    "strided convolutions that keep the edges": SpeechNetwork(
        convolution=ConvStack(layers=2, filters=6, kernel_size=5, stride=2, sublayers=(Relu(),)),
        recurrent=RecurrentStack(cell="gru", layers=1, units=4),
        head=HEAD,
    ),
    "LSTMs, the first in two directions": SpeechNetwork(
        convolution=None,
        recurrent=RecurrentStack(cell="lstm", layers=3, units=5, merge="sum", sublayers_between=(BatchNorm(), Relu())),
        head=DenseHead(outputs=29),
    ),
    "averaged directions, no dense layer": SpeechNetwork(
        convolution=None, recurrent=RecurrentStack(cell="gru", layers=1, units=29, merge="ave"), head=BareHead()
    ),
    "multiplied directions of simple cells": SpeechNetwork(
        convolution=None, recurrent=RecurrentStack(cell="simple_rnn", layers=2, units=5, merge="mul"), head=HEAD
    ),
}


def sized(variant: int) -> SpeechNetwork:
    """A variant of the study at the smoke preset's size."""
    network = PRESETS["speech"]["smoke"].variant(ORDER.variants[variant]).network
    assert isinstance(network, SpeechNetwork)
    return network


def in_order(network: nn.Module, *kinds: type[nn.Module]) -> list[nn.Module]:
    """Modules of those kinds, first to last."""
    return [module for module in network.modules() if isinstance(module, kinds)]


def give_weights(ours: Speech, plain: PlainSpeech) -> None:
    """Copy weights and running statistics, layer by layer. A bias vector that ours lacks becomes zero."""
    kinds = (nn.Conv1d, nn.Linear)
    for source, target in zip(in_order(ours, *kinds), in_order(plain, *kinds), strict=True):
        target.load_state_dict(source.state_dict())
    sources = [module for module in ours.modules() if "running_variance" in module.state_dict()]
    for source, target in zip(sources, in_order(plain, nn.BatchNorm1d), strict=True):
        state = source.state_dict()
        state["running_var"] = state.pop("running_variance")
        state["num_batches_tracked"] = state.pop("_extra_state")
        target.load_state_dict(state)
    layers = [layer for stack in in_order(ours, Recurrent) for layer in stack.layers]
    for source, target in zip(layers, in_order(plain, nn.RNNBase), strict=True):
        target.load_state_dict(stacked_to_named(source))


def stacked_to_named(layer: nn.Module) -> dict[str, Tensor]:
    """A recurrent layer's weights, stacked by direction, under the library's names."""
    named = {}
    for direction, suffix in enumerate(("", "_reverse")[: len(layer.input_weight)]):
        named[f"weight_ih_l0{suffix}"] = layer.input_weight[direction]
        named[f"weight_hh_l0{suffix}"] = layer.recurrent_weight[direction]
        bias = layer.input_bias[direction]
        named[f"bias_ih_l0{suffix}"] = bias
        named[f"bias_hh_l0{suffix}"] = (
            torch.zeros_like(bias) if layer.recurrent_bias is None else layer.recurrent_bias[direction]
        )
    return named


def disturb(network: nn.Module) -> None:
    """Random values for every parameter and positive ones for every buffer, so that none is a neutral one."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        for buffer in network.buffers():
            buffer.add_(torch.rand_like(buffer))


def assert_same_scores(spec: SpeechNetwork) -> None:
    """Both networks, with the same weights, say the same of a batch without padding."""
    torch.manual_seed(7)
    ours, plain = Speech(spec, DIMENSIONS).eval(), PlainSpeech(spec, DIMENSIONS).eval()
    disturb(ours)
    give_weights(ours, plain)
    values, lengths = torch.randn(3, FRAMES, DIMENSIONS), torch.full((3,), FRAMES)
    with torch.no_grad():
        packed, frames = ours(values, lengths)
        scores, output_lengths = plain(values, lengths)
    assert output_lengths.tolist() == frames.lengths.tolist()
    torch.testing.assert_close(scores.transpose(0, 1).flatten(0, 1), packed, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("variant", range(len(ORDER.variants)))
def test_the_network_by_hand_has_as_many_parameters(variant: int) -> None:
    """Every weight is there once: the library counts batches in each of its batch norms beside."""
    network = PlainSpeech(sized(variant), DIMENSIONS)
    ours = measured_parameters(Speech(sized(variant), DIMENSIONS))
    counters = len(in_order(network, nn.BatchNorm1d))
    assert measured_parameters(network).trainable == ours.trainable
    assert measured_parameters(network).non_trainable - counters == ours.non_trainable


@pytest.mark.parametrize("variant", range(len(ORDER.variants)))
def test_the_network_by_hand_is_the_same_function(variant: int) -> None:
    """With Soundproof's weights the variants of the study give Soundproof's scores."""
    assert_same_scores(sized(variant))


@pytest.mark.parametrize("name", OTHERS)
def test_other_networks_by_hand_are_the_same_functions(name: str) -> None:
    """Strides, dilations, every merge, every cell, stacks of layers, and heads of both kinds."""
    assert_same_scores(OTHERS[name])


@pytest.mark.parametrize("name", OTHERS)
def test_padding_is_seen_where_a_network_says_so(name: str) -> None:
    """In training, as by the network by hand, whose layers have no masks; and that is another function."""
    torch.manual_seed(7)
    seen, plain = Speech(replace(OTHERS[name], padding="seen"), DIMENSIONS), PlainSpeech(OTHERS[name], DIMENSIONS)
    disturb(seen)
    give_weights(seen, plain)
    unseen = Speech(OTHERS[name], DIMENSIONS)
    unseen.load_state_dict(seen.state_dict())
    for network in (seen, unseen, plain):
        for module in in_order(network.train(), nn.Dropout, OurDropout):
            module.eval()
    lengths = torch.tensor([FRAMES - 9, FRAMES, FRAMES - 4])
    values = torch.randn(3, FRAMES, DIMENSIONS) * (torch.arange(FRAMES) < lengths[:, None])[:, :, None]
    with torch.no_grad():
        packed, frames = seen(values, lengths)
        scores, output_lengths = plain(values, lengths)
        other, _ = unseen(values, lengths)
    assert output_lengths.tolist() == frames.lengths.tolist()
    torch.testing.assert_close(frames.pack(scores.transpose(0, 1)), packed, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(other, packed, atol=1e-3)


def test_documented_sizes_agree_with_the_arithmetic() -> None:
    """At the documented size too, the layers of the library hold what the spec says."""
    network = ORDER.variants[0].network
    assert isinstance(network, SpeechNetwork)
    expected = count_parameters(network, 161).trainable
    assert measured_parameters(PlainSpeech(network, 161)).trainable == expected


def test_initial_weights_are_as_documented() -> None:
    """All gates as one matrix: inputs within Glorot's bounds and close to them, states orthonormal, biases zero."""
    torch.manual_seed(0)
    spec = SpeechNetwork(convolution=None, recurrent=RecurrentStack(cell="gru", layers=1, units=32), head=HEAD)
    (layer,) = in_order(PlainSpeech(spec, 40), nn.GRU)
    bound = math.sqrt(6 / (40 + 3 * 32))
    assert 0.95 * bound < layer.weight_ih_l0.abs().max() <= bound
    torch.testing.assert_close(layer.weight_hh_l0.T @ layer.weight_hh_l0, torch.eye(32), rtol=0, atol=1e-5)
    assert not layer.bias_ih_l0.any()
    assert not layer.bias_hh_l0.any()


def test_dense_connections_are_refused() -> None:
    """The networks by hand have none, and say so rather than leave them out."""
    stack = ConvStack(layers=2, filters=4, kernel_size=3, connectivity="dense", sublayers=())
    with pytest.raises(RivalError, match="without dense connections"):
        PlainSpeech(SpeechNetwork(convolution=stack, recurrent=None, head=HEAD), DIMENSIONS)
