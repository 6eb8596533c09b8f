"""Receptive fields by arithmetic, against the input frames that reach an output frame of a built network."""

from dataclasses import replace

import pytest
import torch
from documented_classifiers import DOCUMENTED_CLASSIFIERS
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import convolutions, features, networks

from soundproof.search_spaces import STUDIES
from soundproof.search_spaces.arithmetic import (
    output_frames,
    receptive_field,
    receptive_field_seconds,
)
from soundproof.search_spaces.specs import (
    BareHead,
    ConvStack,
    Features,
    LifteredMfcc,
    MelCepstrum,
    MelSpectrogram,
    RawWaveform,
    SpeechNetwork,
    frame_count,
    step_samples,
)
from soundproof.trainables.networks import Frames
from soundproof.trainables.networks.convolution import Convolution

STACKS = {
    replace(variant.network.convolution, filters=2, sublayers=())
    for study in STUDIES
    for variant in study.variants
    if isinstance(variant.network, SpeechNetwork) and variant.network.convolution is not None
}
"""Every documented geometry, once."""


def _alone(stack: ConvStack) -> SpeechNetwork:
    return SpeechNetwork(convolution=stack, recurrent=None, head=BareHead())


def _frames_heard(stack: ConvStack, frames: int) -> int:
    """Input frames from the first to the last with a gradient from the middle output frame.

    Every weight is 1, so that no two ways through the network cancel.
    """
    network = Convolution(stack, channels=1).double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(1)
    values = torch.ones(1, frames, 1, dtype=torch.double, requires_grad=True)
    scores, _ = network(values, Frames(torch.tensor([frames]), frames))
    (gradient,) = torch.autograd.grad(scores[0, scores.shape[1] // 2].sum(), values)
    reached = gradient.flatten().nonzero()
    return int(reached.max() - reached.min()) + 1


def _check(stack: ConvStack) -> None:
    field = receptive_field(_alone(stack))
    assert field is not None
    assert _frames_heard(stack, 2 * field + 2 * stack.stride**stack.layers) == field


@given(convolutions())
@settings(max_examples=60, deadline=None)
def test_any_stack_hears_what_arithmetic_says(stack: ConvStack) -> None:
    """Kernels, strides, paddings, dilations and dense connections of every kind."""
    _check(stack)


@pytest.mark.parametrize("stack", sorted(STACKS, key=ConvStack.to_json))
def test_documented_stacks_hear_what_arithmetic_says(stack: ConvStack) -> None:
    """The documented geometries, two filters wide."""
    _check(stack)


@given(convolutions())
def test_a_field_is_what_one_output_frame_needs(stack: ConvStack) -> None:
    """Without padding, as many frames as the field leave one output frame, and one fewer leave none."""
    assume(stack.padding == "valid")
    field = receptive_field(_alone(stack))
    assert field is not None
    assert output_frames(_alone(stack), field) == 1
    assert output_frames(_alone(stack), field - 1) == 0


@given(networks())
def test_recurrent_layers_and_attention_hear_everything(network: SpeechNetwork) -> None:
    """The field has a limit exactly where there is neither."""
    has_either = network.recurrent is not None or network.attention is not None
    assert (receptive_field(network) is None) == has_either


def test_classifiers_hear_the_whole_clip() -> None:
    """No documented classifier has a limit."""
    assert {receptive_field(network) for network in DOCUMENTED_CLASSIFIERS.values()} == {None}


@given(convolutions(), features | st.just(RawWaveform()))
def test_seconds_are_the_audio_of_the_field(stack: ConvStack, heard: Features) -> None:
    """A signal that long has as many frames as the field; a sample less, and one is missing.

    Where the last frame is filled up, that takes a sample more: the first beyond the field begins another frame.
    """
    network = _alone(stack)
    seconds = receptive_field_seconds(heard, network)
    assert seconds is not None
    samples = round(seconds * heard.sample_rate_hz)
    assert seconds == samples / heard.sample_rate_hz
    field = receptive_field(network)
    assert field is not None
    assert frame_count(heard, samples) == field
    if isinstance(heard, LifteredMfcc):
        assert frame_count(heard, samples + 1) == field + 1
    else:
        assert frame_count(heard, samples - 1) == field - 1


@pytest.mark.parametrize("heard", [MelSpectrogram(), MelCepstrum()])
def test_windows_of_clips_count_in_full(heard: Features) -> None:
    """Three frames of 2,048 samples every 512, at 22,050 Hz."""
    stack = ConvStack(layers=1, filters=1, kernel_size=3, sublayers=())
    assert receptive_field_seconds(heard, _alone(stack)) == (2048 + 2 * 512) / 22050


@given(features | st.sampled_from([MelSpectrogram(), MelCepstrum(), RawWaveform()]), st.integers(2000, 90000))
def test_a_step_of_samples_is_a_frame(heard: Features, samples: int) -> None:
    """As many samples more as lie between frames make exactly one frame more."""
    step = step_samples(heard)
    assert frame_count(heard, samples + step) == frame_count(heard, samples) + 1
