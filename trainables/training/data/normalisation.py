"""Features with mean 0 and deviation 1 in every dimension, over the training split."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from soundproof.trainables.features import FeatureStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Normalisation:
    """`mean` and `deviation`, both (dimensions,), on the device where features are normalised."""

    mean: Tensor
    deviation: Tensor

    @classmethod
    def measured(cls, store: FeatureStore, indices: Sequence[int], device: torch.device) -> "Normalisation":
        """That of the examples at `indices`."""
        mean, deviation = store.normalisation(indices)
        return cls(mean=torch.from_numpy(mean).to(device), deviation=torch.from_numpy(deviation).to(device))

    @classmethod
    def none(cls, dimensions: int, device: torch.device) -> "Normalisation":
        """One that changes nothing."""
        return cls(mean=torch.zeros(dimensions, device=device), deviation=torch.ones(dimensions, device=device))

    def apply(self, values: Tensor) -> Tensor:
        """`values` (..., dimensions), normalised."""
        return (values - self.mean) / self.deviation
