"""Activation, batch norm and dropout in the order that a spec gives, over the real frames of a padded batch.

Classifiers take batch norm and dropout from here too. Dropout draws from a generator of its own, and its mask costs a
quarter of the library's on a CPU.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from soundproof.search_spaces import specs

BATCH_NORM_EPSILON = 1e-3
BATCH_NORM_MOMENTUM = 0.1
"""Weight of a batch in the running mean and variance."""

_DROPOUT_STEPS = 1 << 16
"""On a CPU rates are rounded to one in 65,536: sixteen random bits decide about a value. The library spends 64."""


class Sublayers(nn.Module):
    """`sublayers` in order, on packed frames: (real frames, channels) to the same shape."""

    def __init__(self, sublayers: tuple[specs.Sublayer, ...], channels: int) -> None:
        super().__init__()
        self.steps = nn.Sequential(*(_build(sublayer, channels) for sublayer in sublayers))

    def forward(self, packed: Tensor) -> Tensor:
        """Apply every sublayer."""
        out: Tensor = self.steps(packed)
        return out


def _build(sublayer: specs.Sublayer, channels: int) -> nn.Module:
    match sublayer:
        case specs.Relu():
            return nn.ReLU()
        case specs.BatchNorm():
            return BatchNorm(channels, epsilon=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM)
        case specs.Dropout(rate=rate):
            return Dropout(rate)


class BatchNorm(nn.Module):
    """Batch norm: each channel over the batch and all other axes, (batch, channels, ...) to the same shape.

    One value per channel has no variance, so a batch of it is normalised as in evaluation.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, channels: int, *, epsilon: float, momentum: float, corrected_start: bool = False) -> None:
        """`momentum` is the weight of a batch in the running mean and variance.

        With `corrected_start` these are of the batches seen, never of the 0 and 1 at the start: a weight of 0.01 a
        batch would take hundreds of steps to forget these, and a network is judged long before. In the long run it
        makes no difference.
        """
        super().__init__()
        self.epsilon, self.momentum, self.corrected_start = epsilon, momentum, corrected_start
        self._batches = 0
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_variance", torch.ones(channels))

    def forward(self, values: Tensor) -> Tensor:
        """Normalise by the batch while training, by the running statistics otherwise."""
        by_batch = self.training and values.numel() > values.shape[1]
        momentum = self.weight_of_batch() if by_batch else 0.0
        running, affine = (self.running_mean, self.running_variance), (self.weight, self.bias)
        return functional.batch_norm(values, *running, *affine, training=by_batch, momentum=momentum, eps=self.epsilon)

    def weight_of_batch(self) -> float:
        """The weight in the running statistics of the batch that is being normalised. Called once for each."""
        self._batches += 1
        return self.momentum / (1 - (1 - self.momentum) ** self._batches) if self.corrected_start else self.momentum

    def get_extra_state(self) -> Tensor:
        """Batches seen, kept with the weights so that training can go on."""
        return torch.tensor(self._batches)

    def set_extra_state(self, state: Tensor) -> None:
        """See `get_extra_state`."""
        self._batches = int(state)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *others: Any) -> None:
        """Weights of earlier versions lack the count of batches, which only a corrected start needs."""
        if not self.corrected_start:
            state_dict.setdefault(f"{prefix}_extra_state", torch.tensor(0))
        super()._load_from_state_dict(state_dict, prefix, *others)


class Dropout(nn.Module):
    """Each value is zeroed with probability `rate` while training, the others scaled by 1 / (1 - rate)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.generator: torch.Generator | None = None
        """Where masks come from; None is torch's global generator."""

    def forward(self, values: Tensor) -> Tensor:
        """The same shape."""
        if not self.training:
            return values
        return values * self._mask(values)

    def _mask(self, values: Tensor) -> Tensor:
        """0 or 1 / (1 - rate) for each of `values`."""
        if values.device.type == "cpu":
            words = torch.empty(-(-values.numel() // 4), dtype=torch.int64)
            words.random_(-(2**63), None, generator=self.generator)
            bits = words.view(torch.int16)[: values.numel()].view(values.shape)
            kept = (bits >= round(self.rate * _DROPOUT_STEPS) - _DROPOUT_STEPS // 2).to(values.dtype)
        else:
            kept = torch.empty_like(values).bernoulli_(1 - self.rate, generator=self.generator)
        return kept.mul_(1 / (1 - self.rate))

    def extra_repr(self) -> str:
        """What `print` shows."""
        return f"rate={self.rate:g}"


def keep_statistics(network: nn.Module, statistics: specs.RunningStatistics) -> None:
    """Let all batch norm in `network` keep such running statistics."""
    for module in network.modules():
        if isinstance(module, BatchNorm):
            module.momentum, module.corrected_start = 1 - statistics.kept, statistics.corrected_start


def draw_from(network: nn.Module, generator: torch.Generator) -> None:
    """Let all dropout in `network` draw from `generator`."""
    for module in network.modules():
        if isinstance(module, Dropout):
            module.generator = generator
