"""The one way through a node: every choice is asked of a chooser, by name, and what was decided is built.

Sampling, replaying and enumerating differ in their choosers alone.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from soundproof.search_spaces.choices import nodes
from soundproof.search_spaces.choices.classes import class_of
from soundproof.search_spaces.choices.custom_classes import custom_spec
from soundproof.search_spaces.choices.nodes import Node, Option, Scalar
from soundproof.search_spaces.choices.ranges import range_in_words, range_of
from soundproof.search_spaces.specs import SpecError

Assignment = Mapping[str, Scalar]
"""What was chosen, by name: a label, a whole number or a number."""

EVERY = "every"
"""In the path of a choice that all repetitions share, where a choice of one repetition has its position, from 1."""


class Chooser(Protocol):
    """Whoever decides. Each name is asked for once; answers outside what is asked for are refused."""

    def category(self, name: str, options: tuple[str, ...]) -> str:
        """One of `options`."""
        ...

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> int:
        """One of low, low + step, ..., high."""
        ...

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> float:
        """A number from `low` to `high`; one of low, low + step, ..., high where there is a step."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A node with nothing left to choose: what was chosen, and the value, which raises `SpecError` if it cannot be."""

    assignment: Assignment
    build: Callable[[], Any]


def decide(node: Node, chooser: Chooser, name: str, earlier: Assignment | None = None) -> Decision:
    """Have `chooser` decide everything in `node`, whose own name is `name`. Raises `SpecError` for a wrong answer.

    `earlier` are choices of other nodes that this one may refer to.
    """
    walk = _Walk(chooser, earlier or {})
    build = walk.through(node, name)
    return Decision(assignment=walk.chosen, build=build)


class _Walk:
    """One traversal: the chooser, and what it has chosen so far."""

    def __init__(self, chooser: Chooser, earlier: Assignment) -> None:
        self._chooser = chooser
        self._earlier = earlier
        self.chosen: dict[str, Scalar] = {}

    def through(self, node: Node, name: str) -> Callable[[], Any]:
        """Decide `node`; the answer builds its value."""
        match node:
            case nodes.Given() | nodes.Chosen():
                value = node.value if isinstance(node, nodes.Given) else self._known(node, name)
                return lambda: value
            case nodes.Items(items=items):
                return _tuple_of([self.through(item, f"{name}.{at}") for at, item in enumerate(items, start=1)])
            case nodes.Build() | nodes.CustomBuild():
                return self._made(node, name)
            case nodes.Repeat():
                return self._repeat(node, name)
            case nodes.IntegerRange() | nodes.RealRange():
                return self._number(node, name)
            case nodes.OneOf() | nodes.Ordering() | nodes.Subset():
                return self._option(node, name)

    def _made(self, node: nodes.Build | nodes.CustomBuild, name: str) -> Callable[[], Any]:
        made = {field.name: self.through(field.node, f"{name}.{field.name}") for field in node.fields}
        if isinstance(node, nodes.CustomBuild):
            return lambda: custom_spec(node, {field: value() for field, value in made.items()})
        return lambda: class_of(node.class_name)(**{field: value() for field, value in made.items()})

    def _option(self, node: nodes.OneOf | nodes.Ordering | nodes.Subset, name: str) -> Callable[[], Any]:
        if isinstance(node, nodes.OneOf):
            options = {option.label: option for option in node.options}
            return self._below(options[self._category(name, tuple(options))], name)
        found = nodes.arrangements(node)
        chosen = found[self._category(name, tuple(found))]
        made = {index: self._below(node.items[index], name) for index in sorted(chosen)}
        return _tuple_of([made[index] for index in chosen])

    def _below(self, option: Option, name: str) -> Callable[[], Any]:
        return self.through(option.node, f"{name}.{option.label}")

    def _repeat(self, node: nodes.Repeat, name: str) -> Callable[[], Any]:
        count = self.through(node.count, f"{name}.count")()
        if node.vary == "each":
            return _tuple_of([self.through(node.item, f"{name}.{at}") for at in range(1, count + 1)])
        return _tuple_of([self.through(node.item, f"{name}.{EVERY}")] * count if count else [])

    def _category(self, name: str, options: tuple[str, ...]) -> str:
        label = self._chooser.category(name, options)
        if label not in options:
            raise SpecError(f"{name} must be one of {' | '.join(options)}, got {label!r}")
        self._keep(name, label)
        return label

    def _number(self, node: nodes.IntegerRange | nodes.RealRange, name: str) -> Callable[[], Any]:
        bounded = range_of(node, name, lambda chosen: self._known(chosen, name))
        answer: float
        if bounded.whole:
            low, high = int(bounded.low), int(bounded.high)
            answer = self._chooser.integer(name, low, high, int(bounded.step or 1), bounded.log)
        else:
            answer = self._chooser.real(name, bounded.low, bounded.high, bounded.step, bounded.log)
        value = bounded.number(answer)
        if value is None:
            raise SpecError(f"{name} must be {range_in_words(node)}, got {answer!r}")
        self._keep(name, value)
        return lambda: value

    def _known(self, chosen: nodes.Chosen, name: str) -> Scalar:
        """What a choice comes to that was made before."""
        for assignment in (self.chosen, self._earlier):
            if chosen.name in assignment:
                return chosen.value(assignment[chosen.name])
        raise SpecError(f"{name} follows {chosen.name}, which does not exist with these choices, or comes later")

    def _keep(self, name: str, value: Scalar) -> None:
        assert name not in self.chosen, name
        self.chosen[name] = value


def _tuple_of(made: list[Callable[[], Any]]) -> Callable[[], Any]:
    return lambda: tuple(value() for value in made)


DIGEST_CHARACTERS = 8
"""Hexadecimal characters: two of a thousand assignments collide with probability 1e-4; the trial's own id is longer."""


def assignment_to_json(assignment: Assignment) -> str:
    """Canonical JSON: sorted names, no spaces, shortest exact floats."""
    return json.dumps(dict(assignment), sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def assignment_digest(assignment: Assignment) -> str:
    """A short hash of the canonical JSON."""
    return hashlib.sha256(assignment_to_json(assignment).encode()).hexdigest()[:DIGEST_CHARACTERS]


def in_words(value: Scalar) -> str:
    """A chosen value as a level shows it."""
    return f"{value:g}" if isinstance(value, float) else str(value)
