"""The weights of a trial as they are kept: those of the network, and how its features were normalised."""

from collections.abc import Mapping

import torch
from torch import Tensor

from soundproof.trainables.training.data.normalisation import Normalisation

_MEAN, _DEVIATION = "normalisation.mean", "normalisation.deviation"


def pack(network: Mapping[str, Tensor], normalisation: Normalisation) -> dict[str, Tensor]:
    """One table of tensors, on the CPU."""
    return {**network, _MEAN: normalisation.mean.cpu(), _DEVIATION: normalisation.deviation.cpu()}


def unpack(tensors: Mapping[str, Tensor], device: torch.device) -> tuple[dict[str, Tensor], Normalisation]:
    """Inverse of `pack`: the state of the network, and the normalisation on `device`."""
    network = {name: tensor for name, tensor in tensors.items() if name not in (_MEAN, _DEVIATION)}
    return network, Normalisation(mean=tensors[_MEAN].to(device), deviation=tensors[_DEVIATION].to(device))
