"""The precision that a step is computed in: what costs most of it may be done with fewer bits.

Under torch's autocast products and convolutions are computed in bfloat16, which has the range of single precision, so
that no loss has to be scaled. Weights, their updates, and what autocast leaves alone stay in single precision.
"""

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from soundproof.trainables.networks.classifiers.one_bias import OneBiasGru, OneBiasLstm
from soundproof.trainables.networks.recurrent import Recurrent

_SINGLE = (Recurrent, OneBiasGru, OneBiasLstm)
"""Recurrences: their compiled kernels know single precision alone, and an error would add up from frame to frame."""


class InBfloat16(nn.Module):
    """A network whose scores are computed in bfloat16 where that is cheaper; they leave in single precision."""

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        """`network` itself stays as it is to whoever asks it directly: validation, test, and predictions."""
        super().__init__()
        self.network, self._device = network, device.type
        for module in network.modules():
            if isinstance(module, _SINGLE):
                module.forward = _in_single(module.forward, self._device)  # type: ignore[method-assign]

    def forward(self, *given: Any) -> Any:
        """What the network says of features, and of lengths where it wants them."""
        with torch.autocast(self._device, torch.bfloat16):
            said = self.network(*given)
        return tuple(map(_single, said)) if isinstance(said, tuple) else _single(said)


def as_trained_by(network: nn.Module, precision: Literal["single", "bfloat16"], device: torch.device) -> nn.Module:
    """`network` as the steps of training ask it; in single precision, itself."""
    return network if precision == "single" else InBfloat16(network, device)


def _in_single(forward: Callable[..., Any], device: str) -> Callable[..., Any]:
    def call(*given: Any) -> Any:
        with torch.autocast(device, enabled=False):
            return forward(*map(_single, given))

    return call


def _single(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.dtype == torch.bfloat16 else value
