"""Choices that follow others: found wherever they stand in a node, and checked to follow something."""

import difflib

from soundproof.search_spaces.choices.listing import parameters
from soundproof.search_spaces.choices.nodes import Chosen, Node
from soundproof.search_spaces.specs import SpecError
from soundproof.search_spaces.specs.canonical import specs_within


def follows(node: Node) -> bool:
    """Whether anything in it follows another choice."""
    return any(True for _ in specs_within(node, Chosen))


def check_followed(node: Node, name: str, known: list[str]) -> None:
    """Raise `SpecError` where something in `node` follows a choice that is neither in it nor `known`.

    What the node chooses is added to `known`.
    """
    known += [parameter.name for parameter in parameters(node, name)]
    for chosen in specs_within(node, Chosen):
        if chosen.name not in known:
            near = difflib.get_close_matches(chosen.name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"before it, and in {name}, are {', '.join(known) or 'none'}"
            raise SpecError(f"{name} follows a choice called {chosen.name!r}, which is not there: {hint}")
