"""What a node has: its parameters as a listing shows them, how many assignments, and all of them one by one."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from soundproof.search_spaces.choices import nodes
from soundproof.search_spaces.choices.nodes import Node
from soundproof.search_spaces.choices.ranges import Range, fixed_range, range_in_words
from soundproof.search_spaces.choices.traversal import EVERY, Assignment, Chooser
from soundproof.search_spaces.specs import SpecError

ALWAYS = "always"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One choice: what it is called, what it can be, and when it exists, the last two in words."""

    name: str
    kind: Literal["category", "integer", "real"]
    range: str
    condition: str


def parameters(node: Node, name: str) -> tuple[Parameter, ...]:
    """Every parameter that any assignment can have, in the order in which they are asked for."""
    return tuple(_parameters(node, name, ALWAYS))


def _parameters(node: Node, name: str, condition: str) -> Iterator[Parameter]:
    match node:
        case nodes.Given() | nodes.Chosen() | nodes.Items() | nodes.Build() | nodes.CustomBuild():
            for segment, part in nodes.parts(node):
                yield from _parameters(part, f"{name}.{segment}", condition)
        case nodes.IntegerRange() | nodes.RealRange():
            kind: Literal["integer", "real"] = "integer" if isinstance(node, nodes.IntegerRange) else "real"
            yield Parameter(name=name, kind=kind, range=range_in_words(node), condition=condition)
        case nodes.OneOf() | nodes.Ordering() | nodes.Subset():
            yield from _of_category(node, name, condition)
        case nodes.Repeat():
            yield from _of_repetitions(node, name, condition)


def _of_category(node: nodes.OneOf | nodes.Ordering | nodes.Subset, name: str, condition: str) -> Iterator[Parameter]:
    options = node.options if isinstance(node, nodes.OneOf) else node.items
    labels = [option.label for option in options] if isinstance(node, nodes.OneOf) else list(nodes.arrangements(node))
    yield Parameter(name=name, kind="category", range=" | ".join(labels), condition=condition)
    for option in options:
        match node:
            case nodes.OneOf():
                below = f"{name} is {option.label}"
            case nodes.Subset():
                below = f"{name} has {option.label}"
            case nodes.Ordering():
                below = condition
        yield from _parameters(option.node, f"{name}.{option.label}", below)


def _of_repetitions(node: nodes.Repeat, name: str, condition: str) -> Iterator[Parameter]:
    times = f"{name}.count"
    yield from _parameters(node.count, times, condition)
    least, most = min(nodes.counts(node)), max(nodes.counts(node))
    positions = [(str(at), at) for at in range(1, most + 1)] if node.vary == "each" else [(EVERY, 1)][:most]
    for segment, needed in positions:
        below = condition if needed <= least else f"{times} is at least {needed}"
        yield from _parameters(node.item, f"{name}.{segment}", below)


def count(node: Node) -> int | None:
    """The number of assignments; None where there is no end of them, or it depends on another choice."""
    match node:
        case nodes.Ordering(items=items):
            return product([math.factorial(len(items)), *(count(item.node) for item in items)])
        case nodes.IntegerRange() | nodes.RealRange():
            return _values(fixed_range(node))
        case nodes.OneOf(options=options):
            return _total(sum, (count(option.node) for option in options))
        case nodes.Subset():
            return _subsets(node)
        case nodes.Repeat():
            return _repetitions(node)
        case _:
            return product(count(part) for _, part in nodes.parts(node))


def _values(within: Range | None) -> int | None:
    if within is None or within.step is None:
        return None
    return nodes.number_of_steps(within.low, within.high, within.step) + 1


def product(numbers: Iterable[int | None]) -> int | None:
    """The product; None where a factor is."""
    return _total(math.prod, numbers)


def _total(combine: Callable[[list[int]], int], numbers: Iterable[int | None]) -> int | None:
    given = list(numbers)
    finite = [number for number in given if number is not None]
    return combine(finite) if len(finite) == len(given) else None


def _subsets(node: nodes.Subset) -> int | None:
    """The elementary symmetric polynomials of the items' numbers: entry k counts the choices of k items."""
    by_size = [1] + [0] * len(node.items)
    for item in node.items:
        number = count(item.node)
        if number is None:
            return None
        for size in range(len(node.items), 0, -1):
            by_size[size] += by_size[size - 1] * number
    return sum(by_size[node.at_least : node.at_most + 1])


def _repetitions(node: nodes.Repeat) -> int | None:
    item = count(node.item)
    exponents = [times if node.vary == "each" else min(times, 1) for times in nodes.counts(node)]
    return _total(sum, (None if item is None and power else (item or 1) ** power for power in exponents))


def enumerate_choices(ask: Callable[[Chooser], Assignment]) -> Iterator[Assignment]:
    """What `ask` returns for every sequence of answers that it can get, depth first."""
    odometer = _Odometer()
    while True:
        odometer.restart()
        yield ask(odometer)
        if not odometer.advance():
            return


class _Odometer:
    """Repeats the answers so far, and gives the first to whatever is asked beyond them."""

    def __init__(self) -> None:
        self._turns: list[int] = []
        self._sizes: list[int] = []
        self._asked = 0

    def restart(self) -> None:
        """Begin with the first question again."""
        self._asked = 0

    def advance(self) -> bool:
        """Turn the last question that has an answer left; False when none has."""
        while self._turns:
            self._turns[-1] += 1
            if self._turns[-1] < self._sizes[-1]:
                return True
            self._turns.pop()
            self._sizes.pop()
        return False

    def category(self, name: str, options: tuple[str, ...]) -> str:
        """The option whose turn it is."""
        return options[self._turn(len(options))]

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> int:
        """The value whose turn it is."""
        return low + step * self._turn((high - low) // step + 1)

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> float:
        """The value whose turn it is. Raises `SpecError` without a step."""
        if step is None:
            raise SpecError(
                f"{name} has no step, so its values from {low:g} to {high:g} cannot be listed: "
                "give it a step, or draw samples"
            )
        return nodes.value_at(low, step, self._turn(nodes.number_of_steps(low, high, step) + 1))

    def _turn(self, size: int) -> int:
        if self._asked == len(self._turns):
            self._turns.append(0)
            self._sizes.append(size)
        self._asked += 1
        return self._turns[self._asked - 1]
