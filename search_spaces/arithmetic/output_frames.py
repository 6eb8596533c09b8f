"""How many frames come out of a network, whether they suffice for transcripts, and how much audio one output hears."""

from collections.abc import Iterable
from dataclasses import dataclass

from soundproof.search_spaces.specs.features import (
    Features,
    LogSpectrogram,
    frame_count,
    step_samples,
    window_samples,
)
from soundproof.search_spaces.specs.network import ConvStack, SpeechNetwork
from soundproof.search_spaces.specs.trial import Network


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """An utterance as far as feasibility goes.

    Frames of features, and the least output frames that its transcript needs.
    """

    frames: int
    needed: int


REFERENCE_EXTENTS = (Extent(frames=229, needed=27), Extent(frames=229, needed=38), Extent(frames=230, needed=38))
"""The shortest utterances of the documented corpus (LibriSpeech, 2,023 training utterances).

The reference without a corpus.
"""


def reference_extents(features: Features) -> tuple[Extent, ...]:
    """The same utterances in frames of `features`."""
    usual = LogSpectrogram()
    seconds = [
        ((extent.frames - 1) * step_samples(usual) + window_samples(usual)) / usual.sample_rate_hz
        for extent in REFERENCE_EXTENTS
    ]
    return tuple(
        Extent(frames=frame_count(features, round(length * features.sample_rate_hz)), needed=extent.needed)
        for length, extent in zip(seconds, REFERENCE_EXTENTS, strict=True)
    )


def layer_output_frames(stack: ConvStack, layer: int, frames: int) -> int:
    """Frames after convolution `layer` (from 0) of `stack`, given `frames` before it.

    0 when the kernel does not fit.
    """
    if stack.padding == "same":
        return -(-frames // stack.stride)
    reach = stack.dilations[layer] * (stack.kernel_size - 1)
    return max(0, (frames - reach - 1) // stack.stride + 1)


def output_frames(network: SpeechNetwork, frames: int) -> int:
    """Frames that the network puts out for `frames` frames of features."""
    if network.convolution is not None:
        for layer in range(network.convolution.layers):
            frames = layer_output_frames(network.convolution, layer, frames)
    return frames


def frames_needed(symbols: Iterable[object]) -> int:
    """The fewest frames that can spell `symbols` under CTC: one each, and a blank between equal neighbours."""
    needed, previous = 0, object()
    for symbol in symbols:
        needed += 2 if symbol == previous else 1
        previous = symbol
    return needed


def infeasibility(network: SpeechNetwork, extents: Iterable[Extent]) -> str | None:
    """Why the network cannot be trained on utterances of these extents, or None when it can."""
    for extent in extents:
        available = output_frames(network, extent.frames)
        if available < extent.needed:
            return (
                f"an utterance of {extent.frames} frames leaves {available} output frames, "
                f"but its transcript needs at least {extent.needed}"
            )
    return None


def receptive_field(network: Network) -> int | None:
    """Frames of features from the first to the last that one output frame depends on; None where there is no limit.

    A recurrent layer carries every earlier frame along, and attention reaches all of them, so networks with either have
    no limit. Neither has a classifier: each puts out one score for the whole clip, after a mean over all of it, a
    flattening or a last recurrent state.
    At the ends of an utterance part of the field is padding. Strides longer than the kernel leave gaps, which count.
    """
    if not isinstance(network, SpeechNetwork) or _hears_everything(network):
        return None
    assert network.convolution is not None
    return _convolution_field(network.convolution)


def _hears_everything(network: SpeechNetwork) -> bool:
    """Whether an output frame can depend on any frame, however far it is."""
    return network.recurrent is not None or network.attention is not None


def receptive_field_seconds(features: Features, network: Network) -> float | None:
    """Seconds of audio that one output frame depends on, the windows of its first and last frame included."""
    frames = receptive_field(network)
    if frames is None:
        return None
    samples = window_samples(features) + (frames - 1) * step_samples(features)
    return samples / features.sample_rate_hz


def _convolution_field(stack: ConvStack) -> int:
    """Every layer reaches `dilation * (kernel_size - 1)` of the frames before it further, which lie a stride apart.

    Dense connections only add paths that skip layers, which reach no further than the path through all of them.
    """
    field, apart = 1, 1
    for dilation in stack.dilations:
        field += dilation * (stack.kernel_size - 1) * apart
        apart *= stack.stride
    return field
