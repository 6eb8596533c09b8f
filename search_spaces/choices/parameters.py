"""The parameters of a node as a listing shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from soundproof.search_spaces.choices.arrangements import arrangements
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
from soundproof.search_spaces.choices.traversal import EVERY, range_in_words

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
        case Given():
            return
        case Items(items=items):
            for at, item in enumerate(items, start=1):
                yield from _parameters(item, f"{name}.{at}", condition)
        case Build(fields=fields):
            for field in fields:
                yield from _parameters(field.node, f"{name}.{field.name}", condition)
        case IntegerRange() | RealRange():
            kind: Literal["integer", "real"] = "integer" if isinstance(node, IntegerRange) else "real"
            yield Parameter(name=name, kind=kind, range=range_in_words(node), condition=condition)
        case OneOf() | Ordering() | Subset():
            yield from _of_category(node, name, condition)
        case Repeat():
            yield from _of_repetitions(node, name, condition)


def _of_category(node: OneOf | Ordering | Subset, name: str, condition: str) -> Iterator[Parameter]:
    options = node.options if isinstance(node, OneOf) else node.items
    labels = [option.label for option in options] if isinstance(node, OneOf) else list(arrangements(node))
    yield Parameter(name=name, kind="category", range=" | ".join(labels), condition=condition)
    for option in options:
        match node:
            case OneOf():
                below = f"{name} is {option.label}"
            case Subset():
                below = f"{name} has {option.label}"
            case Ordering():
                below = condition
        yield from _parameters(option.node, f"{name}.{option.label}", below)


def _of_repetitions(node: Repeat, name: str, condition: str) -> Iterator[Parameter]:
    times = f"{name}.count"
    yield from _parameters(node.count, times, condition)
    least, most = min(counts(node)), max(counts(node))
    positions = [(str(at), at) for at in range(1, most + 1)] if node.vary == "each" else [(EVERY, 1)][:most]
    for segment, needed in positions:
        below = condition if needed <= least else f"{times} is at least {needed}"
        yield from _parameters(node.item, f"{name}.{segment}", below)
