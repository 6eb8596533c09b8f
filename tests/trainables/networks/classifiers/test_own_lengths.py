"""Clips of several lengths in one batch: each is heard as it is heard alone, and padding is heard by nothing."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from soundproof.search_spaces.arithmetic.classifiers import (
    classifier_infeasibility,
    several_lengths_refused,
    takes_any_length,
)
from soundproof.search_spaces.specs import (
    ConformerStack,
    ConvolutionModule,
    ConvStack,
    CustomClassifier,
    TransformerStack,
    classifiers,
)
from soundproof.search_spaces.specs.classifiers import (
    AlphaDropout,
    AttentionClassifier,
    Classifier,
    CrnnBlock,
    FrameCnn,
    FrameCnnLstm,
    GenreCrnn,
    MaxPool,
    SeResNet,
    SeStage,
    SoundBlock,
    VggDense,
    VggPair,
    WaveformVgg,
)
from soundproof.search_spaces.specs.sublayers import BatchNorm, Dropout, Relu
from soundproof.trainables.networks import sublayers
from soundproof.trainables.networks.classifiers import build_classifier
from soundproof.trainables.training.tasks.classification import class_logits

BANDS = 9
_BLOCKS = (
    SoundBlock(filters=3, kernel_size=3, sublayers=(MaxPool(size=2), BatchNorm())),
    SoundBlock(filters=4, kernel_size=2, sublayers=(BatchNorm(), MaxPool(size=2))),
)
_CRNN = GenreCrnn(
    blocks=(
        CrnnBlock(filters=3, kernel=(3, 4), pool=(2, 2), dropout=None),
        CrnnBlock(filters=4, kernel=(2, 3), pool=(2, 3), dropout=None),
    ),
    gru_units=(5, 4),
    dropout=None,
    dense=6,
    classes=3,
)
_STRIDED = ConvStack(layers=1, filters=4, kernel_size=3, stride=2, padding="valid", sublayers=(Relu(), BatchNorm()))
_ATTENTION: dict[str, Any] = {"layers": 2, "channels": 6, "heads": 2, "feed_forward_units": 7, "dropout": None}
_CONFORMER = ConformerStack(**_ATTENTION, convolution=ConvolutionModule(kernel_size=5), positions="sinusoidal")
_GROUP_NORM = replace(_CONFORMER, convolution=ConvolutionModule(kernel_size=3, norm="group", first=True))
FAMILIES: dict[str, Classifier] = {
    "AttentionClassifier": AttentionClassifier(
        convolution=_STRIDED, attention=_CONFORMER, pooling="attention", dropout=None, classes=3
    ),
    "AttentionClassifier, group norm": AttentionClassifier(
        convolution=replace(_STRIDED, layers=2, padding="same"),
        attention=_GROUP_NORM,
        pooling="mean",
        dropout=None,
        classes=3,
    ),
    "AttentionClassifier, Transformer": AttentionClassifier(
        convolution=replace(_STRIDED, stride=1),
        attention=TransformerStack(**_ATTENTION, norm="after"),
        pooling="maximum",
        dropout=None,
        classes=3,
    ),
    "FrameCnn": FrameCnn(blocks=_BLOCKS, dense=(5,), classes=3),
    "FrameCnn of values": FrameCnn(blocks=_BLOCKS, dense=(5,), classes=1),
    "FrameCnnLstm": FrameCnnLstm(blocks=_BLOCKS, lstm_units=5, dropout=None, classes=3),
    "GenreCrnn, row major": _CRNN,
    "GenreCrnn, time major": replace(_CRNN, sequence="time_major"),
    "SeResNet": SeResNet(
        stages=(
            SeStage(channels=3, blocks=1, pool=False, dropout=None),
            SeStage(channels=4, blocks=2, pool=True, dropout=None),
        ),
        bottleneck=2,
        dense=5,
        dropout=None,
        classes=3,
    ),
    "WaveformVgg": WaveformVgg(
        pairs=(VggPair(channels=3), VggPair(channels=4)),
        kernel_size=5,
        dense=(VggDense(units=5, dropout=None),),
        classes=3,
    ),
}
EVERY_FAMILY = pytest.mark.parametrize("family", FAMILIES)
LEAST_FRAMES = 6
"""Of which every one of these networks leaves something."""

LENGTHS = st.lists(st.integers(LEAST_FRAMES, 30), min_size=2, max_size=5).filter(lambda found: len(set(found)) > 1)


def _network(family: str) -> nn.Module:
    torch.manual_seed(0)
    dimensions = 1 if family == "WaveformVgg" else BANDS
    network = build_classifier(FAMILIES[family], LEAST_FRAMES, dimensions).double()
    for norm in network.modules():
        if isinstance(norm, sublayers.BatchNorm):  # so that zero is not what it gives for zero
            nn.init.normal_(norm.weight, 1, 0.3)
            nn.init.normal_(norm.bias, 0, 0.3)
            nn.init.normal_(norm.running_mean, 0, 0.3)
            nn.init.uniform_(norm.running_variance, 0.5, 2)
    return network


def _clips(family: str, lengths: list[int]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(len(lengths))
    dimensions = 1 if family == "WaveformVgg" else BANDS
    return [torch.randn(length, dimensions, generator=generator, dtype=torch.float64) for length in lengths]


def _together(family: str, network: nn.Module, clips: list[Tensor], *, padding: float = 0.0, more: int = 0) -> Tensor:
    """The logits of one batch, `more` frames longer than the longest, with `padding` for what is not there."""
    lengths = torch.tensor([len(clip) for clip in clips])
    values = torch.full((len(clips), int(lengths.max()) + more, clips[0].shape[1]), padding, dtype=torch.float64)
    for row, clip in zip(values, clips, strict=True):
        row[: len(clip)] = clip
    return class_logits(FAMILIES[family], network, values, lengths)


def _alone(family: str, network: nn.Module, clips: list[Tensor]) -> Tensor:
    return torch.cat([class_logits(FAMILIES[family], network, clip[None]) for clip in clips])


def _close(found: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-9)


@EVERY_FAMILY
@settings(deadline=None, max_examples=15)
@given(lengths=LENGTHS)
def test_a_clip_is_heard_as_it_is_alone(family: str, lengths: list[int]) -> None:
    """In evaluation, beside clips of any other length; and clips are told apart, or this would show nothing."""
    network, clips = _network(family).eval(), _clips(family, lengths)
    with torch.no_grad():
        alone = _alone(family, network, clips)
        _close(_together(family, network, clips), alone)
        assert alone.std(dim=0).max() > 1e-6


@EVERY_FAMILY
@settings(deadline=None, max_examples=10)
@given(lengths=LENGTHS, more=st.integers(0, 5))
def test_nothing_hears_the_padding(family: str, lengths: list[int], more: int) -> None:
    """While training, logits, running statistics and gradients do not depend on how much or what padding there is."""
    found = []
    clips = _clips(family, lengths)
    for padding, frames in ((0.0, 0), (7.0, more)):
        network = _network(family).train()
        logits = _together(family, network, clips, padding=padding, more=frames)
        logits.square().sum().backward()
        gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
        found.append([logits.detach(), *network.buffers(), *gradients])
    assert len(found[0]) == len(found[1]) > len(list(_network(family).parameters()))
    for here, there in zip(*found, strict=True):
        _close(there, here)


@EVERY_FAMILY
@settings(deadline=None, max_examples=10)
@given(lengths=LENGTHS)
def test_batch_statistics_are_those_of_the_unpadded_frames(family: str, lengths: list[int]) -> None:
    """With the statistics of a training batch put into a network, each clip alone gets the logits of that batch.

    So every batch norm, at any depth, saw the frames of the clips and nothing else. The first batch is all that the
    running statistics know; they hold the unbiased variance, the batch is normalised by the other one.
    """
    network, clips = _network(family).train(), _clips(family, lengths)
    seen: dict[nn.Module, int] = {}
    norms = [module for module in network.modules() if isinstance(module, sublayers.BatchNorm)]
    for norm in norms:
        norm.register_forward_hook(
            lambda module, given, _: seen.__setitem__(module, given[0].numel() // len(module.weight))
        )
    with torch.no_grad():
        trained = _together(family, network, clips)
        numbers = dict(seen)
        assert len(numbers) == len(norms) > 0
        for norm, number in numbers.items():
            norm.running_variance.mul_((number - 1) / number)
        _close(_alone(family, network.eval(), clips), trained)


@EVERY_FAMILY
def test_clips_of_one_length_are_heard_as_ever(family: str) -> None:
    """Bit for bit what the network gave before there were lengths, training or not, gradients too."""
    lengths = torch.full((4,), 20)
    values = torch.stack(_clips(family, lengths.tolist())).float()
    for training in (True, False):
        found = []
        for told in (lengths, None):
            network = _network(family).float().train(training)
            logits = class_logits(FAMILIES[family], network, values, told)
            logits.square().sum().backward()
            gradients: list[Any] = [parameter.grad for parameter in network.parameters()]
            found.append([logits, *gradients, *network.buffers()])
        assert all(torch.equal(here, there) for here, there in zip(*found, strict=True))


@pytest.mark.parametrize("dropout", [Dropout(rate=0.5), AlphaDropout(rate=0.5)])
def test_dropped_values_are_no_padding(dropout: Dropout | AlphaDropout) -> None:
    """A dropout that puts another value in the place of zeros leaves a network that trains on finite numbers."""
    blocks = tuple(replace(block, dropout=dropout) for block in _CRNN.blocks)
    network = build_classifier(replace(_CRNN, blocks=blocks, dropout=dropout), LEAST_FRAMES, BANDS).double().train()
    logits = _together("GenreCrnn, row major", network, _clips("GenreCrnn, row major", [6, 17, 30]))
    logits.sum().backward()
    assert logits.isfinite().all()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


def test_the_shortest_decides() -> None:
    """These networks leave something of the shortest clip here, and the recurrent one nothing of a shorter one."""
    assert all(
        classifier_infeasibility(spec, LEAST_FRAMES, 1 if name == "WaveformVgg" else BANDS) is None
        for name, spec in FAMILIES.items()
    )
    assert classifier_infeasibility(_CRNN, LEAST_FRAMES - 1, BANDS) is not None


def test_who_takes_any_length() -> None:
    """Six families do; the others say what would be for them, in words."""
    assert all(map(takes_any_length, FAMILIES.values()))
    flat = classifiers.FeedForward(dense=(4,), classes=3)
    assert several_lengths_refused(FAMILIES["SeResNet"], 12, 431) is None
    reason = several_lengths_refused(flat, 12, 431)
    assert reason is not None
    assert reason.startswith("FeedForward takes clips of one length, and each has its own, 12 to 431 frames: --clip-")
    own = several_lengths_refused(CustomClassifier(name="Mine", settings=(), source="0" * 64, classes=3), 12, 431)
    assert own is not None
    assert own.startswith("Mine takes clips of one length")
