"""The components of a variant: what can be set back to a baseline, or taken out, one at a time or together.

Components are edits of the variant's JSON form, so that any number of them is made at once and the result is checked
once, as a whole: one layer of two with something between them is no network, one layer with nothing between is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from search_spaces.specs import Plain
from search_spaces.studies import Variant

PARTS = ("features", "network", "recipe")
_RECURRENT = "RecurrentStack"
_DEPTH = ("recurrent", "layers")
_PLACES = {"convolution": "in the convolution", "recurrent": "in the recurrent layers", "head": "in the head"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """One field of a variant: it becomes `value`, or loses the items of class `without` where that is given.

    A field whose owner is not there (a sublayer of a convolution that another edit took out) stays not there.
    """

    path: tuple[str, ...]
    value: Plain = None
    without: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Component:
    """What one component is called and how it is left out.

    `present` names it ("dropout in the convolution"), `absent` a variant that lacks it ("without dropout in the
    convolution"), `slug` both in an id.
    """

    slug: str
    present: str
    absent: str
    edits: tuple[Edit, ...]


def leave_out(target: Variant, components: Iterable[Component]) -> Variant:
    """`target` without these components, under the same id. Raises `SpecError` when that cannot be built."""
    plain = target.to_plain()
    for component in components:
        for edit in component.edits:
            _apply(plain, edit)
    return Variant.from_plain(plain)


def differences(target: Variant, baseline: Variant) -> tuple[Component, ...]:
    """The fields of features, network and recipe in which the two differ, each as deep down as classes agree.

    A sequence of sublayers is one field: its order is part of it.
    """
    ours, theirs = target.to_plain(), baseline.to_plain()
    return tuple(found for part in PARTS for found in _differences(ours[part], theirs[part], (part,)))


def removals(target: Variant) -> tuple[Component, ...]:
    """What can be taken out of the network of `target` itself, with nothing to compare it to.

    Sublayers of each class, dense connections, dilation, the second direction, recurrent layers after the first, and
    the convolution where there is something recurrent behind it.
    """
    network = target.to_plain()["network"]
    assert isinstance(network, dict)
    found = []
    for part, stack in network.items():
        if isinstance(stack, dict):
            found += list(_removals(stack, part))
    if network.get("convolution") is not None and network.get("recurrent") is not None:
        found.append(_removal("convolution", "the convolution", Edit(path=("network", "convolution"))))
    return tuple(found)


def _apply(plain: dict[str, Plain], edit: Edit) -> None:
    *parents, last = edit.path
    owner: Any = plain
    for parent in parents:
        owner = owner.get(parent) if isinstance(owner, dict) else None
    if not isinstance(owner, dict) or last not in owner:
        return
    if edit.without is None:
        owner[last] = edit.value
    else:
        owner[last] = [item for item in owner[last] if item["type"] != edit.without]


def _differences(ours: Plain, theirs: Plain, path: tuple[str, ...]) -> Iterator[Component]:
    if ours == theirs:
        return
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours["type"] == theirs["type"]:
        for name, value in ours.items():
            yield from _differences(value, theirs[name], (*path, name))
        return
    name = ".".join(path[1:] if path[0] == "network" and len(path) > 1 else path)
    yield Component(
        slug=re.sub(r"[^a-z0-9]+", "-", name),
        present=f"{name} {_words(ours)} rather than {_words(theirs)}",
        absent=f"{name}: {_words(ours)} -> {_words(theirs)}",
        edits=_single_layer(path[:-1]) if path[-2:] == _DEPTH and theirs == 1 else (Edit(path=path, value=theirs),),
    )


def _removals(stack: Mapping[str, Plain], part: str) -> Iterator[Component]:
    path, place = ("network", part), _PLACES.get(part, f"in {part}")
    for name, value in stack.items():
        if isinstance(value, list):
            where = place if name == "sublayers" else "between the recurrent layers"
            for kind in dict.fromkeys(str(item["type"]) for item in value if isinstance(item, dict)):
                edit = Edit(path=(*path, name), without=kind)
                yield _removal(f"{part}-{_hyphened(kind)}", f"{_spaced(kind)} {where}", edit)
    if stack.get("connectivity", "plain") != "plain":
        edit = Edit(path=(*path, "connectivity"), value="plain")
        yield _removal(f"{part}-dense-connections", f"dense connections {place}", edit)
    if stack.get("dilation", "none") != "none":
        yield _removal(f"{part}-dilation", f"dilation {place}", Edit(path=(*path, "dilation"), value="none"))
    if stack.get("merge") is not None:
        yield _removal(f"{part}-second-direction", "the second direction", Edit(path=(*path, "merge")))
    if stack["type"] == _RECURRENT and stack["layers"] != 1:
        layers = "a second recurrent layer" if stack["layers"] == 2 else f"recurrent layers 2 to {stack['layers']}"
        yield _removal("recurrent-depth", layers, *_single_layer(path))


def _single_layer(stack: tuple[str, ...]) -> tuple[Edit, ...]:
    """One recurrent layer alone has nothing between its layers, which goes with them."""
    single: dict[str, Plain] = {"layers": 1, "sublayers_between": [], "connectivity": "plain"}
    return tuple(Edit(path=(*stack, name), value=value) for name, value in single.items())


def _removal(slug: str, present: str, *edits: Edit) -> Component:
    return Component(slug=slug, present=present, absent=f"without {present}", edits=edits)


def _words(value: Plain) -> str:
    """A value as a level shows it: sublayers by name and rate, a stack by its class alone."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list():
            return ", ".join(_words(item) for item in value) or "none"
        case dict():
            fields = [_words(field) for name, field in value.items() if name != "type"]
            return " ".join([_spaced(str(value["type"])), *(fields if len(fields) == 1 else [])])
        case _:
            return str(value)


def _spaced(class_name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", class_name).lower()


def _hyphened(class_name: str) -> str:
    return _spaced(class_name).replace(" ", "-")
