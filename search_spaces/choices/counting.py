"""How many assignments a node has, by arithmetic."""

import math
from collections.abc import Iterable

from soundproof.search_spaces.choices.nodes import (
    Build,
    Given,
    IntegerRange,
    Items,
    Node,
    OneOf,
    Ordering,
    RealRange,
    Repeat,
    Subset,
    counts,
)
from soundproof.search_spaces.choices.steps import number_of_steps


def count(node: Node) -> int | None:
    """The number of assignments; None where there is no end of them."""
    match node:
        case Given() | Items() | Build() | Ordering():
            return product(_factors(node))
        case IntegerRange() | RealRange():
            return None if node.step is None else number_of_steps(node.low, node.high, node.step) + 1
        case OneOf(options=options):
            return _sum(count(option.node) for option in options)
        case Subset():
            return _subsets(node)
        case Repeat():
            return _repetitions(node)


def product(numbers: Iterable[int | None]) -> int | None:
    """The product; None where a factor is."""
    total = 1
    for number in numbers:
        if number is None:
            return None
        total *= number
    return total


def _factors(node: Given | Items | Build | Ordering) -> list[int | None]:
    """The numbers of what is chosen independently of each other, all of it for every value."""
    match node:
        case Given():
            return []
        case Items(items=items):
            return [count(item) for item in items]
        case Build(fields=fields):
            return [count(field.node) for field in fields]
        case Ordering(items=items):
            return [math.factorial(len(items)), *(count(item.node) for item in items)]


def _sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def _subsets(node: Subset) -> int | None:
    """The elementary symmetric polynomials of the items' numbers: entry k counts the choices of k items."""
    by_size = [1] + [0] * len(node.items)
    for item in node.items:
        number = count(item.node)
        if number is None:
            return None
        for size in range(len(node.items), 0, -1):
            by_size[size] += by_size[size - 1] * number
    return sum(by_size[node.at_least : node.at_most + 1])


def _repetitions(node: Repeat) -> int | None:
    item = count(node.item)
    exponents = [times if node.vary == "each" else min(times, 1) for times in counts(node)]
    return _sum(None if item is None and power else (item or 1) ** power for power in exponents)
