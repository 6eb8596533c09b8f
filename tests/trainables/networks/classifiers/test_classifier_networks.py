"""Classifiers from specs: parameters, shapes, gradients, penalties."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from documented_classifiers import DOCUMENTED_CLASSIFIERS, documented_extent, narrow

from soundproof.search_spaces import STUDIES, Study, expand, preset_of
from soundproof.search_spaces.arithmetic.classifiers import classifier_layers, count_classifier_parameters
from soundproof.search_spaces.components import leave_out, removals
from soundproof.search_spaces.planning import clip_frames, plan_study
from soundproof.search_spaces.specs import GroupSplit, SpecError
from soundproof.search_spaces.specs.classifiers import Classifier, FrameCnn, GenreCrnn, WaveformVgg
from soundproof.trainables.networks import measured_parameters
from soundproof.trainables.networks.classifiers import build_classifier, weight_penalty

EVERY_VARIANT = pytest.mark.parametrize("variant_id", DOCUMENTED_CLASSIFIERS)


def _inputs(spec: Classifier, frames: int, dimensions: int, batch: int = 3) -> torch.Tensor:
    shape = (dimensions, frames) if isinstance(spec, WaveformVgg) else (frames, dimensions)
    return torch.randn(batch, *shape)


@EVERY_VARIANT
def test_built_networks_hold_what_arithmetic_says(variant_id: str) -> None:
    """At full size, every built network has the parameters of the arithmetic, which are the documented ones."""
    spec, extent = DOCUMENTED_CLASSIFIERS[variant_id], documented_extent(variant_id)
    assert measured_parameters(build_classifier(spec, *extent)) == count_classifier_parameters(spec, *extent)


@EVERY_VARIANT
def test_every_network_can_learn(variant_id: str) -> None:
    """A step on random inputs, narrow and at half the documented frames, gives every parameter a finite gradient."""
    torch.manual_seed(0)
    spec = narrow(DOCUMENTED_CLASSIFIERS[variant_id])
    frames, dimensions = documented_extent(variant_id)
    frames = frames if isinstance(spec, WaveformVgg) else max(frames // 2, 64)
    network = build_classifier(spec, frames, dimensions).train()
    logits = network(_inputs(spec, frames, dimensions))
    assert logits.shape == (3, spec.classes)
    loss = torch.nn.functional.cross_entropy(logits, torch.arange(3))
    assert loss.isfinite()
    loss.backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
    with torch.no_grad():
        assert network.eval()(_inputs(spec, frames, dimensions)).isfinite().all()


CLASSIFYING = [study for study in STUDIES if study.domain != "speech"]


@pytest.mark.parametrize("study", CLASSIFYING, ids=lambda study: study.id)
def test_every_variant_trains_a_step_at_smoke(study: Study) -> None:
    """On clips as the smoke preset cuts them, a step of every variant reaches every parameter and stays finite."""
    preset = preset_of(study, "smoke")
    for planned in expand(study, preset, preset.corpus, GroupSplit(), [0]):
        trial = planned.trial
        torch.manual_seed(0)
        frames, dimensions = clip_frames(trial.features, preset), trial.features.dimensions
        network = build_classifier(trial.network, frames, dimensions).train()
        inputs = _inputs(trial.network, frames, dimensions, batch=trial.recipe.batch_size)
        classes = torch.arange(len(inputs)) % trial.network.classes
        before = torch.nn.functional.cross_entropy(network(inputs), classes)
        before.backward()
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, (planned.variant_id, name)
            assert parameter.grad.isfinite().all(), (planned.variant_id, name)
        was = [parameter.detach().clone() for parameter in network.parameters()]
        torch.optim.Adam(network.parameters(), lr=1e-3).step()
        assert torch.nn.functional.cross_entropy(network(inputs), classes).isfinite()
        now = network.parameters()
        assert all(not torch.equal(old, new) for old, new in zip(was, now, strict=True) if new.grad.any())


@pytest.mark.parametrize("study", CLASSIFYING, ids=lambda study: study.id)
def test_every_variant_can_be_built_at_quick(study: Study) -> None:
    """At the quick preset every built network holds the parameters that its plan shows."""
    preset = preset_of(study, "quick")
    for variant, planned in zip(study.variants, plan_study(study, preset)["variants"], strict=True):
        at_quick = preset.variant(variant)
        extent = clip_frames(at_quick.features, preset), at_quick.features.dimensions
        count = measured_parameters(build_classifier(at_quick.network, *extent))
        assert (count.total, count.trainable) == (planned["parameters"]["total"], planned["parameters"]["trainable"])


@pytest.mark.parametrize("study", CLASSIFYING, ids=lambda study: study.id)
def test_what_is_left_after_removals_can_be_built(study: Study) -> None:
    """Each variant of an ablation, and the one with everything taken out, is a network that classifies."""
    preset = preset_of(study, "smoke")
    for variant in study.variants:
        found = removals(variant)
        for components in (*([component] for component in found), found):
            less = preset.variant(leave_out(variant, components))
            frames, dimensions = clip_frames(less.features, preset), less.features.dimensions
            network = build_classifier(less.network, frames, dimensions).eval()
            with torch.no_grad():
                logits = network(_inputs(less.network, frames, dimensions, batch=1))
            assert logits.shape == (1, less.network.classes)


@pytest.mark.parametrize("sequence", ["row_major", "time_major"])
def test_genre_crnn_shapes_are_the_documented_ones(sequence: Any) -> None:
    """What flows through the built network at full size has the documented shape after every layer."""
    spec = DOCUMENTED_CLASSIFIERS["genre-crnn/04"]
    assert isinstance(spec, GenreCrnn)
    spec = replace(spec, sequence=sequence)
    expected = [layer.shape for layer in classifier_layers(spec, 1366, 96) if layer.kind not in ("permute", "reshape")]
    shapes: list[tuple[int, ...]] = []
    network = build_classifier(spec, 1366, 96).eval()
    for module in network.modules():
        if type(module).__name__ in ("Conv2d", "ChannelNorm", "MaxPool2d", "OneBiasGru", "Linear"):
            module.register_forward_hook(lambda _module, _inputs, out: shapes.append(tuple(out.shape[1:])))
    with torch.no_grad():
        network(torch.randn(1, 1366, 96))
    shapes[10] = shapes[10][1:]  # the last recurrent layer's states, of which the head takes the last
    assert shapes == expected


def test_time_averaged_output_is_the_log_of_the_mean_probability() -> None:
    """The softmax of the output is the mean over frames of each frame's softmax."""
    torch.manual_seed(0)
    spec = narrow(DOCUMENTED_CLASSIFIERS["esc-cnn-family/02"])
    assert isinstance(spec, FrameCnn)
    network = build_classifier(spec, 5, 128).eval()
    features = torch.randn(2, 5, 128)
    with torch.no_grad():
        together = network(features).exp()
        alone = torch.stack([network(features[:, [frame]]).exp() for frame in range(5)])
    torch.testing.assert_close(together, alone.mean(dim=0))
    torch.testing.assert_close(together.sum(dim=1), torch.ones(2))


def test_penalty_counts_hidden_kernels_alone() -> None:
    """L2 times the squared weights of the hidden layers of a feed-forward network; its gradient reaches them."""
    network = build_classifier(narrow(DOCUMENTED_CLASSIFIERS["genre-ffnn/02"]), 6, 5)
    *hidden, output = [module for module in network.modules() if isinstance(module, torch.nn.Linear)]
    penalty = weight_penalty(network)
    assert penalty is not None
    torch.testing.assert_close(penalty, 0.001 * sum(layer.weight.square().sum() for layer in hidden))
    penalty.backward()
    torch.testing.assert_close(hidden[0].weight.grad, 0.002 * hidden[0].weight)
    assert output.weight.grad is None
    assert hidden[0].bias.grad is None


def test_penalty_of_a_convolutional_network_and_of_none() -> None:
    """The MFCC CNN is penalised for its convolutions; a network without a coefficient has no penalty."""
    network = build_classifier(narrow(DOCUMENTED_CLASSIFIERS["genre-cnn-filters/01"]), 130, 13)
    kernels = [module.weight for module in network.modules() if isinstance(module, torch.nn.Conv2d)]
    torch.testing.assert_close(weight_penalty(network), 1e-4 * sum(kernel.square().sum() for kernel in kernels))
    assert len(kernels) == 4
    assert weight_penalty(build_classifier(narrow(DOCUMENTED_CLASSIFIERS["genre-ffnn/01"]), 6, 5)) is None


def test_inputs_too_short_are_refused() -> None:
    """Building for inputs that leave nothing to classify raises an error that names both."""
    with pytest.raises(SpecError, match="MfccVgg cannot be built: 7 frames of 40 dimensions"):
        build_classifier(DOCUMENTED_CLASSIFIERS["speech-commands/03"], 7, 40)


@EVERY_VARIANT
def test_evaluation_treats_every_clip_alone(variant_id: str) -> None:
    """In evaluation a clip's logits do not depend on the rest of its batch."""
    torch.manual_seed(0)
    spec = narrow(DOCUMENTED_CLASSIFIERS[variant_id])
    frames, dimensions = documented_extent(variant_id)
    frames = frames if isinstance(spec, WaveformVgg) else max(frames // 4, 64)
    network = build_classifier(spec, frames, dimensions).eval()
    inputs = _inputs(spec, frames, dimensions)
    with torch.no_grad():
        torch.testing.assert_close(network(inputs)[1:2], network(inputs[1:2]), rtol=1e-4, atol=1e-4)
