"""A classifier from its spec, and the penalty that its spec puts on its weights."""

from typing import assert_never

import torch
from torch import Tensor, nn

from soundproof.search_spaces.arithmetic.classifiers import Layer, classifier_infeasibility, classifier_layers
from soundproof.search_spaces.specs import CustomClassifier, SpecError, classifiers
from soundproof.trainables.networks.classifiers.attention_classifier import AttentionClassifierNetwork
from soundproof.trainables.networks.classifiers.feed_forward import FeedForwardNetwork
from soundproof.trainables.networks.classifiers.genre_crnn import GenreCrnnNetwork
from soundproof.trainables.networks.classifiers.mfcc_cnn import MfccCnnNetwork
from soundproof.trainables.networks.classifiers.se_resnet import SeResNetNetwork
from soundproof.trainables.networks.classifiers.sound_cnn import BandCnnNetwork, FrameCnnLstmNetwork, FrameCnnNetwork
from soundproof.trainables.networks.classifiers.vgg import MfccVggNetwork, WaveformVggNetwork
from soundproof.trainables.networks.custom import CustomClassifierModule


def build_classifier(spec: classifiers.Classifier, frames: int, dimensions: int) -> nn.Module:
    """The network of `spec`, untrained. Initial weights come from torch's global generator: seed it before building.

    Arguments:
        spec: What to build, of a declared family or the user's own.
        frames: Of every input; of a `WaveformVgg`, samples.
        dimensions: Values per frame.

    Returns:
        A module from (batch, frames, dimensions) to logits (batch, classes); a `WaveformVgg` takes
        (batch, dimensions, frames).

    Raises:
        SpecError: Inputs of this extent leave nothing to classify.
        CustomFileError: A user's class builds no module, or its file is not loaded.
    """
    if isinstance(spec, CustomClassifier):
        return CustomClassifierModule(spec, frames, dimensions)
    reason = classifier_infeasibility(spec, frames, dimensions)
    if reason is not None:
        raise SpecError(f"{type(spec).__name__} cannot be built: {reason}; use longer inputs or smaller pools")
    return _declared(spec, classifier_layers(spec, frames, dimensions), dimensions)


def _declared(spec: classifiers.DeclaredClassifier, layers: tuple[Layer, ...], dimensions: int) -> nn.Module:
    network: nn.Module
    match spec:
        case classifiers.GenreCrnn():
            network = GenreCrnnNetwork(spec, _shape(layers, "reshape")[-1])
        case classifiers.BandCnn():
            network = BandCnnNetwork(spec, dimensions, *_shape(layers, "flatten"))
        case classifiers.FrameCnn():
            network = FrameCnnNetwork(spec, *_shape(layers, "flatten"))
        case classifiers.FrameCnnLstm():
            network = FrameCnnLstmNetwork(spec, *_shape(layers, "flatten"))
        case classifiers.FeedForward():
            network = FeedForwardNetwork(spec, *_shape(layers, "flatten"))
        case classifiers.MfccCnn():
            network = MfccCnnNetwork(spec, *_shape(layers, "flatten"))
        case classifiers.WaveformVgg():
            network = WaveformVggNetwork(spec, dimensions)
        case classifiers.MfccVgg():
            network = MfccVggNetwork(spec, *_shape(layers, "flatten"))
        case classifiers.SeResNet():
            network = SeResNetNetwork(spec)
        case classifiers.AttentionClassifier():
            network = AttentionClassifierNetwork(spec, dimensions)
        case _:
            assert_never(spec)
    return network


def weight_penalty(network: nn.Module) -> Tensor | None:
    """L2 coefficient times the sum of squared weights, to be added to the loss; None where the spec asks for none."""
    if not isinstance(network, FeedForwardNetwork | MfccCnnNetwork) or network.l2 is None:
        return None
    return network.l2 * torch.stack([weight.square().sum() for weight in network.penalised()]).sum()


def _shape(layers: tuple[Layer, ...], kind: str) -> tuple[int, ...]:
    """The shape of the one layer of this kind."""
    (shape,) = (layer.shape for layer in layers if layer.kind == kind)
    return shape
