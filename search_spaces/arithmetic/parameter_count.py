"""What a network holds."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterCount:
    """Learned parameters, and batch norm's running mean and variance as the non-trainable ones."""

    trainable: int = 0
    non_trainable: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.trainable + self.non_trainable

    def __add__(self, other: "ParameterCount") -> "ParameterCount":
        return ParameterCount(
            trainable=self.trainable + other.trainable, non_trainable=self.non_trainable + other.non_trainable
        )
