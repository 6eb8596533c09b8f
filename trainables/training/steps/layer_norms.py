"""How large the weights of each layer are, and how large its gradients: for those who look why a network fails."""

import re
from collections import defaultdict
from collections.abc import Callable

import torch
from torch import Tensor, nn

from soundproof.common import record

_UNSAFE = re.compile(r"[^\w.\- ]")
"""What the name of a metric may not have; the module of a user may be named so."""


class LayerNorms:
    """Euclidean norms by layer, a layer being a module with parameters of its own.

    Weights are measured when they are asked for; gradients before they are clipped, at every step, and averaged.
    """

    def __init__(self, network: nn.Module) -> None:
        self._layers: dict[str, list[nn.Parameter]] = defaultdict(list)
        for name, module in network.named_modules():
            own = list(module.parameters(recurse=False))
            if own:
                self._layers[_UNSAFE.sub("_", name) or "network"] += own
        self._sum: Tensor | None = None
        self._steps = 0

    def note_gradients(self) -> None:
        """Take the gradients that are there; a parameter without one counts as zero."""
        norms = self._norms(lambda parameter: parameter.grad)
        self._sum = norms if self._sum is None else self._sum + norms
        self._steps += 1

    def take(self) -> dict[str, float]:
        """Norms of the weights as they are, and mean norms of the gradients since the last call, by recorded names."""
        found = self._named(record.WEIGHT_NORM_PREFIX, self._norms(nn.Parameter.detach))
        if self._sum is not None:
            found |= self._named(record.GRADIENT_NORM_PREFIX, self._sum / self._steps)
        self._sum, self._steps = None, 0
        return found

    def _norms(self, of: Callable[[nn.Parameter], Tensor | None]) -> Tensor:
        """One number for each layer."""
        layers = self._layers.values()
        return torch.stack([_norm([of(parameter) for parameter in layer], layer[0].device) for layer in layers])

    def _named(self, prefix: str, norms: Tensor) -> dict[str, float]:
        return {prefix + name: value for name, value in zip(self._layers, norms.tolist(), strict=True)}


def _norm(tensors: list[Tensor | None], device: torch.device) -> Tensor:
    squares = [tensor.square().sum() for tensor in tensors if tensor is not None]
    return torch.stack(squares).sum().sqrt() if squares else torch.zeros((), device=device)
