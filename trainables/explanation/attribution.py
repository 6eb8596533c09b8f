"""Attribution maps of one clip by Captum: SmoothGrad and Grad-CAM."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from soundproof.search_spaces.specs import Classifier, CustomClassifier, classifiers
from soundproof.trainables.networks.classifiers.channels_last import ConvolutionRelu, ConvolutionReluPool

Score = Callable[[Tensor], Tensor]
"""Features (batch, frames, dimensions) to logits (batch, classes)."""

Convolution = nn.Conv1d | nn.Conv2d

SMOOTHGRAD_SAMPLES = 50
SMOOTHGRAD_NOISE = 0.1
"""Deviation of the noise as a share of the range of the input: Smilkov et al. recommend 0.1 to 0.2."""
_BATCH = 5


def smooth_grad(score: Score, clip: Tensor, target: int) -> Tensor:
    """The gradient of the score of class `target` with respect to `clip` (frames, dimensions), in the same shape.

    Mean over copies of the clip with noise (Smilkov et al. 2017, arXiv:1706.03825). The noise is always the same.
    """
    from captum.attr import NoiseTunnel, Saliency  # noqa: PLC0415  # the extra explain

    deviation = SMOOTHGRAD_NOISE * float(clip.max() - clip.min())
    with torch.random.fork_rng(devices=[]):  # Captum draws from torch's global generator, which is left as it was
        torch.manual_seed(0)
        gradient: Tensor = NoiseTunnel(Saliency(score)).attribute(
            clip[None].clone().requires_grad_(),
            nt_type="smoothgrad",
            nt_samples=SMOOTHGRAD_SAMPLES,
            nt_samples_batch_size=_BATCH,
            stdevs=deviation,
            target=target,
            abs=False,
        )
    return gradient[0].detach()


def grad_cam(spec: Classifier, network: nn.Module, score: Score, clip: Tensor, target: int) -> Tensor | None:
    """Where in `clip` (frames, dimensions) the last convolution found what speaks for `target`, in the same shape.

    Never negative (Selvaraju et al. 2017, arXiv:1610.02391). Interpolated from the places of the convolution's output;
    a convolution along time alone gives all dimensions of a frame the same value. None for a network without a
    convolution, and for a user's own, whose convolutions may lie anyhow.
    """
    layer = None if isinstance(spec, CustomClassifier) else last_convolution(network, score, clip)
    if layer is None:
        return None
    from captum.attr import LayerAttribution, LayerGradCam  # noqa: PLC0415  # the extra explain

    values = clip[None].clone().requires_grad_()
    with _channels_first(layer) as place:
        attribution: Tensor = LayerGradCam(score, place).attribute(values, target=target, relu_attributions=True)
    by_frame = frames_by_dimensions(spec, attribution.detach())
    upsampled: Tensor = LayerAttribution.interpolate(by_frame, tuple(clip.shape), "bilinear")
    return upsampled[0, 0]


def last_convolution(network: nn.Module, score: Score, clip: Tensor) -> Convolution | None:
    """The convolution that comes last when `clip` (frames, dimensions) passes, of those that keep a sense of place.

    The convolutions that weigh the channels of a squeeze-and-excitation block have one output a channel: no place.
    """
    last: list[Convolution] = []

    def remember(layer: Convolution, _: object, output: Tensor) -> None:
        if output.numel() > layer.out_channels:
            last[:] = [layer]

    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv1d | nn.Conv2d)]
    handles = [layer.register_forward_hook(remember) for layer in convolutions]
    try:
        with torch.no_grad():
            score(clip[None])
    finally:
        for handle in handles:
            handle.remove()
    return last[0] if last else None


def frames_by_dimensions(spec: Classifier, attribution: Tensor) -> Tensor:
    """The attribution to the places of a convolution's output, one clip's, as (1, 1, frames, dimensions).

    How the places lie depends on the family: see the networks' `forward`.
    """
    match spec:
        case classifiers.MfccCnn():  # (1, 1, frames, coefficients)
            return attribution
        case classifiers.GenreCrnn() | classifiers.SeResNet() | classifiers.MfccVgg():  # (1, 1, mels, frames)
            return attribution.transpose(2, 3)
        case classifiers.FrameCnn() | classifiers.FrameCnnLstm():  # (frames, 1, mels)
            return attribution.transpose(0, 1)[None]
        case classifiers.AttentionClassifier() | classifiers.BandCnn() | classifiers.WaveformVgg():  # (1, 1, time)
            return attribution[..., None]
        case classifiers.FeedForward() | CustomClassifier():
            raise AssertionError("neither has a convolution that is known")


@contextmanager
def _channels_first(layer: Convolution) -> Iterator[nn.Module]:
    """A module that passes on the output of `layer` with channels before places, as Captum takes them to be."""
    if not isinstance(layer, ConvolutionRelu | ConvolutionReluPool):
        yield layer
        return
    place = nn.Identity()
    handle = layer.register_forward_hook(lambda *call: place(call[-1].transpose(1, 2)).transpose(1, 2))
    try:
        yield place
    finally:
        handle.remove()
