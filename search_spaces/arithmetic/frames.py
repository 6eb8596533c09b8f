"""How many frames come out of a network, and whether they suffice for the transcripts: known before any training."""

from collections.abc import Iterable
from dataclasses import dataclass

from soundproof.search_spaces.specs.network import ConvStack, SpeechNetwork


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
