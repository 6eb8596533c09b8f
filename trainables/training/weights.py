"""The weights of a trial as they are kept: those of the network, how its features were normalised, and its values."""

from collections.abc import Mapping

import torch
from torch import Tensor

from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.data.value_scale import ValueScale

_MEAN, _DEVIATION = "normalisation.mean", "normalisation.deviation"
_VALUES = "values.mean_and_deviation"


def pack(
    network: Mapping[str, Tensor], normalisation: Normalisation, scale: ValueScale | None = None
) -> dict[str, Tensor]:
    """One table of tensors, on the CPU. `scale` is that of a network whose answers are values."""
    kept = {**network, _MEAN: normalisation.mean.cpu(), _DEVIATION: normalisation.deviation.cpu()}
    if scale is not None:
        kept[_VALUES] = torch.tensor([scale.mean, scale.deviation], dtype=torch.float64)
    return kept


def unpack(tensors: Mapping[str, Tensor], device: torch.device) -> tuple[dict[str, Tensor], Normalisation]:
    """Inverse of `pack`: the state of the network, and the normalisation on `device`."""
    network = {name: tensor for name, tensor in tensors.items() if name not in (_MEAN, _DEVIATION, _VALUES)}
    return network, Normalisation(mean=tensors[_MEAN].to(device), deviation=tensors[_DEVIATION].to(device))


def scale_of(tensors: Mapping[str, Tensor]) -> ValueScale:
    """The scale of the values that `pack` was given. Raises `KeyError` where it was given none."""
    mean, deviation = tensors[_VALUES].tolist()
    return ValueScale(mean=mean, deviation=deviation)
