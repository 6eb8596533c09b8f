"""What follows from the spec of a classifier without building it: layer shapes, feasibility, costs."""

from soundproof.search_spaces.arithmetic.classifiers.families import tally
from soundproof.search_spaces.arithmetic.classifiers.tally import Layer
from soundproof.search_spaces.arithmetic.parameter_count import ParameterCount
from soundproof.search_spaces.specs import CustomClassifier
from soundproof.search_spaces.specs.classifiers import (
    AttentionClassifier,
    Classifier,
    DeclaredClassifier,
    FrameCnn,
    FrameCnnLstm,
    GenreCrnn,
    SeResNet,
    WaveformVgg,
)

__all__ = [
    "Layer",
    "classifier_infeasibility",
    "classifier_layers",
    "count_classifier_multiply_accumulates",
    "count_classifier_parameters",
    "several_lengths_refused",
    "speeds_refused",
    "takes_any_length",
]


def classifier_layers(network: DeclaredClassifier, frames: int, dimensions: int) -> tuple[Layer, ...]:
    """Every layer with its shape and parameters, on inputs of (frames, dimensions); a waveform's frames are samples."""
    return tuple(tally(network, frames, dimensions).layers)


def count_classifier_parameters(network: DeclaredClassifier, frames: int, dimensions: int) -> ParameterCount:
    """Parameters of `network` on inputs of (frames, dimensions)."""
    return sum((layer.parameters for layer in classifier_layers(network, frames, dimensions)), ParameterCount())


def count_classifier_multiply_accumulates(network: DeclaredClassifier, frames: int, dimensions: int) -> int:
    """Multiply-accumulates of one input of (frames, dimensions).

    What counts is defined in `arithmetic.costs`.
    """
    return sum(layer.multiply_accumulates for layer in classifier_layers(network, frames, dimensions))


def classifier_infeasibility(network: DeclaredClassifier, frames: int, dimensions: int) -> str | None:
    """Why inputs of this extent leave `network` nothing to classify, or None when they do not."""
    for index, layer in enumerate(classifier_layers(network, frames, dimensions), start=1):
        if min(layer.shape) < 1:
            return (
                f"{frames} frames of {dimensions} dimensions leave nothing after layer {index} "
                f"({layer.kind}): its shape would be {layer.shape}"
            )
    return None


def takes_any_length(network: Classifier) -> bool:
    """Whether `network` ends in a pool over all of time or in a last state: clips of any length then pass as they are.

    The others flatten what is left of time, or are a user's own, which is not told how long a clip is.
    """
    return isinstance(network, AttentionClassifier | FrameCnn | FrameCnnLstm | GenreCrnn | SeResNet | WaveformVgg)


def speeds_refused(network: Classifier) -> str | None:
    """Why clips at several speeds are not for `network`, and what is; None where they are."""
    if takes_any_length(network):
        return None
    return (
        f"{_name(network)} takes clips of one length, and SpeedPerturbation makes them longer and shorter: leave it "
        "out, or take a network that hears clips of any length"
    )


def several_lengths_refused(network: Classifier, shortest: int, longest: int) -> str | None:
    """Why clips of so many frames, each of its own length, are not for `network`, and what is; None where they are."""
    if takes_any_length(network):
        return None
    return (
        f"{_name(network)} takes clips of one length, and each has its own, {shortest} to {longest} frames: "
        "--clip-place whole fills them up with silence to the longest, --clip-seconds cuts them to one length"
    )


def _name(network: Classifier) -> str:
    return network.name if isinstance(network, CustomClassifier) else type(network).__name__
