"""The specs that a choice can build, by the name of their class: those of which a trial consists, and no others."""

import dataclasses
import difflib
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from soundproof.search_spaces.specs import Spec, SpecError, Trial


@cache
def buildable() -> Mapping[str, type[Spec]]:
    """Every spec class that a field of a trial can hold, at any depth, by name."""
    found: dict[str, type[Spec]] = {}
    _collect(Trial, found)
    return found


def class_of(name: str) -> type[Spec]:
    """The spec class of that name. Raises `SpecError` with the nearest name."""
    try:
        return buildable()[name]
    except KeyError:
        near = difflib.get_close_matches(name, buildable(), n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(sorted(buildable()))
        raise SpecError(f"no spec that a trial consists of is called {name!r}: {hint}") from None


def check_fields(class_name: str, given: tuple[str, ...]) -> None:
    """Raise `SpecError` unless these are fields of that class, once each, and none without a default is missing."""
    fields = defaults(class_name)
    unknown = sorted(set(given) - set(fields))
    twice = sorted({name for name in given if given.count(name) > 1})
    missing = [name for name, default in fields.items() if default is dataclasses.MISSING and name not in given]
    if unknown or twice or missing:
        raise SpecError(
            f"{class_name} has the fields {', '.join(fields) or '(none)'}; "
            f"unknown {unknown}, given twice {twice}, missing {missing}"
        )


@cache
def defaults(class_name: str) -> Mapping[str, Any]:
    """The fields of that class with their defaults, `dataclasses.MISSING` where there is none."""
    fields = dataclasses.fields(class_of(class_name))  # type: ignore[arg-type]
    return {field.name: field.default for field in fields}


def _collect(annotation: Any, found: dict[str, type[Spec]]) -> None:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        if annotation.__name__ not in found:
            found[annotation.__name__] = annotation
            for hint in typing.get_type_hints(annotation).values():
                _collect(hint, found)
        return
    for argument in get_args(annotation):
        _collect(argument, found)
