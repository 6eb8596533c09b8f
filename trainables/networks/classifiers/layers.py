"""Layers that several classifiers share, with the conventions of the libraries that their documents used.

Shapes: (batch, channels, axis 1, axis 2, ...). Keras pads "same" by one more at the end than at the start where the
total is odd; poolings are padded with minus infinity, so that padding is never the largest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from soundproof.search_spaces.specs.classifiers import AlphaDropout
from soundproof.search_spaces.specs.sublayers import Dropout
from soundproof.trainables.networks.dropout import Dropout as FastDropout
from soundproof.trainables.networks.initialisation import glorot_uniform_


class NormSettings(NamedTuple):
    """Batch norm's constants: `momentum` is the weight of a batch in the running mean and variance."""

    epsilon: float
    momentum: float


KERAS_NORM = NormSettings(epsilon=1e-3, momentum=0.01)
TORCH_NORM = NormSettings(epsilon=1e-5, momentum=0.1)


class ChannelNorm(nn.Module):
    """Batch norm: each channel over the batch and all other axes.

    The running mean and variance are those of the batches seen, never of the 0 and 1 that they start from: a weight of
    0.01 a batch would take hundreds of steps to forget these, and a network is judged long before. In the long run it
    makes no difference. One value per channel has no variance, so a batch of it is normalised as in evaluation.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, channels: int, settings: NormSettings = KERAS_NORM) -> None:
        super().__init__()
        self.settings = settings
        self._batches = 0
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_variance", torch.ones(channels))

    def forward(self, values: Tensor) -> Tensor:
        """Normalise by the batch while training, by the running statistics otherwise."""
        by_batch = self.training and values.numel() > values.shape[1]
        self._batches += by_batch
        return functional.batch_norm(
            values,
            self.running_mean,
            self.running_variance,
            self.weight,
            self.bias,
            training=by_batch,
            momentum=self._momentum() if by_batch else 0.0,
            eps=self.settings.epsilon,
        )

    def _momentum(self) -> float:
        """The weight of this batch, corrected for where the running statistics began (as Adam corrects its own)."""
        weight = self.settings.momentum
        return weight / (1 - (1 - weight) ** self._batches)

    def get_extra_state(self) -> Tensor:
        """Batches seen, kept with the weights so that training can go on."""
        return torch.tensor(self._batches)

    def set_extra_state(self, state: Tensor) -> None:
        """See `get_extra_state`."""
        self._batches = int(state)


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
        case Dropout(rate=rate):
            return [FastDropout(rate)]
        case float():
            return [FastDropout(dropout)]


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
