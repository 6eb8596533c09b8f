"""What can stand in place of a value: the value itself, a spec with choices in its fields, or a choice.

Nodes are specs, so a space has canonical JSON, a hash and an exact round trip like anything else that is declared.
Every choice has a name, the dotted path to it: `network.convolution.layers`. Whatever lies below an option has the
option's label in its path, so that parameters of two options never share a name, and exists only where that option is
chosen.
"""

import itertools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from soundproof.search_spaces.choices.classes import check_fields
from soundproof.search_spaces.specs import Spec, SpecError

Scalar = None | bool | int | float | str

MOST_OPTIONS = 1000
"""Of one choice. Six sublayers have 720 orderings; a list of more is none that a sampler learns anything about."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Given(Spec):
    """A scalar, not chosen. Of the values that Python holds equal, 1 and True and 1.0 are three."""

    value: Scalar

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Given) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, kw_only=True, slots=True)
class Items(Spec):
    """A tuple, item by item."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Field(Spec):
    """One field of a `Build`."""

    name: str
    node: "Node"


@dataclass(frozen=True, kw_only=True, slots=True)
class Build(Spec):
    """A spec of the class of that name. Fields that are left out keep their defaults."""

    class_name: str
    fields: tuple[Field, ...] = ()

    def _check(self) -> None:
        check_fields(self.class_name, tuple(field.name for field in self.fields))


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomBuild(Spec):
    """A network of the user's own, of the class of that name for which `source` stands. All its fields are there."""

    class_name: str
    source: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen(Spec):
    """What was chosen earlier under that name, `times` so much and `plus` that: a tie, or a bound of another choice.

    Of whole numbers a whole number comes out, rounded down.
    """

    name: str
    times: float = 1.0
    plus: float = 0.0

    def value(self, found: Scalar) -> Scalar:
        """What it comes to where `found` was chosen. Raises `SpecError` where there is nothing to multiply."""
        if (self.times, self.plus) == (1, 0):
            return found
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise SpecError(f"{self.name} is {found!r}, which cannot be multiplied: leave times and plus out")
        made = self.times * found + self.plus
        return math.floor(made) if isinstance(found, int) else made

    def __str__(self) -> str:
        times = "" if self.times == 1 else f"{self.times:g} * "
        plus = "" if self.plus == 0 else f" {'+' if self.plus > 0 else '-'} {abs(self.plus):g}"
        return f"{times}{self.name}{plus}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Option(Spec):
    """A node under a label: the label is what an assignment holds, a record shows and a path contains."""

    label: str
    node: "Node"


@dataclass(frozen=True, kw_only=True, slots=True)
class OneOf(Spec):
    """Exactly one of the options, each of any kind."""

    options: tuple[Option, ...]

    def _check(self) -> None:
        _check_labels(self.options, "OneOf.options", least=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegerRange(Spec):
    """A whole number from `low` to `high`, both included. `log`: each ratio, not each difference, is equally likely.

    A bound may depend on an earlier choice. With `step`, one of low, low + step, ..., high.
    """

    low: int | Chosen
    high: int | Chosen
    step: int = 1
    log: bool = False

    def _check(self) -> None:
        _check_range(self, least=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class RealRange(Spec):
    """A number from `low` to `high`, both included; with `step` one of low, low + step, ..., high, else any.

    A bound may depend on an earlier choice.
    """

    low: float | Chosen
    high: float | Chosen
    step: float | None = None
    log: bool = False

    def _check(self) -> None:
        _check_range(self, least=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ordering(Spec):
    """A tuple of all items, in any order. Choices within an item belong to the item, wherever it stands."""

    items: tuple[Option, ...]

    def _check(self) -> None:
        _check_labels(self.items, "Ordering.items", least=2, listed=True)
        _check_number(math.factorial(len(self.items)), "orderings")


@dataclass(frozen=True, kw_only=True, slots=True)
class Subset(Spec):
    """A tuple of `at_least` to `at_most` of the items, in the order in which they are declared."""

    items: tuple[Option, ...]
    at_least: int
    at_most: int

    def _check(self) -> None:
        _check_labels(self.items, "Subset.items", least=1, listed=True)
        if not 0 <= self.at_least <= self.at_most <= len(self.items) or self.at_most == 0:
            raise SpecError(
                f"Subset needs 0 <= at_least <= at_most <= {len(self.items)}, its items, and at_most above 0, "
                f"got {self.at_least} and {self.at_most}"
            )
        sizes = range(self.at_least, self.at_most + 1)
        _check_number(sum(math.comb(len(self.items), size) for size in sizes), "subsets")


@dataclass(frozen=True, kw_only=True, slots=True)
class Repeat(Spec):
    """A tuple of `count` items. `vary` "each": every position chooses for itself; "together": one choice for all."""

    count: "Node"
    item: "Node"
    vary: Literal["each", "together"]

    def _check(self) -> None:
        counts(self)


Node = Build | CustomBuild | Chosen | Given | Items | OneOf | IntegerRange | RealRange | Ordering | Subset | Repeat

NODES: tuple[type[Node], ...] = get_args(Node)


def counts(repeat: Repeat) -> tuple[int, ...]:
    """How often the item can be repeated, a number for each choice of the count. Raises `SpecError` for others."""
    return tuple(_whole_numbers(repeat.count))


def parts(node: Given | Chosen | Items | Build | CustomBuild) -> list[tuple[str, Node]]:
    """What a node consists of that is no choice itself, each under its segment of the path."""
    match node:
        case Given() | Chosen():
            return []
        case Items(items=items):
            return [(str(at), item) for at, item in enumerate(items, start=1)]
        case Build(fields=fields) | CustomBuild(fields=fields):
            return [(field.name, field.node) for field in fields]


def is_open(node: Node) -> bool:
    """Whether anything is left to choose."""
    if not isinstance(node, Given | Chosen | Items | Build | CustomBuild):
        return True
    return any(is_open(part) for _, part in parts(node))


def _whole_numbers(count: Node) -> list[int]:
    match count:
        case Given(value=int(value)) if not isinstance(value, bool) and value >= 0:
            return [value]
        case IntegerRange(low=int(low), high=int(high), step=step) if low >= 0:
            return list(range(low, high + 1, step))
        case OneOf(options=options):
            return [value for option in options for value in _whole_numbers(option.node)]
        case _:
            raise SpecError(
                "Repeat.count must be a whole number of 0 or more, a range of them, or one of several, "
                f"got {count!r}: use 3, integers(1, 3) or one_of(1, 3)"
            )


def bounds(spec: IntegerRange | RealRange) -> tuple[float, float] | None:
    """Its bounds, where they depend on no other choice."""
    return None if isinstance(spec.low, Chosen) or isinstance(spec.high, Chosen) else (spec.low, spec.high)


def _check_range(spec: IntegerRange | RealRange, *, least: int) -> None:
    name = type(spec).__name__
    if spec.step is not None and spec.step <= 0:
        raise SpecError(f"{name}.step must be positive, got {spec.step}")
    if isinstance(spec.low, Chosen) or isinstance(spec.high, Chosen):
        return  # checked where they are known
    if spec.low >= spec.high:
        raise SpecError(f"{name} needs low below high, got {spec.low} and {spec.high}: give a single value as it is")
    if spec.log and (spec.low < least or spec.low <= 0):
        bound = "1 or more" if least else "above 0"
        raise SpecError(f"{name} needs low of {bound} where it is log, got {spec.low}")
    if spec.step is not None:
        check_steps(name, spec.low, spec.high, spec.step)


def _check_labels(options: tuple[Option, ...], where: str, *, least: int, listed: bool = False) -> None:
    """Labels differ; where they become part of a path or of a list of labels, they do not contain its separators."""
    labels = [option.label for option in options]
    if len(labels) < least:
        raise SpecError(f"{where} must be at least {least}, got {labels}")
    if len(set(labels)) != len(labels) or "" in labels:
        raise SpecError(f"{where} must have labels that differ, none of them empty, got {labels}: name them")
    for option in options:
        if is_open(option.node) and not re.fullmatch(r"[\w -]+", option.label):
            raise SpecError(
                f"{where}: {option.label!r} has choices below it, so its label becomes part of their names "
                "and must consist of letters, digits, spaces, _ and -: name it"
            )
        if listed and ("," in option.label or option.label == NOTHING):
            raise SpecError(f"{where}: a label cannot have a comma or be {NOTHING!r}, got {option.label!r}: name it")


NOTHING = "none"
"""The label of an empty tuple, and of None."""


def _check_number(options: int, what: str) -> None:
    if options > MOST_OPTIONS:
        raise SpecError(f"one choice has at most {MOST_OPTIONS} options, got {options} {what}: declare fewer items")


def arrangements(node: Ordering | Subset) -> Mapping[str, tuple[int, ...]]:
    """For each label (`relu, batch norm, dropout`) the indices of the items, first to last."""
    indices = range(len(node.items))
    found: list[tuple[int, ...]]
    match node:
        case Ordering():
            found = list(itertools.permutations(indices))
        case Subset(at_least=least, at_most=most):
            found = [chosen for size in range(least, most + 1) for chosen in itertools.combinations(indices, size)]
    return {", ".join(node.items[index].label for index in chosen) or NOTHING: chosen for chosen in found}


_TOLERANCE = 1e-6
"""Of a step: how far a value that was calculated in floating point may be from the one that is meant.

The values of a range with a step are as people write them, so that 0.1 + 2 * 0.1 is 0.3.
"""


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
    if (_exact(high) - _exact(low)) % _exact(step) != 0:
        reached = _exact(low) + number_of_steps(low, high, step) * _exact(step)
        raise SpecError(f"{name} needs a high that steps of {step} reach from {low}, got {high}: use {reached}")


def _exact(value: float) -> Decimal:
    """The shortest decimal that the float is written as."""
    return Decimal(repr(value))
