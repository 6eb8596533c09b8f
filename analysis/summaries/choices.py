"""The choices that differ between the trials of a search, and where their values lie along an axis."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from soundproof.analysis.importance.columns import LEAST_LOG_RATIO, is_number
from soundproof.analysis.notation.quantities import number
from soundproof.analysis.records.spec_parameters import Scalar

MOST_TICKS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One parameter of a space, and the values that trials took, in order: numbers by size, others by their words.

    `numeric` values are all numbers; `logarithmic` ones are positive and at least a factor of ten apart.
    """

    name: str
    values: tuple[Scalar, ...]
    numeric: bool
    logarithmic: bool

    def place(self, value: Scalar) -> float:
        """Where `value` lies between the least (0) and the greatest (1), categories at equal distances."""
        if not self.numeric:
            return self.values.index(value) / (len(self.values) - 1)
        low, here, high = (self._scaled(end) for end in (self.values[0], value, self.values[-1]))
        return (here - low) / (high - low)

    @property
    def ticks(self) -> tuple[Scalar, ...]:
        """Values to name along an axis: all of a few, else numbers of two digits at about equal distances."""
        if not self.numeric or len(self.values) <= MOST_TICKS:
            return self.values
        low, high = self._scaled(self.values[0]), self._scaled(self.values[-1])
        steps = (low + (high - low) * step / (MOST_TICKS - 2) for step in range(MOST_TICKS - 1))
        rounded = (float(f"{math.exp(step) if self.logarithmic else step:.2g}") for step in steps)
        whole = all(isinstance(value, int) for value in self.values)
        return tuple(dict.fromkeys(round(value) if whole else value for value in rounded))

    def _scaled(self, value: Scalar) -> float:
        assert is_number(value)
        return math.log(value) if self.logarithmic else float(value)


def varied_choices(assignments: Iterable[Mapping[str, Scalar]]) -> tuple[Choice, ...]:
    """The choices that take at least two values in the assignments that have them, in the order of their names."""
    by_name: dict[str, list[Scalar]] = {}
    for assignment in assignments:
        for name, value in assignment.items():
            by_name.setdefault(name, []).append(value)
    found = (_choice(name, values) for name, values in sorted(by_name.items()))
    return tuple(choice for choice in found if len(choice.values) > 1)


def choice_words(value: Scalar) -> str:
    """A value as a reader meets it: `3`, `0.0012`, `yes`, `none`."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return number(value) if abs(value) >= 1e6 or 0 < abs(value) < 5e-5 else f"{value:.4g}"
        case _:
            return str(value)


def short_names(names: Sequence[str]) -> dict[str, str]:
    """The shortest ending of each dotted name that no other name shares: `recurrent.layers` beside `head.layers`.

    A place in a list says nothing without the list and what it belongs to: `head.sublayers.3.rate`.

    >>> short_names(["network.recurrent.layers", "network.head.layers", "recipe.learning_rate"])["recipe.learning_rate"]
    'learning_rate'
    """
    return {name: _shortest(name, [other for other in names if other != name]) for name in names}


def _choice(name: str, values: Iterable[Scalar]) -> Choice:
    distinct = list({(type(value), value): value for value in values}.values())
    numbers = [value for value in distinct if is_number(value) and math.isfinite(value)]
    if len(numbers) == len(distinct):
        ordered = tuple(sorted(set(numbers)))
        logarithmic = ordered[0] > 0 and ordered[-1] / ordered[0] >= LEAST_LOG_RATIO
        return Choice(name=name, values=ordered, numeric=True, logarithmic=logarithmic)
    categories = tuple(sorted(distinct, key=choice_words))
    return Choice(name=name, values=categories, numeric=False, logarithmic=False)


def _shortest(name: str, others: Sequence[str]) -> str:
    parts = name.split(".")
    for count in range(1, len(parts)):
        ending = ".".join(parts[-count:])
        if any(part.isdigit() for part in parts[-count:][:2]):
            continue
        if not any(other == ending or other.endswith(f".{ending}") for other in others):
            return ending
    return name
