"""Options: fields of frozen settings that say what they are for and what they may be, whoever sets them.

A field is declared once, where it is used: `name: Annotated[int, Option(help="...", minimum=1)] = 3`. A class of
options may have such settings for fields: to whoever sets them, their fields are options like its own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from soundproof.common.errors import UserError


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """What a field is for, as help shows it, and the bounds of a number."""

    help: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Declared:
    """One option of a class of options: its name, what `Annotated` says of it, and what it is where nobody sets it.

    `default` is `dataclasses.MISSING` where somebody has to.
    """

    name: str
    type: Any
    option: Option
    default: Any


Settings = TypeVar("Settings")


def declared_options(settings: type) -> list[Declared]:
    """The options of a class in the order of its fields, those of settings within it in their place."""
    found: list[Declared] = []
    hints = get_type_hints(settings, include_extras=True)
    for field in fields(settings):
        hint = hints[field.name]
        if is_dataclass(hint):
            inner = declared_options(hint)  # type: ignore[arg-type]  # no instance, a type
            found += [replace(option, default=getattr(field.default, option.name)) for option in inner]
        elif get_origin(hint) is Annotated:
            kind, option = get_args(hint)
            found.append(Declared(name=field.name, type=kind, option=option, default=field.default))
    return found


def option_values(settings: Any) -> dict[str, Any]:
    """The values of all options by name."""
    values: dict[str, Any] = {}
    for field in fields(settings):
        value = getattr(settings, field.name)
        values |= option_values(value) if is_dataclass(value) else {field.name: value}
    return values


def from_options(settings: type[Settings], values: Mapping[str, Any]) -> Settings:
    """Settings with these values of options, each for the field of its name, their own or of settings within them.

    Raises `UserError` where a value is of another type than its option, or out of its bounds.
    """
    check_options(settings, values)
    given: dict[str, Any] = {}
    for field in fields(settings):  # type: ignore[arg-type]  # of dataclasses, which no bound of a type says
        if is_dataclass(field.default):
            inner = values.keys() & {option.name for option in fields(field.default)}
            given[field.name] = replace(field.default, **{name: values[name] for name in inner})  # type: ignore[type-var]
        elif field.name in values:
            given[field.name] = values[field.name]
    return settings(**given)


_IN_WORDS: dict[Any, str] = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    list: "a list",
    NoneType: "None",
}


def check_options(settings: type, values: Mapping[str, Any]) -> None:
    """Raise `UserError` unless each value is of its option's type, and within its bounds."""
    for declared in declared_options(settings):
        if declared.name not in values:
            continue
        kinds = [get_origin(kind) or kind for kind in get_args(declared.type) or (declared.type,)]
        value = values[declared.name]
        if not any(_is(value, kind) and _is_within(value, declared.option) for kind in kinds):
            expected = " or ".join(_in_words(kind, declared.option) for kind in kinds)
            raise UserError(f"{declared.name} must be {expected}, got {value!r}: leave it out for what is usual")


def _is(value: object, kind: Any) -> bool:
    if isinstance(value, bool):  # Python takes it for a whole number
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _is_within(value: object, option: Option) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return True
    low, high = _bounds(option)
    return low <= value <= high


def _bounds(option: Option) -> tuple[float, float]:
    low, high = option.minimum, option.maximum
    return -math.inf if low is None else low, math.inf if high is None else high


def _in_words(kind: Any, option: Option) -> str:
    """`a whole number from 1 to 10,000`."""
    low, high = _bounds(option)
    if kind not in (int, float) or low == -math.inf:
        return _IN_WORDS[kind]
    return _IN_WORDS[kind] + (f" of {low:,} or more" if high == math.inf else f" from {low:,} to {high:,}")
