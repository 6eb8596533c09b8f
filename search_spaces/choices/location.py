"""Where a value lies in a space: the assignment that builds it."""

from collections.abc import Iterable
from typing import Any

from soundproof.search_spaces.choices import nodes
from soundproof.search_spaces.choices.classes import class_of, defaults
from soundproof.search_spaces.choices.nodes import Node, Scalar
from soundproof.search_spaces.choices.ranges import fixed_range
from soundproof.search_spaces.choices.traversal import EVERY, Assignment
from soundproof.search_spaces.specs import CustomNetwork


def locate(node: Node, value: Any, name: str) -> Assignment | None:
    """The assignment that builds exactly `value`, the first of several; None when the value lies outside."""
    match node:
        case nodes.Given(value=given):
            return {} if _same(given, value) else None
        case nodes.Build() | nodes.CustomBuild():
            return _in_fields(node, value, name) if isinstance(node, nodes.Build) else _in_settings(node, value, name)
        case nodes.OneOf(options=options):
            found = ((option.label, locate(option.node, value, f"{name}.{option.label}")) for option in options)
            return next(({name: label, **below} for label, below in found if below is not None), None)
        case nodes.IntegerRange() | nodes.RealRange():
            return _in_range(node, value, name)
        case nodes.Chosen():
            return {}  # what it was chosen as stands elsewhere: whether it fits is seen once all is known
        case _:
            return _in_sequence(node, value, name)


def _in_range(node: nodes.IntegerRange | nodes.RealRange, value: Any, name: str) -> Assignment | None:
    within = fixed_range(node)
    if within is None:
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    else:
        number = within.number(value)
    return {name: number} if number is not None and number == value else None


def merged(parts: Iterable[Assignment | None]) -> Assignment | None:
    """All parts together; None where one is."""
    together: dict[str, Scalar] = {}
    for part in parts:
        if part is None:
            return None
        together |= part
    return together


def _in_fields(node: nodes.Build, value: Any, name: str) -> Assignment | None:
    if type(value) is not class_of(node.class_name):
        return None
    declared = {field.name for field in node.fields}
    others = {field: default for field, default in defaults(node.class_name).items() if field not in declared}
    if any(getattr(value, field) != default for field, default in others.items()):
        return None
    return merged(locate(field.node, getattr(value, field.name), f"{name}.{field.name}") for field in node.fields)


def _in_settings(node: nodes.CustomBuild, value: Any, name: str) -> Assignment | None:
    if not isinstance(value, CustomNetwork) or (value.name, value.source) != (node.class_name, node.source):
        return None
    settings = {setting.name: setting.value for setting in value.settings}
    if settings.keys() != {field.name for field in node.fields}:
        return None
    return merged(locate(field.node, settings[field.name], f"{name}.{field.name}") for field in node.fields)


def _in_sequence(
    node: nodes.Items | nodes.Ordering | nodes.Subset | nodes.Repeat, value: Any, name: str
) -> Assignment | None:
    if not isinstance(value, tuple):
        return None
    match node:
        case nodes.Items(items=items):
            parts = enumerate(zip(items, value, strict=False), start=1)
            found = merged(locate(item, entry, f"{name}.{at}") for at, (item, entry) in parts)
            return found if len(value) == len(items) else None
        case nodes.Repeat():
            return _in_repetitions(node, value, name)
        case _:
            return _in_arrangement(node, value, name)


def _in_arrangement(node: nodes.Ordering | nodes.Subset, value: tuple[Any, ...], name: str) -> Assignment | None:
    for label, indices in nodes.arrangements(node).items():
        if len(indices) != len(value):
            continue
        chosen = [(node.items[index], entry) for index, entry in zip(indices, value, strict=True)]
        below = merged(locate(item.node, entry, f"{name}.{item.label}") for item, entry in chosen)
        if below is not None:
            return {name: label, **below}
    return None


def _in_repetitions(node: nodes.Repeat, value: tuple[Any, ...], name: str) -> Assignment | None:
    times = locate(node.count, len(value), f"{name}.count")
    if node.vary == "each":
        places = enumerate(value, start=1)
        return merged([times, *(locate(node.item, entry, f"{name}.{at}") for at, entry in places)])
    found = [locate(node.item, entry, f"{name}.{EVERY}") for entry in value]
    return merged([times, *found]) if all(each == found[0] for each in found) else None


def _same(given: Scalar, value: Any) -> bool:
    """Equal, where an int may have become a float and neither is a truth value."""
    return isinstance(given, bool) == isinstance(value, bool) and given == value
