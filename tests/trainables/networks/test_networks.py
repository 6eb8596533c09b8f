"""Networks from specs: parameters, shapes, and indifference to padding."""

from contextlib import nullcontext

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import networks

from soundproof.search_spaces import PRESETS, STUDIES, Variant
from soundproof.search_spaces.alphabet import encode
from soundproof.search_spaces.arithmetic import count_parameters, layer_output_frames, output_channels, output_frames
from soundproof.search_spaces.specs import BareHead, BatchNorm, ConvStack, RawWaveform, RunningStatistics, SpeechNetwork
from soundproof.trainables.networks import Frames, Speech, measured_parameters
from soundproof.trainables.networks.classifiers.layers import ChannelNorm
from soundproof.trainables.networks.sublayers import BATCH_NORM_EPSILON, Sublayers, keep_statistics
from soundproof.trainables.training.tasks.ctc import ctc_losses

VARIANTS = {variant.id: variant for study in STUDIES if study.domain == "speech" for variant in study.variants}
SMOKE = PRESETS["speech"]["smoke"]
DISTINCT = {
    (narrow.network, narrow.features.dimensions): variant
    for variant in reversed(VARIANTS.values())
    for narrow in [SMOKE.variant(variant)]
}
"""A variant of every network that is built in tests; studies that vary features or the recipe have the same ones."""

EVERY_NETWORK = pytest.mark.parametrize("variant", DISTINCT.values(), ids=lambda variant: variant.id)


def _frames_per_centisecond(variant: Variant) -> int:
    """Of the smoke preset: most features step by one; samples are 80."""
    return 80 if isinstance(variant.features, RawWaveform) else 1


def _padded(lengths: list[int], dimensions: int) -> tuple[torch.Tensor, torch.Tensor]:
    values = torch.randn(len(lengths), max(lengths), dimensions)
    for row, length in enumerate(lengths):
        values[row, length:] = 0
    return values, torch.tensor(lengths)


@EVERY_NETWORK
def test_built_networks_hold_what_arithmetic_says(variant: Variant) -> None:
    """Every declared network, built narrow, has the parameters that arithmetic says."""
    narrow = SMOKE.variant(variant)
    network = Speech(narrow.network, narrow.features.dimensions)
    assert measured_parameters(network) == count_parameters(narrow.network, narrow.features.dimensions)


@pytest.mark.parametrize(("variant_id", "total"), [("asr-rnn-only/03", 290400), ("asr-dense-cnn/09", 802829)])
def test_built_networks_hold_the_documented_parameters(variant_id: str, total: int) -> None:
    """At full size, too, what is built has exactly the documented parameters."""
    variant = VARIANTS[variant_id]
    assert measured_parameters(Speech(variant.network, variant.features.dimensions)).total == total


@EVERY_NETWORK
def test_every_declared_network_can_learn(variant: Variant) -> None:
    """A step on random features gives a finite loss and a finite gradient to every parameter.

    The variant that is declared to be infeasible gets no frames out, and is left to arithmetic.
    """
    if variant.id == "asr-dilation/7-layers":
        assert output_frames(variant.network, 190) == 0
        return
    torch.manual_seed(0)
    smoke = SMOKE.variant(variant)
    network = Speech(smoke.network, smoke.features.dimensions).train()
    lengths = [length * _frames_per_centisecond(variant) for length in (190, 170)]
    scores, frames = network(*_padded(lengths, smoke.features.dimensions))
    texts = [encode("it's a test"), encode("ok")]
    targets, target_lengths = torch.tensor([*texts[0], *texts[1]]), torch.tensor([len(text) for text in texts])
    losses = ctc_losses(scores, frames, targets, target_lengths)
    losses.sum().backward()
    assert losses.isfinite().all()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in network.parameters())


@given(networks(), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_any_network_holds_what_arithmetic_says(spec: SpeechNetwork, dimensions: int) -> None:
    """Parameters, output frames and output channels of any spec are those of the built module."""
    assume(output_frames(spec, 47) > 0)
    network = Speech(spec, dimensions).eval()
    assert measured_parameters(network) == count_parameters(spec, dimensions)
    values, lengths = _padded([60, 47], dimensions)
    scores, frames = network(values, lengths)
    assert frames.lengths.tolist() == [output_frames(spec, 60), output_frames(spec, 47)]
    assert scores.shape == (sum(frames.lengths), output_channels(spec))


@given(networks(), st.lists(st.integers(30, 70), min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_padding_does_not_change_an_utterance(spec: SpeechNetwork, lengths: list[int]) -> None:
    """In evaluation mode an utterance gives the same output alone and in a padded batch, whatever the network."""
    assume(output_frames(spec, min(lengths)) > 0)
    torch.manual_seed(0)
    network = Speech(spec, 3).eval()
    values, extents = _padded(lengths, 3)
    scores, frames = network(values, extents)
    together = scores.split(frames.lengths.tolist())
    for row, length in enumerate(lengths):
        alone, _ = network(values[row : row + 1, :length], extents[row : row + 1])
        torch.testing.assert_close(alone, together[row], atol=1e-5, rtol=1e-4)


@EVERY_NETWORK
def test_padding_does_not_change_a_documented_network(variant: Variant) -> None:
    """The same for every declared variant, narrow, on lengths like those of real speech, but for one that asks this."""
    smoke = SMOKE.variant(variant)
    network = Speech(smoke.network, smoke.features.dimensions).eval()
    lengths = [length * _frames_per_centisecond(variant) for length in (301, 263)]
    values, extents = _padded(lengths, smoke.features.dimensions)
    scores, frames = network(values, extents)
    together = scores.split(frames.lengths.tolist())
    for row, length in enumerate(lengths):
        alone, _ = network(values[row : row + 1, :length], extents[row : row + 1])
        same = torch.allclose(alone, together[row], atol=1e-5, rtol=1e-4)
        assert same == (variant.network.padding == "unseen" or length == max(lengths))


@given(networks(), st.integers(5, 40))
@settings(max_examples=30, deadline=None)
def test_batch_statistics_ignore_padding(spec: SpeechNetwork, extra: int) -> None:
    """While training, too, more padding changes neither output nor running statistics."""
    assume(output_frames(spec, 50) > 1)
    spec = _without_chance(spec)
    values, lengths = _padded([60, 50], 3)
    more = torch.nn.functional.pad(values, (0, 0, 0, extra))
    results = []
    for padded in (values, more):
        torch.manual_seed(0)
        network = Speech(spec, 3).train()
        scores, _ = network(padded, lengths)
        results.append((scores, list(network.buffers())))
    torch.testing.assert_close(results[0], results[1], atol=1e-4, rtol=1e-3)


def _without_chance(spec: SpeechNetwork) -> SpeechNetwork:
    plain = spec.to_plain()

    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {name: None if name == "dropout" else strip(item) for name, item in value.items()}
        if isinstance(value, list):
            return [strip(item) for item in value if not (isinstance(item, dict) and item.get("type") == "Dropout")]
        return value

    return SpeechNetwork.from_plain(strip(plain))  # type: ignore[arg-type]


def test_dense_connections_reach_every_later_layer() -> None:
    """Changing the input changes what the last layer is given directly: its weights see input and all outputs."""
    spec = ConvStack(layers=3, filters=4, kernel_size=3, connectivity="dense", sublayers=())
    network = Speech(SpeechNetwork(convolution=spec, recurrent=None, head=BareHead()), 5)
    assert network.convolution is not None
    assert [layer.in_channels for layer in network.convolution.layers] == [5, 9, 13]


def test_reversed_dilation_is_built_in_order() -> None:
    """The first layer of a reversed stack has the largest dilation."""
    spec = ConvStack(layers=3, filters=2, kernel_size=3, padding="valid", dilation="reversed", sublayers=())
    network = Speech(SpeechNetwork(convolution=spec, recurrent=None, head=BareHead()), 2)
    assert network.convolution is not None
    assert [layer.dilation for layer in network.convolution.layers] == [(4,), (2,), (1,)]


def test_batch_norm_is_torchs_own_on_the_real_frames() -> None:
    """Normalising packed frames equals torch's batch norm applied to those frames alone."""
    torch.manual_seed(0)
    packed = torch.randn(50, 4) * 3 + 1
    ours = Sublayers((BatchNorm(),), 4).train()
    reference = torch.nn.BatchNorm1d(4, eps=BATCH_NORM_EPSILON).train()
    torch.testing.assert_close(ours(packed), reference(packed))
    torch.testing.assert_close(next(ours.buffers()), reference.running_mean)


@pytest.mark.parametrize("kept", [0.99, 0.9, 0.0])
@pytest.mark.parametrize("network", ["speech", "sounds"])
def test_running_statistics_are_those_of_the_recipe(network: str, kept: float) -> None:
    """Uncorrected ones are torch's with the weight that is left; corrected ones forget the start."""
    norms = {"speech": lambda: Sublayers((BatchNorm(),), 4).steps[0], "sounds": lambda: ChannelNorm(4)}
    plain, corrected = (norms[network]() for _ in range(2))
    reference = torch.nn.BatchNorm1d(4, eps=BATCH_NORM_EPSILON, momentum=1 - kept).train()
    keep_statistics(plain.train(), RunningStatistics(kept=kept))
    keep_statistics(corrected.train(), RunningStatistics(kept=kept, corrected_start=True))
    torch.manual_seed(0)
    for _ in range(3):
        values = torch.randn(50, 4) * 3 + 1
        for norm in (plain, corrected, reference):
            norm(values)
    torch.testing.assert_close(plain.running_mean, reference.running_mean)
    torch.testing.assert_close(plain.running_variance, reference.running_var)
    torch.testing.assert_close(corrected.running_mean, plain.running_mean / (1 - kept**3))


def test_weights_without_counted_batches_are_read() -> None:
    """Those of earlier versions; where the start is corrected, the count is needed."""
    for made, needs_it in ((Sublayers((BatchNorm(),), 4), False), (ChannelNorm(4), True)):
        state = {name: value for name, value in made.state_dict().items() if not name.endswith("_extra_state")}
        assert len(state) == len(made.state_dict()) - 1
        with pytest.raises(RuntimeError, match="_extra_state") if needs_it else nullcontext():
            made.load_state_dict(state)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_frames_reverse_and_pack(lengths: list[int]) -> None:
    """Reversing turns real frames alone, twice is nothing; packing and unpacking are inverses. Gradients too."""
    frames = Frames(torch.tensor(lengths), 9)
    values = torch.randn(len(lengths), 9, 2, dtype=torch.double, requires_grad=True)
    turned = frames.reverse(values)
    for row, length in enumerate(lengths):
        assert torch.equal(turned[row, :length], values[row, :length].flip(0))
        assert torch.equal(turned[row, length:], values[row, length:])
    assert torch.equal(frames.reverse(turned), values)
    real = (torch.arange(9) < torch.tensor(lengths)[:, None])[:, :, None]
    masked = torch.where(real, values, 0.0)
    assert torch.equal(frames.unpack(frames.pack(values)), masked)
    weight = torch.randn_like(values)
    (gradient,) = torch.autograd.grad((frames.unpack(frames.pack(frames.reverse(values))) * weight).sum(), values)
    expected = frames.reverse(torch.where(real, weight, 0.0))
    assert torch.equal(gradient, torch.where(real, expected, 0.0))


def test_layer_frames_are_torchs() -> None:
    """Output frames by arithmetic are those of torch's convolution for every kernel, stride and dilation."""
    for kernel in (1, 2, 3, 5):
        for stride in (1, 2, 3):
            for padding in ("valid", "same") if kernel % 2 else ("valid",):
                sizes = {"layers": 3, "filters": 1, "kernel_size": kernel, "stride": stride}
                spec = ConvStack(**sizes, padding=padding, dilation="doubling", sublayers=())
                network = Speech(SpeechNetwork(convolution=spec, recurrent=None, head=BareHead()), 1)
                assert network.convolution is not None
                values, frames = torch.zeros(1, 1, 307), 307
                for index, layer in enumerate(network.convolution.layers):
                    values = layer(values)
                    frames = layer_output_frames(spec, index, frames)
                    assert values.shape[2] == frames
