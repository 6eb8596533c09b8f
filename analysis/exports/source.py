"""Specs as Python source: what a reader would have written, with the imports that it needs."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from soundproof.search_spaces.specs import Spec

WIDTH = 120
_INDENT = "    "
_PUBLIC = ("soundproof.search_spaces.specs", "soundproof.search_spaces", "soundproof.search_spaces.choices")
"""Packages whose names are imported from there rather than from the files that define them."""


def source(value: Any, names: Mapping[Spec, str], *, indent: int = 0, taken: int = 0) -> str:
    """An expression that makes `value`: specs, tuples of them, and scalars. Every field is written, defaults too.

    A spec in `names` is replaced by its name. `indent` is that of the line, in steps, of which `taken` characters are
    in use already.
    """
    on_one_line = _flat(value, names)
    if len(_INDENT) * indent + taken + len(on_one_line) < WIDTH:
        return on_one_line
    match value:
        case Spec() if value not in names:
            heads = [f"{name}=" for name in _fields(value)]
            items, opening, closing = list(_fields(value).values()), f"{type(value).__name__}(", ")"
        case tuple() if value:
            heads, items, opening, closing = [""] * len(value), list(value), "(", ")"
        case _:
            return on_one_line
    lines = [
        f"{_INDENT * (indent + 1)}{head}{source(item, names, indent=indent + 1, taken=len(head))},"
        for head, item in zip(heads, items, strict=True)
    ]
    return "\n".join([opening, *lines, _INDENT * indent + closing])


def imports(value: Spec, others: Iterable[tuple[str, str]]) -> list[str]:
    """The import statements for the classes of all specs in `value` and for `others`, pairs of module and name."""
    modules: dict[str, set[str]] = {}
    for module, name in [*((_module(cls), cls.__name__) for cls in _classes(value)), *others]:
        modules.setdefault(module, set()).add(name)
    return [_statement(module, modules[module]) for module in sorted(modules)]


def text(value: str) -> str:
    """A string literal. What does not print, marks of direction among it, is written as an escape."""
    literal = repr(value)
    return literal if '"' in value or "'" in value else f'"{literal[1:-1]}"'


def _flat(value: Any, names: Mapping[Spec, str]) -> str:
    match value:
        case Spec():
            if value in names:
                return names[value]
            fields = (f"{name}={_flat(field, names)}" for name, field in _fields(value).items())
            return f"{type(value).__name__}({', '.join(fields)})"
        case tuple():
            items = ", ".join(_flat(item, names) for item in value)
            return f"({items},)" if len(value) == 1 else f"({items})"
        case str():
            return text(value)
        case _:
            return repr(value)


def _fields(spec: Spec) -> dict[str, Any]:
    return {field.name: getattr(spec, field.name) for field in dataclasses.fields(spec)}  # type: ignore[arg-type]


def _classes(value: Any) -> set[type[Spec]]:
    match value:
        case Spec():
            return {type(value)}.union(*(_classes(field) for field in _fields(value).values()))
        case tuple():
            return set[type[Spec]]().union(*(_classes(item) for item in value))
        case _:
            return set()


def _module(cls: type[Spec]) -> str:
    """Where a reader would import the class from."""
    for package in _PUBLIC:
        if getattr(importlib.import_module(package), cls.__name__, None) is cls:
            return package
    return cls.__module__


def _statement(module: str, unordered: Iterable[str]) -> str:
    names = sorted(unordered, key=lambda name: (name.islower(), name))
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"{_INDENT}{name}," for name in names), ")"])
