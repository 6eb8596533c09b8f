"""Invariants that several specs share."""

from soundproof.search_spaces.specs.canonical import Spec, SpecError


def at_least_one(spec: Spec, *names: str) -> None:
    """Raise `SpecError` unless each field, or each number in it, is 1 or more."""
    for name in names:
        value = getattr(spec, name)
        if min(value if isinstance(value, tuple) else (value,), default=1) < 1:
            raise SpecError(f"{type(spec).__name__}.{name} must be at least 1, got {value}")


def pairs(spec: Spec, *names: str) -> None:
    """Raise `SpecError` unless each field holds two numbers, both 1 or more."""
    for name in names:
        value = getattr(spec, name)
        if len(value) != 2:
            raise SpecError(f"{type(spec).__name__}.{name} must be two numbers, one for each axis, got {value}")
    at_least_one(spec, *names)


def not_empty(spec: Spec, *names: str) -> None:
    """Raise `SpecError` for a field without entries."""
    for name in names:
        if not getattr(spec, name):
            raise SpecError(f"{type(spec).__name__}.{name} must hold at least one entry, got none")


def rates(spec: Spec, *names: str) -> None:
    """Raise `SpecError` unless each field is None or lies strictly between 0 and 1."""
    for name in names:
        value = getattr(spec, name)
        if value is not None and not 0.0 < value < 1.0:
            raise SpecError(f"{type(spec).__name__}.{name} must lie between 0 and 1, got {value}: use None for none")


def penalties(spec: Spec, *names: str) -> None:
    """Raise `SpecError` unless each field is None or positive."""
    for name in names:
        value = getattr(spec, name)
        if value is not None and value <= 0:
            raise SpecError(f"{type(spec).__name__}.{name} must be positive, got {value}: use None for no penalty")
