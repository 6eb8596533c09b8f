"""Dropout that draws from a generator of its own, and whose mask costs a quarter of the library's on a CPU."""

import torch
from torch import Tensor, nn

_STEPS = 1 << 16
"""On a CPU rates are rounded to one in 65,536: sixteen random bits decide about a value. The library spends 64."""


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
            kept = (bits >= round(self.rate * _STEPS) - _STEPS // 2).to(values.dtype)
        else:
            kept = torch.empty_like(values).bernoulli_(1 - self.rate, generator=self.generator)
        return kept.mul_(1 / (1 - self.rate))

    def extra_repr(self) -> str:
        """What `print` shows."""
        return f"rate={self.rate:g}"


def draw_from(network: nn.Module, generator: torch.Generator) -> None:
    """Let all dropout in `network` draw from `generator`."""
    for module in network.modules():
        if isinstance(module, Dropout):
            module.generator = generator
