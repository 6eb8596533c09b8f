"""Conformers and Transformers against those of other libraries, with the same weights on clips of one length."""

from typing import Any, Literal

import pytest
import torch
from torch import Tensor, nn

from soundproof.search_spaces.arithmetic.attention import count_attention_parameters
from soundproof.search_spaces.specs import ConformerStack, ConvolutionModule, TransformerStack
from soundproof.trainables import audio_maths  # torchaudio can be imported after it, whatever its extension wants
from soundproof.trainables.networks import Frames, measured_parameters
from soundproof.trainables.networks.attention import SelfAttention
from soundproof.trainables.networks.conformer import ConformerLayer
from soundproof.trainables.networks.encoder import Encoder
from soundproof.trainables.networks.transformer import TransformerLayer

assert audio_maths
from torchaudio.models import Conformer  # noqa: E402  # after the safe import

CHANNELS, HEADS, UNITS, LAYERS, KERNEL = 12, 3, 20, 2, 5

CONFORMERS = [
    ConformerStack(
        layers=LAYERS,
        channels=CHANNELS,
        heads=HEADS,
        feed_forward_units=UNITS,
        dropout=None,
        convolution=ConvolutionModule(kernel_size=KERNEL, norm=norm, first=first),
    )
    for norm in ("batch", "group")
    for first in (False, True)
]
TRANSFORMERS = [
    TransformerStack(
        layers=LAYERS,
        channels=CHANNELS,
        heads=HEADS,
        feed_forward_units=UNITS,
        dropout=None,
        norm=norm,
        positions="none",
    )
    for norm in ("before", "after")
]


def _torchaudios(spec: ConformerStack) -> Any:
    assert spec.convolution is not None
    return Conformer(
        CHANNELS,
        HEADS,
        UNITS,
        LAYERS,
        KERNEL,
        use_group_norm=spec.convolution.norm == "group",
        convolution_first=spec.convolution.first,
    )


def _torchs(spec: TransformerStack) -> nn.TransformerEncoder:
    before = spec.norm == "before"
    layer = nn.TransformerEncoderLayer(CHANNELS, HEADS, UNITS, dropout=0.0, batch_first=True, norm_first=before)
    last = nn.LayerNorm(CHANNELS) if before else None
    return nn.TransformerEncoder(layer, LAYERS, norm=last, enable_nested_tensor=False)


def _vary(reference: nn.Module) -> nn.Module:
    """Every parameter at random, so that a norm or a bias that were left out would show."""
    with torch.no_grad():
        for parameter in reference.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return reference


def _copy(ours: Any, theirs: Any) -> None:
    """The weights of a part of another library into ours; a convolution over one frame is a dense layer."""
    with torch.no_grad():
        ours.weight.copy_(theirs.weight.view_as(ours.weight))
        ours.bias.copy_(theirs.bias)


def _copy_attention(ours: SelfAttention, theirs: Any) -> None:
    with torch.no_grad():
        ours.inputs.weight.copy_(theirs.in_proj_weight)
        ours.inputs.bias.copy_(theirs.in_proj_bias)
    _copy(ours.output, theirs.out_proj)


def _copy_conformer(ours: ConformerLayer, theirs: Any) -> None:
    for half, other in ((ours.first_half, theirs.ffn1), (ours.second_half, theirs.ffn2)):
        for place in (0, 1, 4):
            _copy(half[place], other.sequential[place])
    _copy(ours.attention_norm, theirs.self_attn_layer_norm)
    _copy_attention(ours.attention, theirs.self_attn)
    _copy(ours.final_norm, theirs.final_layer_norm)
    convolution, other = ours.convolution, theirs.conv_module
    assert convolution is not None
    _copy(convolution.norm, other.layer_norm)
    for part, place in (("gated", 0), ("by_channel", 2), ("channel_norm", 3), ("output", 5)):
        _copy(getattr(convolution, part), other.sequential[place])


def _copy_transformer(ours: TransformerLayer, theirs: Any) -> None:
    _copy_attention(ours.attention, theirs.self_attn)
    _copy(ours.feed_forward[0], theirs.linear1)
    _copy(ours.feed_forward[3], theirs.linear2)
    _copy(ours.attention_norm, theirs.norm1)
    _copy(ours.feed_forward_norm, theirs.norm2)


def _outputs(encoder: Encoder, values: Tensor) -> Tensor:
    lengths = torch.full((len(values),), values.shape[1])
    outputs: Tensor = encoder(values, Frames(lengths, values.shape[1]))
    return outputs


@pytest.mark.parametrize("mode", ["training", "evaluation"])
@pytest.mark.parametrize("spec", CONFORMERS, ids=ConformerStack.to_json)
def test_a_conformer_is_torchaudios(spec: ConformerStack, mode: Literal["training", "evaluation"]) -> None:
    """Outputs, gradients of the inputs and running statistics, where nothing is padded."""
    torch.manual_seed(0)
    theirs, ours = _vary(_torchaudios(spec)), Encoder(spec, CHANNELS)
    for layer, other in zip(ours.layers, theirs.conformer_layers, strict=True):
        _copy_conformer(layer, other)
    values, lengths = torch.randn(4, 17, CHANNELS), torch.full((4,), 17)
    for network in (ours, theirs):
        network.train(mode == "training")
    given = [values.clone().requires_grad_() for _ in range(2)]
    found = [_outputs(ours, given[0]), theirs(given[1], lengths)[0]]
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-5)
    for outputs in found:
        outputs.square().sum().backward()
    torch.testing.assert_close(given[0].grad, given[1].grad, rtol=1e-4, atol=1e-4)
    statistics = [buffer for buffer in theirs.buffers() if buffer.dim() == 1]
    assert len(statistics) == (2 * LAYERS if spec.convolution and spec.convolution.norm == "batch" else 0)
    for buffer, other in zip(ours.buffers(), statistics, strict=True):
        torch.testing.assert_close(buffer, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("spec", CONFORMERS, ids=ConformerStack.to_json)
def test_a_conformer_has_torchaudios_parameters(spec: ConformerStack) -> None:
    """As arithmetic says, too. Torchaudio's counts batches beside."""
    theirs = _torchaudios(spec)
    count = count_attention_parameters(spec, CHANNELS)
    assert count == measured_parameters(Encoder(spec, CHANNELS))
    assert count.trainable == sum(parameter.numel() for parameter in theirs.parameters())
    assert count.non_trainable == sum(buffer.numel() for buffer in theirs.buffers() if buffer.dim() == 1)


@pytest.mark.parametrize("spec", TRANSFORMERS, ids=TransformerStack.to_json)
def test_a_transformer_is_torchs(spec: TransformerStack) -> None:
    """Outputs and gradients of the inputs, and as many parameters."""
    torch.manual_seed(0)
    theirs, ours = _vary(_torchs(spec)).train(), Encoder(spec, CHANNELS).train()
    for layer, other in zip(ours.layers, theirs.layers, strict=True):
        _copy_transformer(layer, other)
    if theirs.norm is not None:
        _copy(ours.final_norm, theirs.norm)
    given = [torch.randn(4, 17, CHANNELS).requires_grad_()]
    given.append(given[0].detach().clone().requires_grad_())
    found = [_outputs(ours, given[0]), theirs(given[1])]
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-5)
    for outputs in found:
        outputs.square().sum().backward()
    torch.testing.assert_close(given[0].grad, given[1].grad, rtol=1e-4, atol=1e-4)
    assert count_attention_parameters(spec, CHANNELS) == measured_parameters(ours) == measured_parameters(theirs)


def test_initial_weights_are_spread_as_the_libraries_do() -> None:
    """Each weight has the deviation that torchaudio's has, on average over many; attention's biases are zero."""
    spec = CONFORMERS[0]
    torch.manual_seed(0)
    deviations = []
    for made in (_torchaudios(spec), Encoder(spec, CHANNELS)):
        weights = [parameter for parameter in made.parameters() if parameter.dim() > 1]
        deviations.append(sorted((parameter.numel(), float(parameter.detach().std())) for parameter in weights))
    for (size, one), (other_size, other) in zip(*deviations, strict=True):
        assert size == other_size
        assert one == pytest.approx(other, rel=0.35)
    for layer in Encoder(spec, CHANNELS).layers:
        assert not layer.attention.inputs.bias.any()
        assert not layer.attention.output.bias.any()
