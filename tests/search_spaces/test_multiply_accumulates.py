"""Multiply-accumulates by arithmetic, against torch's own count of floating-point operations on the built networks."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import attention_classifiers, convolutions, networks, recurrences
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from soundproof.search_spaces import PRESETS, STUDIES, Study, Variant, preset_of
from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.arithmetic import count_multiply_accumulates, layer_output_frames, output_frames
from soundproof.search_spaces.arithmetic.classifiers import (
    classifier_infeasibility,
    classifier_layers,
    count_classifier_multiply_accumulates,
    count_classifier_parameters,
)
from soundproof.search_spaces.planning import clip_frames
from soundproof.search_spaces.specs import (
    BareHead,
    ConvStack,
    DenseHead,
    RecurrentStack,
    SpeechNetwork,
    TransformerStack,
)
from soundproof.search_spaces.specs.classifiers import (
    AttentionClassifier,
    FrameCnn,
    FrameCnnLstm,
    SoundBlock,
    WaveformVgg,
)
from soundproof.trainables.networks import Speech, measured_parameters
from soundproof.trainables.networks.classifiers import build_classifier
from soundproof.trainables.networks.classifiers.channels_last import ConvolutionRelu, ConvolutionReluPool, RowPool
from soundproof.trainables.networks.recurrence import compiled

pytestmark = pytest.mark.filterwarnings("ignore:TF32 acceleration on top of oneDNN:UserWarning")


def _structure(network: SpeechNetwork) -> SpeechNetwork:
    """`network` without sublayers, which multiply no matrices."""
    convolution, recurrent, head = network.convolution, network.recurrent, network.head
    return SpeechNetwork(
        convolution=convolution and replace(convolution, sublayers=()),
        recurrent=recurrent and replace(recurrent, sublayers_between=()),
        attention=network.attention and replace(network.attention, dropout=None),
        head=head if isinstance(head, BareHead) else replace(head, sublayers=()),
    )


SPEECH = {
    (_structure(narrow.network), narrow.features.dimensions): variant
    for study in STUDIES
    if study.domain == "speech"
    for variant in study.variants
    for narrow in [preset_of(study, "smoke").variant(variant)]
}
"""A documented variant of every structure as the smoke preset narrows it."""

_CLASSIFYING = {
    (study.domain, narrow.network, narrow.features): (study, variant)
    for study in STUDIES
    if study.domain != "speech"
    for variant in study.variants
    for narrow in [preset_of(study, "smoke").variant(variant)]
}
CLASSIFYING = {variant.id: (study, variant) for study, variant in _CLASSIFYING.values()}


_IN_PLACE = (torch.ops.aten.addmm_, torch.ops.aten.baddbmm_)


def _product_in_place(_: Any, left: torch.Size, right: torch.Size, *, out_shape: Any = None, **options: Any) -> int:
    """Operations of `addmm_` and `baddbmm_`, for which torch has no entries of its own."""
    return 2 * left.numel() * right[-1]


def _measured(network: nn.Module, *inputs: torch.Tensor) -> int:
    """Half the operations of a forward pass.

    Without oneDNN, whose LSTM is one call that torch cannot look into, and without compiled steps, for the same reason.
    """
    counter = FlopCounterMode(display=False, custom_mapping=dict.fromkeys(_IN_PLACE, _product_in_place))
    by_calls = mock.patch.object(compiled, "LARGEST_STEP", 0)
    with torch.no_grad(), torch.backends.mkldnn.flags(enabled=False), by_calls, counter:
        network.eval()(*inputs)
    return counter.get_total_flops() // 2


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """These networks are too small to share out."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _frames_that_leave(frames: int, network: SpeechNetwork) -> int:
    """The shortest utterance of which `network` leaves `frames` output frames."""
    return next(heard for heard in itertools.count(frames) if output_frames(network, heard) >= frames)


def _measured_speech(spec: SpeechNetwork, frames: int, dimensions: int) -> int:
    network = Speech(spec, dimensions)
    return _measured(network, torch.randn(1, frames, dimensions), torch.tensor([frames]))


def _pools_apart(module: nn.Module) -> None:
    """Replace the kernels that compute pairs of outputs at once by a convolution and a pool, which do the same."""
    for name, child in module.named_children():
        if isinstance(child, ConvolutionReluPool):
            convolution = ConvolutionRelu(child.in_channels, child.out_channels, child.kernel_size[0])
            convolution.load_state_dict(child.state_dict())
            setattr(module, name, nn.Sequential(convolution, RowPool(2)))
        else:
            _pools_apart(child)


@pytest.mark.parametrize("variant", SPEECH.values(), ids=lambda variant: variant.id)
def test_documented_speech_networks_multiply_what_arithmetic_says(variant: Variant) -> None:
    """Every documented structure, narrow, as torch counts it."""
    narrow = PRESETS["speech"]["smoke"].variant(variant)
    frames, dimensions = _frames_that_leave(5, narrow.network), narrow.features.dimensions
    counted = count_multiply_accumulates(narrow.network, frames, dimensions)
    assert counted == _measured_speech(narrow.network, frames, dimensions)


@pytest.mark.parametrize(("study", "variant"), CLASSIFYING.values(), ids=CLASSIFYING)
def test_documented_classifiers_multiply_what_arithmetic_says(study: Study, variant: Variant) -> None:
    """Every documented classifier, narrow, on clips as its smoke preset cuts them, as torch counts it."""
    preset = preset_of(study, "smoke")
    narrow = preset.variant(variant)
    frames, dimensions = clip_frames(narrow.features, preset), narrow.features.dimensions
    network = build_classifier(narrow.network, frames, dimensions)
    of_waveform = isinstance(narrow.network, WaveformVgg)
    inputs = torch.randn(1, dimensions, frames) if of_waveform else torch.randn(1, frames, dimensions)
    with torch.no_grad():
        scores = network.eval()(inputs)
        _pools_apart(network)
        torch.testing.assert_close(network.eval()(inputs), scores)
    assert count_classifier_multiply_accumulates(narrow.network, frames, dimensions) == _measured(network, inputs)


@given(networks(), st.integers(1, 5), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_any_speech_network_multiplies_what_arithmetic_says(spec: SpeechNetwork, left: int, dimensions: int) -> None:
    """Strides, paddings, dilations, dense connections, cells and directions of every kind, as torch counts them."""
    frames = _frames_that_leave(left, spec)
    assert count_multiply_accumulates(spec, frames, dimensions) == _measured_speech(spec, frames, dimensions)


@given(attention_classifiers, st.integers(20, 40), st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_any_attention_classifier_is_what_arithmetic_says(
    spec: AttentionClassifier, frames: int, dimensions: int
) -> None:
    """Its multiply-accumulates as torch counts them, and its parameters as they are built."""
    assume(classifier_infeasibility(spec, frames, dimensions) is None)
    network = build_classifier(spec, frames, dimensions)
    assert measured_parameters(network) == count_classifier_parameters(spec, frames, dimensions)
    measured = _measured(network, torch.randn(1, frames, dimensions))
    assert count_classifier_multiply_accumulates(spec, frames, dimensions) == measured


def test_attention_counted_by_hand() -> None:
    """Of 10 frames with 6 channels: four products with 6 x 6 weights each, and two of every frame with every other.

    Then 6 x 5 weights there and back, and 3 channels of features projected to 6. The head has 6 x 30.
    """
    stack = TransformerStack(layers=2, channels=6, heads=3, feed_forward_units=5, dropout=None)
    spec = SpeechNetwork(convolution=None, recurrent=None, attention=stack, head=DenseHead(outputs=30))
    layer = 10 * (4 * 6 * 6 + 2 * 6 * 5) + 2 * 10 * 10 * 6
    assert count_multiply_accumulates(spec, 10, 3) == 10 * 3 * 6 + 2 * layer + 10 * 6 * 30


def test_a_network_counted_by_hand() -> None:
    """Kernel 3 with stride 2 leaves 4 of 9 frames; each meets 2 x 5 x 3 weights, then a GRU's 3 x 7 x (2 + 7) twice.

    The head sees both directions: 14 x 30.
    """
    spec = SpeechNetwork(
        convolution=ConvStack(layers=1, filters=2, kernel_size=3, stride=2, padding="valid", sublayers=()),
        recurrent=RecurrentStack(cell="gru", layers=1, units=7, merge="concat"),
        head=DenseHead(outputs=30),
    )
    assert count_multiply_accumulates(spec, 9, 5) == 4 * (2 * 5 * 3 + 2 * 3 * 7 * (2 + 7) + 14 * 30)


def test_layers_that_frames_share_run_once_for_each() -> None:
    """A tower for every frame counts for every frame; the LSTM's head after the mean over frames counts once."""
    blocks = (SoundBlock(filters=2, kernel_size=3, sublayers=()),)
    apart = classifier_layers(FrameCnn(blocks=blocks, dense=(), classes=4), 10, 8)
    assert [layer.multiply_accumulates for layer in apart] == [10 * 6 * 2 * 3, 0, 10 * 12 * 4]
    joined = classifier_layers(FrameCnnLstm(blocks=blocks, lstm_units=5, dropout=None, classes=4), 10, 8)
    costs = {layer.kind: layer.multiply_accumulates for layer in joined}
    assert costs == {"conv": 10 * 6 * 2 * 3, "flatten": 0, "lstm": 10 * 4 * 5 * (12 + 5), "mean": 0, "dense": 5 * 4}


@given(networks(), st.integers(1, 300), st.integers(1, 6))
def test_more_frames_never_cost_less(spec: SpeechNetwork, frames: int, dimensions: int) -> None:
    """Whatever the network, a longer utterance takes at least as many multiply-accumulates."""
    longer = count_multiply_accumulates(spec, frames + 1, dimensions)
    assert longer >= count_multiply_accumulates(spec, frames, dimensions)


@given(st.none() | convolutions(), recurrences(), st.integers(1, 300), st.integers(1, 6))
def test_another_recurrent_layer_never_costs_less(
    convolution: ConvStack | None, recurrent: RecurrentStack, frames: int, dimensions: int
) -> None:
    """A recurrent layer on top keeps all others; it costs nothing only where no frame is left to it."""
    shallow = SpeechNetwork(convolution=convolution, recurrent=recurrent, head=BareHead())
    deep = replace(shallow, recurrent=replace(recurrent, layers=recurrent.layers + 1))
    more = count_multiply_accumulates(deep, frames, dimensions) - count_multiply_accumulates(
        shallow, frames, dimensions
    )
    assert more >= 0
    assert (more == 0) == (output_frames(shallow, frames) == 0)


@given(convolutions(), st.integers(1, 300), st.integers(1, 6))
def test_another_convolution_never_costs_less_in_its_own_stack(stack: ConvStack, frames: int, dimensions: int) -> None:
    """A convolution on top of a stack adds what it multiplies. Reversed dilations change in every layer: left out."""
    assume(stack.dilation != "reversed")
    shallow = SpeechNetwork(convolution=stack, recurrent=None, head=BareHead())
    deep = replace(shallow, convolution=replace(stack, layers=stack.layers + 1))
    more = count_multiply_accumulates(deep, frames, dimensions) - count_multiply_accumulates(
        shallow, frames, dimensions
    )
    channels = stack.filters if stack.connectivity == "plain" else dimensions + stack.layers * stack.filters
    kept = layer_output_frames(deep.convolution or stack, stack.layers, output_frames(shallow, frames))
    assert more == kept * stack.filters * channels * stack.kernel_size >= 0


@given(convolutions(), st.none() | recurrences(), st.integers(1, 300), st.integers(1, 6))
def test_another_convolution_that_keeps_the_frames_never_costs_less(
    stack: ConvStack, recurrent: RecurrentStack | None, frames: int, dimensions: int
) -> None:
    """With "same" padding and stride 1 whatever follows has as much to do as before."""
    assume(stack.padding == "same" and stack.stride == 1)
    shallow = SpeechNetwork(convolution=stack, recurrent=recurrent, head=DenseHead(outputs=OUTPUTS))
    deep = replace(shallow, convolution=replace(stack, layers=stack.layers + 1))
    assert count_multiply_accumulates(deep, frames, dimensions) > count_multiply_accumulates(
        shallow, frames, dimensions
    )


def test_a_second_stride_may_make_a_deeper_network_cheaper() -> None:
    """A convolution that halves the frames of a wide recurrent layer saves more than it costs."""
    shallow = SpeechNetwork(
        convolution=ConvStack(layers=1, filters=4, kernel_size=3, stride=2, sublayers=()),
        recurrent=RecurrentStack(cell="lstm", layers=1, units=64),
        head=BareHead(),
    )
    deep = replace(shallow, convolution=ConvStack(layers=2, filters=4, kernel_size=3, stride=2, sublayers=()))
    assert count_multiply_accumulates(deep, 100, 26) < count_multiply_accumulates(shallow, 100, 26)
