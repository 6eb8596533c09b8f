"""Attribution maps against networks whose reasons are known."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from soundproof.search_spaces import STUDIES
from soundproof.search_spaces.specs import ConformerStack, ConvolutionModule, ConvStack
from soundproof.search_spaces.specs.classifiers import (
    AttentionClassifier,
    BandCnn,
    Classifier,
    FeedForward,
    FrameCnn,
    FrameCnnLstm,
    GenreCrnn,
    MfccCnn,
    SeResNet,
)
from soundproof.trainables.explanation.attribution import frames_by_dimensions, grad_cam, last_convolution, smooth_grad
from soundproof.trainables.networks.classifiers import build_classifier
from soundproof.trainables.networks.classifiers.channels_last import ConvolutionRelu, ConvolutionReluPool

FRAMES, DIMENSIONS = 40, 24
EVENT_FRAMES, EVENT_DIMENSIONS = slice(28, 34), slice(4, 9)


ATTENTION = AttentionClassifier(
    convolution=ConvStack(layers=1, filters=6, kernel_size=3, stride=2, sublayers=()),
    attention=ConformerStack(
        layers=1,
        channels=8,
        heads=2,
        feed_forward_units=9,
        dropout=None,
        convolution=ConvolutionModule(kernel_size=3),
    ),
    pooling="attention",
    dropout=None,
    classes=3,
)


def _spec(kind: type) -> Any:
    if kind is AttentionClassifier:
        return ATTENTION
    return next(v.network for study in STUDIES for v in study.variants if isinstance(v.network, kind))


class _Detector(nn.Module):
    """Class 1 is said as far as a convolution of ones finds something loud; the axes lie as those of a family."""

    def __init__(self, turn: Callable[[Tensor], Tensor], convolution: nn.Conv1d | nn.Conv2d) -> None:
        super().__init__()
        self.turn, self.convolution = turn, convolution
        nn.init.ones_(convolution.weight)
        nn.init.zeros_(convolution.bias)

    def forward(self, features: Tensor) -> Tensor:
        found = self.convolution(self.turn(features)).relu().reshape(len(features), -1)
        return torch.stack([-found.mean(dim=1), found.mean(dim=1)], dim=1)


LAYOUTS: dict[type, tuple[Callable[[Tensor], Tensor], Callable[[], nn.Conv1d | nn.Conv2d], bool]] = {
    MfccCnn: (lambda x: x[:, None], lambda: nn.Conv2d(1, 1, 3, padding=1), True),
    GenreCrnn: (lambda x: x.transpose(1, 2)[:, None], lambda: nn.Conv2d(1, 1, 3, stride=2, padding=1), True),
    FrameCnn: (lambda x: x.reshape(-1, 1, DIMENSIONS), lambda: nn.Conv1d(1, 1, 3, padding=1), True),
    BandCnn: (lambda x: x.transpose(1, 2), lambda: nn.Conv1d(DIMENSIONS, 1, 3, padding=1), False),
}


@pytest.mark.parametrize("family", LAYOUTS, ids=lambda family: family.__name__)
def test_grad_cam_finds_a_planted_event(family: type) -> None:
    """At least 80% of the map's mass lies within a place of the event, on the right axes, for every layout of maps."""
    turn, convolution, located = LAYOUTS[family]
    network = _Detector(turn, convolution())
    clip = torch.zeros(FRAMES, DIMENSIONS)
    clip[EVENT_FRAMES, EVENT_DIMENSIONS] = 5
    found = grad_cam(_spec(family), network, network, clip, target=1)
    assert found is not None
    assert found.shape == clip.shape
    assert found.min() >= 0
    around = found[26:36, 2:11] if located else found[26:36]
    assert around.sum() > 0.8 * found.sum()
    if not located:
        torch.testing.assert_close(found[:, :1].expand_as(found), found)
    against = grad_cam(_spec(family), network, network, clip, target=0)
    assert against is not None
    assert against.max() == 0


@pytest.mark.parametrize(
    "family", [FrameCnn, FrameCnnLstm, BandCnn, AttentionClassifier], ids=lambda family: family.__name__
)
def test_grad_cam_of_built_networks_is_what_its_definition_says(family: type) -> None:
    """Channels, weighed by their mean gradient over places, summed: worked out here from the layer's output.

    Some of these networks keep channels last inside.
    """
    torch.manual_seed(0)
    spec = _spec(family)
    network = build_classifier(spec, FRAMES, 64).eval()
    clip = torch.rand(FRAMES, 64)
    layer = last_convolution(network, network, clip)
    assert layer is not None
    outputs: list[Tensor] = []
    handle = layer.register_forward_hook(lambda *call: outputs.append(call[-1]))
    scores = network(clip[None].clone().requires_grad_())[0]
    handle.remove()
    (output,) = outputs
    axis = 2 if isinstance(layer, ConvolutionRelu | ConvolutionReluPool) else 1
    assert output.shape[axis] == layer.out_channels
    largest = []
    for target, score in enumerate(scores):
        (gradient,) = torch.autograd.grad(score, output, retain_graph=True)
        places = (gradient.mean(dim=3 - axis, keepdim=True) * output).sum(dim=axis).relu().detach()
        image = places.T if family in (BandCnn, AttentionClassifier) else places
        expected = functional.interpolate(image[None, None], (FRAMES, 64), mode="bilinear")[0, 0]
        found = grad_cam(spec, network, network, clip, target=target)
        assert found is not None
        torch.testing.assert_close(found, expected)
        largest.append(float(found.max()))
    assert max(largest) > 0


def test_smooth_grad_of_a_linear_network_is_its_weights() -> None:
    """The gradient of a linear score is the same everywhere, so noise leaves the weights of the class as they are."""
    linear = nn.Linear(FRAMES * DIMENSIONS, 3)
    clip = torch.randn(FRAMES, DIMENSIONS, generator=torch.Generator().manual_seed(0))
    found = smooth_grad(lambda values: linear(values.flatten(1)), clip, target=2)
    torch.testing.assert_close(found, linear.weight[2].detach().view(FRAMES, DIMENSIONS))


def test_smooth_grad_is_a_mean_over_noise_and_repeatable() -> None:
    """For a square the expected gradient is twice the clip; chance outside is neither read nor moved."""
    clip = torch.linspace(-1, 1, 60).view(6, 10)

    def score(values: Tensor) -> Tensor:
        return values.square().flatten(1).sum(dim=1, keepdim=True)

    state = torch.get_rng_state()
    found = smooth_grad(score, clip, target=0)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(5)
    assert torch.equal(smooth_grad(score, clip, target=0), found)
    assert not torch.equal(found, 2 * clip)
    assert (found - 2 * clip).abs().max() < 0.3  # noise of deviation 0.2, doubled, over 50 copies: 4 or 5 deviations


def test_weights_of_channels_are_no_last_convolution() -> None:
    """In a squeeze-and-excitation network the last convolution is that of the last block, not its excitation's."""
    spec: Classifier = _spec(SeResNet)
    network = build_classifier(spec, 64, 64).eval()
    layer = last_convolution(network, network, torch.randn(64, 64))
    named = {name: module for name, module in network.named_modules() if module is layer}
    assert len(named) == 1
    assert "excitation" not in next(iter(named))
    blocks = [name for name, module in network.named_modules() if isinstance(module, nn.Conv2d)]
    assert next(iter(named)) == [name for name in blocks if "excitation" not in name][-1]


def test_a_network_without_convolutions_has_no_grad_cam() -> None:
    """There is no layer to look at, so there is no map."""
    spec = _spec(FeedForward)
    network = build_classifier(spec, 6, 5).eval()
    assert grad_cam(spec, network, network, torch.randn(6, 5), target=0) is None


def test_maps_of_frames_keep_their_order() -> None:
    """Frames that passed as a batch become the axis of time, and their places that of the dimensions."""
    places = torch.arange(12.0).view(4, 1, 3)
    assert torch.equal(frames_by_dimensions(_spec(FrameCnn), places), torch.arange(12.0).view(1, 1, 4, 3))
