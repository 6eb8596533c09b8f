"""Speech networks as one writes them by hand in torch: the library's layers in order, over padded batches.

Padding is ordinary input to every layer, as in most such code: convolutions and batch norm see it, and the backward
direction starts on it. Scores of an utterance therefore depend a little on what else is in its batch.
"""

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from soundproof.common.errors import UserError
from soundproof.search_spaces.specs import (
    BatchNorm,
    ConvStack,
    DenseHead,
    Dropout,
    RecurrentStack,
    Relu,
    SpeechNetwork,
    Sublayer,
)
from soundproof.search_spaces.specs.network import Cell, Merge

BATCH_NORM_EPSILON = 1e-3
LAYERS: dict[Cell, Any] = {"simple_rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class RivalError(UserError):
    """The rivals have no code for what was asked of them. The message says for what."""


class PlainSpeech(nn.Module):
    """Features (batch, frames, dimensions) to log-probabilities (output frames, batch, symbols), as CTC wants them.

    A simple cell has the library's two bias vectors, one more than documented. Raises `RivalError` for dense
    connections.
    """

    def __init__(self, spec: SpeechNetwork, dimensions: int) -> None:
        super().__init__()
        _check_plain(spec)
        channels = dimensions
        self.convolution = nn.Sequential()
        if spec.convolution is not None:
            self.convolution = _convolution(spec.convolution, channels)
            channels = spec.convolution.filters
        self.recurrent = nn.ModuleList()
        if spec.recurrent is not None:
            layers = [PlainRecurrent(spec.recurrent, channels)]
            channels = layers[0].channels
            for _ in range(spec.recurrent.layers - 1):
                layers.append(PlainRecurrent(spec.recurrent, channels, after=spec.recurrent.sublayers_between))
                channels = layers[-1].channels
            self.recurrent = nn.ModuleList(layers)
        self.head = nn.Sequential()
        if isinstance(spec.head, DenseHead):
            dense = nn.Linear(channels, spec.head.outputs)
            self.head = nn.Sequential(*_sublayers(spec.head.sublayers, channels), dense)
        self.apply(_initialise)

    def forward(self, features: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities, and the output frames (batch,) of utterances with so many frames of features."""
        values = self.convolution(features.transpose(1, 2)).transpose(1, 2)
        for layer in self.recurrent:
            values = layer(values)
        scores = self.head(values.flatten(0, 1)).unflatten(0, values.shape[:2])
        return scores.log_softmax(dim=2).transpose(0, 1), self.output_lengths(lengths)

    def output_lengths(self, lengths: Tensor) -> Tensor:
        """Frames after the convolutions, by the formula in the library's documentation of `Conv1d`."""
        for layer in self.convolution:
            if isinstance(layer, nn.Conv1d):
                assert isinstance(layer.padding[0], int)
                reach = layer.dilation[0] * (layer.kernel_size[0] - 1)
                lengths = (lengths + 2 * layer.padding[0] - reach - 1) // layer.stride[0] + 1
        return lengths


class PlainRecurrent(nn.Module):
    """One recurrent layer of the library, after sublayers that stand between it and the layer before.

    The first layer of a stack (`after` is None) has two directions where the stack merges them, the others have one.
    """

    def __init__(self, stack: RecurrentStack, channels: int, after: tuple[Sublayer, ...] | None = None) -> None:
        super().__init__()
        self.merge: Merge | None = stack.merge if after is None else None
        self.before = nn.Sequential(*_sublayers(after or (), channels))
        self.layer: nn.RNNBase = LAYERS[stack.cell](
            channels, stack.units, batch_first=True, bidirectional=self.merge is not None
        )
        self.channels = 2 * stack.units if self.merge == "concat" else stack.units
        _initialise_recurrent(self.layer, stack.cell)

    def forward(self, values: Tensor) -> Tensor:
        """(batch, frames, channels) to (batch, frames, `self.channels`)."""
        values = self.before(values.flatten(0, 1)).unflatten(0, values.shape[:2])
        states: Tensor = self.layer(values)[0]
        if self.merge is None or self.merge == "concat":
            return states
        ahead, behind = states.chunk(2, dim=2)
        match self.merge:
            case "sum":
                return ahead + behind
            case "ave":
                return (ahead + behind) / 2
            case "mul":
                return ahead * behind


def _check_plain(spec: SpeechNetwork) -> None:
    for stack in (spec.convolution, spec.recurrent):
        if stack is not None and stack.connectivity != "plain":
            raise RivalError(
                f'the networks of the rivals have connectivity "plain", got {stack.connectivity!r}: '
                "choose a study without dense connections"
            )


def _convolution(stack: ConvStack, channels: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    widths = [channels, *[stack.filters] * stack.layers]
    for (inputs, filters), dilation in zip(pairwise(widths), stack.dilations, strict=True):
        padding = dilation * (stack.kernel_size - 1) // 2 if stack.padding == "same" else 0
        layers.append(
            nn.Conv1d(inputs, filters, stack.kernel_size, stride=stack.stride, padding=padding, dilation=dilation)
        )
        layers += _sublayers(stack.sublayers, filters)
    return nn.Sequential(*layers)


def _sublayers(sublayers: tuple[Sublayer, ...], channels: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for sublayer in sublayers:
        match sublayer:
            case Relu():
                layers.append(nn.ReLU())
            case BatchNorm():
                layers.append(nn.BatchNorm1d(channels, eps=BATCH_NORM_EPSILON))
            case Dropout(rate=rate):
                layers.append(nn.Dropout(rate))
    return layers


def _initialise(module: nn.Module) -> None:
    """Glorot uniform weights and zero biases, as documented."""
    if isinstance(module, nn.Conv1d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _initialise_recurrent(layer: nn.RNNBase, cell: Cell) -> None:
    """All gates at once: Glorot uniform for inputs, orthogonal for states; biases zero, an LSTM's forget gate open."""
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            if name.startswith("weight_ih"):
                nn.init.xavier_uniform_(parameter)
            elif name.startswith("weight_hh"):
                nn.init.orthogonal_(parameter)
            else:
                nn.init.zeros_(parameter)
                if cell == "lstm" and name.startswith("bias_ih"):
                    nn.init.ones_(parameter.chunk(4)[1])
