"""Values with mean 0 and deviation 1 over the training split, and back in the user's units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from soundproof.trainables.corpora.corpus import Example


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueScale:
    """`mean` and `deviation` of the values that a network was trained on."""

    mean: float
    deviation: float

    @classmethod
    def measured(cls, examples: Sequence[Example], indices: Sequence[int]) -> Self:
        """That of the examples at `indices`; where all have one value, the deviation is 1."""
        values = values_of(examples, indices)
        differ = np.ptp(values) > 0  # the mean of equal values may be another one by rounding
        return cls(mean=float(values.mean()), deviation=(float(values.std()) or 1.0) if differ else 1.0)

    def standardised(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values in the user's units, (examples,), as a network is to answer them."""
        return (values - self.mean) / self.deviation

    def in_units(self, answer: float) -> float:
        """What a network answers, in the user's units."""
        return self.mean + self.deviation * answer


def values_of(examples: Sequence[Example], indices: Sequence[int]) -> NDArray[np.float64]:
    """The values of the examples at `indices`, (indices,)."""
    return np.array([examples[index].value for index in indices], dtype=np.float64)
