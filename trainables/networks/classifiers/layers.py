"""Layers that several classifiers share, with the conventions of the libraries that their documents used.

Shapes: (batch, channels, axis 1, axis 2, ...). Keras pads "same" by one more at the end than at the start where the
total is odd; poolings are padded with minus infinity, so that padding is never the largest.
"""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from soundproof.search_spaces.specs.classifiers import AlphaDropout
from soundproof.search_spaces.specs.sublayers import Dropout
from soundproof.trainables.networks.initialisation import glorot_uniform_
from soundproof.trainables.networks.sublayers import BatchNorm
from soundproof.trainables.networks.sublayers import Dropout as FastDropout


class NormSettings(NamedTuple):
    """Batch norm's constants: `momentum` is the weight of a batch in the running mean and variance."""

    epsilon: float
    momentum: float


KERAS_NORM = NormSettings(epsilon=1e-3, momentum=0.01)
TORCH_NORM = NormSettings(epsilon=1e-5, momentum=0.1)


class ChannelNorm(BatchNorm):
    """Batch norm of classifiers, whose running statistics have a corrected start unless a recipe says otherwise."""

    def __init__(self, channels: int, settings: NormSettings = KERAS_NORM) -> None:
        super().__init__(channels, epsilon=settings.epsilon, momentum=settings.momentum, corrected_start=True)


class SamePad(nn.Module):
    """Pads each axis so that windows of `size` every `stride` number ceil(axis / stride)."""

    def __init__(self, size: tuple[int, ...], stride: tuple[int, ...], value: float) -> None:
        super().__init__()
        self.size, self.stride, self.value = size, stride, value

    def forward(self, values: Tensor) -> Tensor:
        """One more at the end than at the start where the total is odd."""
        amounts: list[int] = []
        for length, size, stride in zip(values.shape[2:], self.size, self.stride, strict=True):
            total = max(0, (-(-length // stride) - 1) * stride + size - length)
            amounts = [total // 2, total - total // 2, *amounts]  # the library wants the last axis first
        return functional.pad(values, amounts, value=self.value) if any(amounts) else values


def same_pool(size: tuple[int, ...], stride: tuple[int, ...]) -> list[nn.Module]:
    """Max pool with "same" padding, over one axis or two."""
    pool = nn.MaxPool1d(size[0], stride[0]) if len(size) == 1 else nn.MaxPool2d(size, stride)
    return [SamePad(size, stride, -torch.inf), pool]


def dropout_modules(dropout: AlphaDropout | Dropout | float | None) -> list[nn.Module]:
    """The dropout asked for, if any."""
    match dropout:
        case None:
            return []
        case AlphaDropout(rate=rate):
            return [nn.AlphaDropout(rate)]
        case Dropout(rate=rate) | (float() as rate):
            return [FastDropout(rate)]


def glorot(layers: Iterable[nn.Module]) -> nn.Sequential:
    """`layers` in a row, convolutions and dense layers initialised as Keras does by default."""
    row = nn.Sequential(*layers)
    for layer in row.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            glorot_uniform_(layer)
        elif isinstance(layer, nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)
    return row


def image(features: Tensor) -> Tensor:
    """Features (batch, frames, dimensions) as (batch, 1, dimensions, frames)."""
    return features.transpose(1, 2).unsqueeze(1)
