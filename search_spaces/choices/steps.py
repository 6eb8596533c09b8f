"""The values of a range with a step: as people write them, so that 0.1 + 2 * 0.1 is 0.3."""

from decimal import Decimal

from soundproof.search_spaces.specs import SpecError

_TOLERANCE = 1e-6
"""Of a step: how far a value that was calculated in floating point may be from the one that is meant."""


def number_of_steps(low: float, high: float, step: float) -> int:
    """Steps from `low` to `high`: one less than there are values."""
    return int((_exact(high) - _exact(low)) // _exact(step))


def value_at(low: float, step: float, index: int) -> float:
    """The value `index` steps above `low`: the float nearest to the decimal sum."""
    return float(_exact(low) + index * _exact(step))


def nearest(low: float, high: float, step: float, value: float) -> float | None:
    """The value of the range that `value` stands for, or None when it lies between two of them or outside."""
    if not low - step < value < high + step:
        return None
    index = round((value - low) / step)
    if not 0 <= index <= number_of_steps(low, high, step):
        return None
    candidate = value_at(low, step, index)
    return candidate if abs(candidate - value) <= _TOLERANCE * step else None


def check_steps(name: str, low: float, high: float, step: float) -> None:
    """Raise `SpecError` unless a whole number of steps lead from `low` to `high`."""
    if step <= 0:
        raise SpecError(f"{name}.step must be positive, got {step}")
    if (_exact(high) - _exact(low)) % _exact(step) != 0:
        reached = _exact(low) + number_of_steps(low, high, step) * _exact(step)
        raise SpecError(f"{name} needs a high that steps of {step} reach from {low}, got {high}: use {reached}")


def _exact(value: float) -> Decimal:
    """The shortest decimal that the float is written as."""
    return Decimal(repr(value))
