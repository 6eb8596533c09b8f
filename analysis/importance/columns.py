"""What varies between trials, as columns that Optuna's importance evaluators read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from soundproof.analysis.records.spec_parameters import Scalar

MOST_CATEGORIES = 8
"""Numbers with more values than this are a range, with fewer a set of categories, as the levels of an ablation are."""

LEAST_LOG_RATIO = 10.0
"""Positive ranges whose ends are at least this far apart are looked at on a logarithmic scale."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One factor: its value by the position of each trial that has it, and how Optuna is to see it.

    `same_as` are the factors that change exactly where this one does, so that no data can tell them apart.
    """

    name: str
    same_as: tuple[str, ...]
    values: Mapping[int, str | int | float]
    levels: int
    distribution: BaseDistribution


def columns(rows: Sequence[Mapping[str, Scalar]]) -> tuple[Column, ...]:
    """The factors that take more than one value among the trials that have them, in the order of their names."""
    by_name: dict[str, dict[int, Scalar]] = {}
    for position, row in enumerate(rows):
        for name, value in row.items():
            by_name.setdefault(name, {})[position] = value
    alike: dict[tuple[tuple[int, int], ...], list[tuple[str, dict[int, Scalar]]]] = {}
    for name, values in sorted(_split_ranges(by_name).items()):
        if len(_distinct(values)) > 1:
            alike.setdefault(_partition(values), []).append((name, values))
    return tuple(_column(group) for group in alike.values())


def _split_ranges(by_name: Mapping[str, dict[int, Scalar]]) -> dict[str, dict[int, Scalar]]:
    """A number from a range or None (no clipping, or clipping at 0.1 to 10) becomes two factors: whether, and which."""
    split: dict[str, dict[int, Scalar]] = {}
    for name, values in by_name.items():
        numbers: dict[int, Scalar] = {position: value for position, value in values.items() if is_number(value)}
        if len(numbers) < len(values) and len(_distinct(numbers)) > MOST_CATEGORIES:
            split[f"{name} (given or not)"] = {
                position: "given" if position in numbers else value for position, value in values.items()
            }
            split[name] = numbers
        else:
            split[name] = values
    return split


def _column(group: Sequence[tuple[str, Mapping[int, Scalar]]]) -> Column:
    (name, values), *others = group
    known: dict[int, str | int | float] = {}
    distribution = _range(values)
    for position, value in values.items():
        known[position] = value if distribution is not None and is_number(value) else str(value)
    if distribution is None:
        distribution = CategoricalDistribution(sorted({str(value) for value in known.values()}))
    return Column(
        name=name,
        same_as=tuple(other for other, _ in others),
        values=known,
        levels=len(set(known.values())),
        distribution=distribution,
    )


def _range(values: Mapping[int, Scalar]) -> BaseDistribution | None:
    """The range of numbers that take many values, else None."""
    numbers = [value for value in values.values() if is_number(value)]
    if len(numbers) < len(values) or len(set(numbers)) <= MOST_CATEGORIES:
        return None
    low, high = min(numbers), max(numbers)
    log = low > 0 and high / low >= LEAST_LOG_RATIO
    if all(isinstance(number, int) for number in numbers):
        return IntDistribution(int(low), int(high), log=log)
    return FloatDistribution(float(low), float(high), log=log)


def is_number(value: Scalar) -> TypeGuard[int | float]:
    """Whether `value` is a number; truth values are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _distinct(values: Mapping[int, Scalar]) -> set[str]:
    return {str(value) for value in values.values()}


def _partition(values: Mapping[int, Scalar]) -> tuple[tuple[int, int], ...]:
    """Which trials have the factor, and which of them share a value, whatever it is."""
    order: dict[str, int] = {}
    return tuple((position, order.setdefault(str(value), len(order))) for position, value in sorted(values.items()))
