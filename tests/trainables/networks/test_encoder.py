"""Conformers and Transformers on padded batches: a clip is heard as it is alone, and nothing hears the padding."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import attentions
from torch import Tensor, nn

from soundproof.search_spaces.specs import (
    AttentionStack,
    BareHead,
    ConformerStack,
    ConvolutionModule,
    SpeechNetwork,
    TransformerStack,
)
from soundproof.trainables.networks import Frames, Speech
from soundproof.trainables.networks.attention import sinusoidal_positions
from soundproof.trainables.networks.encoder import Encoder
from soundproof.trainables.networks.sublayers import BatchNorm, draw_from

CHANNELS = 3
LENGTHS = st.lists(st.integers(1, 12), min_size=2, max_size=4).filter(lambda found: len(set(found)) > 1)
TRANSFORMER = TransformerStack(layers=1, channels=4, heads=2, feed_forward_units=5, dropout=0.3)
CONFORMER = ConformerStack(
    layers=2, channels=4, heads=2, feed_forward_units=5, dropout=0.3, convolution=ConvolutionModule(kernel_size=7)
)


def _encoder(spec: AttentionStack) -> Encoder:
    """With norms that do not leave zero as it is."""
    torch.manual_seed(0)
    encoder = Encoder(spec, CHANNELS).double()
    for part in encoder.modules():
        if isinstance(part, BatchNorm):
            nn.init.normal_(part.bias, 0, 0.3)
            nn.init.normal_(part.running_mean, 0, 0.3)
            nn.init.uniform_(part.running_variance, 0.5, 2)
    return encoder


def _clips(lengths: list[int]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(len(lengths))
    return [torch.randn(length, CHANNELS, generator=generator, dtype=torch.float64) for length in lengths]


def _together(encoder: Encoder, clips: list[Tensor], *, padding: float = 0.0, more: int = 0) -> Tensor:
    """What comes out of one batch, `more` frames longer than the longest, with `padding` for what is not there."""
    lengths = torch.tensor([len(clip) for clip in clips])
    values = torch.full((len(clips), int(lengths.max()) + more, CHANNELS), padding, dtype=torch.float64)
    for row, clip in zip(values, clips, strict=True):
        row[: len(clip)] = clip
    outputs: Tensor = encoder(values, Frames(lengths, values.shape[1]))
    return outputs


@given(attentions(), LENGTHS)
@settings(max_examples=40, deadline=None)
def test_a_clip_is_heard_as_it_is_alone(spec: AttentionStack, lengths: list[int]) -> None:
    """In evaluation, beside longer ones, to rounding; and what is put out for padding is zero."""
    encoder, clips = _encoder(spec).eval(), _clips(lengths)
    with torch.no_grad():
        together = _together(encoder, clips)
        for outputs, clip in zip(together, clips, strict=True):
            (alone,) = _together(encoder, [clip])
            torch.testing.assert_close(outputs[: len(clip)], alone, rtol=0, atol=1e-10)
            assert not outputs[len(clip) :].any()


@given(attentions(), LENGTHS, st.integers(0, 4))
@settings(max_examples=40, deadline=None)
def test_nothing_hears_the_padding(spec: AttentionStack, lengths: list[int], more: int) -> None:
    """While training, outputs, running statistics and gradients do not depend on what padding there is, or how much.

    Dropout draws for frames that attend to padding, too: it is left out where there is more of it.
    """
    found, clips = [], _clips(lengths)
    for padding, frames in ((0.0, 0), (7.0, more)):
        encoder = _encoder(spec).train()
        for part in encoder.modules():
            if hasattr(part, "rate"):
                part.eval()
        outputs = _together(encoder, clips, padding=padding, more=frames)
        outputs.square().sum().backward()
        gradients = [parameter.grad for parameter in encoder.parameters() if parameter.grad is not None]
        found.append([outputs[:, : max(lengths)].detach(), *encoder.buffers(), *gradients])
    assert len(found[0]) == len(found[1]) > len(list(_encoder(spec).parameters()))
    for here, there in zip(*found, strict=True):
        torch.testing.assert_close(there, here, rtol=0, atol=1e-9)


@pytest.mark.parametrize("spec", [CONFORMER, TRANSFORMER], ids=["Conformer", "Transformer"])
def test_padding_that_is_seen_is_heard(spec: AttentionStack) -> None:
    """As by code without masks: the same clip, with another amount of padding behind it, is put out otherwise.

    What comes out is what a batch without padding gives where the zeros are frames like any other.
    """
    torch.manual_seed(0)
    network = Speech(
        SpeechNetwork(convolution=None, recurrent=None, attention=spec, head=BareHead(), padding="seen"), CHANNELS
    )
    network.eval()
    values = torch.randn(1, 9, CHANNELS)
    values[0, 6:] = 0
    with torch.no_grad():
        scores, frames = network(values, torch.tensor([6]))
        fewer, _ = network(values[:, :7], torch.tensor([6]))
        everything, _ = network(values, torch.tensor([9]))
    assert frames.lengths.tolist() == [6]
    assert (scores - fewer).abs().max() > 1e-3
    torch.testing.assert_close(scores, everything[:6])


@pytest.mark.parametrize("spec", [CONFORMER, TRANSFORMER], ids=["Conformer", "Transformer"])
def test_all_dropout_draws_from_the_trials_generator(spec: AttentionStack) -> None:
    """The same seed, the same outputs; the global generator is left as it was; every dropout is one of ours."""
    encoder, clips = _encoder(spec).train(), _clips([5, 9])
    assert not any(isinstance(part, nn.Dropout | nn.MultiheadAttention) for part in encoder.modules())
    outputs = []
    before = torch.get_rng_state()
    for seed in (1, 1, 2):
        draw_from(encoder, torch.Generator().manual_seed(seed))
        with torch.no_grad():
            outputs.append(_together(encoder, clips))
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])
    assert torch.equal(torch.get_rng_state(), before)


def test_positions_are_sines_and_cosines_in_turn() -> None:
    """Of the place over 10,000 to the power of the channel's share; an odd number of channels ends with a sine."""
    found = sinusoidal_positions(50, 7, torch.zeros(1))
    for place, channel in ((0, 0), (0, 1), (13, 2), (13, 3), (49, 6)):
        angle = place / 10_000 ** ((channel - channel % 2) / 7)
        expected = math.cos(angle) if channel % 2 else math.sin(angle)
        assert float(found[place, channel]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("positions", "told"), [("none", False), ("sinusoidal", True)])
def test_without_positions_the_order_is_nothing_to_attention(positions: str, told: bool) -> None:
    """Frames in another order come out in that order where nothing tells their places: no convolutions, no sines."""
    spec = ConformerStack(
        layers=2, channels=4, heads=2, feed_forward_units=5, dropout=None, convolution=None, positions=positions
    )
    encoder, (clip,) = _encoder(spec).eval(), _clips([11])
    order = torch.randperm(11, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        outputs, turned = _together(encoder, [clip])[0], _together(encoder, [clip[order]])[0]
    assert torch.allclose(turned, outputs[order], atol=1e-9) == (not told)
