"""Choices that follow others: found wherever they stand in a node, and checked to follow something."""

import dataclasses
import difflib
from collections.abc import Iterator
from typing import Any

from soundproof.search_spaces.choices.listing import parameters
from soundproof.search_spaces.choices.nodes import Chosen, Node
from soundproof.search_spaces.specs import Spec, SpecError


def follows(node: Node) -> bool:
    """Whether anything in it follows another choice."""
    return any(True for _ in _followed(node))


def check_followed(node: Node, name: str, known: list[str]) -> None:
    """Raise `SpecError` where something in `node` follows a choice that is neither in it nor `known`.

    What the node chooses is added to `known`.
    """
    known += [parameter.name for parameter in parameters(node, name)]
    for chosen in _followed(node):
        if chosen.name not in known:
            near = difflib.get_close_matches(chosen.name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"before it, and in {name}, are {', '.join(known) or 'none'}"
            raise SpecError(f"{name} follows a choice called {chosen.name!r}, which is not there: {hint}")


def _followed(value: Any) -> Iterator[Chosen]:
    if isinstance(value, Chosen):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _followed(item)
    elif isinstance(value, Spec):
        for field in dataclasses.fields(value):  # type: ignore[arg-type]  # every spec is a dataclass
            yield from _followed(getattr(value, field.name))
