"""What options may be, wherever they come from: Typer checks a command line, and nobody what Python code gives."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from typer.models import OptionInfo

from soundproof.common.errors import UserError

_IN_WORDS: dict[Any, str] = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    list: "a list",
    NoneType: "None",
}


def check_values(options: Any) -> None:
    """Raise `UserError` unless each field of a dataclass of options is of its type, and within its option's bounds."""
    hints = get_type_hints(type(options), include_extras=True)
    for field in fields(options):
        annotation, option = get_args(hints[field.name])
        kinds = [get_origin(kind) or kind for kind in get_args(annotation) or (annotation,)]
        value = getattr(options, field.name)
        if not any(_is(value, kind) and _is_within(value, option) for kind in kinds):
            expected = " or ".join(_in_words(kind, option) for kind in kinds)
            raise UserError(f"{field.name} must be {expected}, got {value!r}: leave it out for what is usual")


def _is(value: object, kind: Any) -> bool:
    if isinstance(value, bool):  # Python takes it for a whole number
        return kind is bool
    return isinstance(value, int | float if kind is float else kind)


def _is_within(value: object, option: OptionInfo) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return True
    low, high = _bounds(option)
    return low <= value <= high


def _bounds(option: OptionInfo) -> tuple[float, float]:
    low, high = option.min, option.max
    return -math.inf if low is None else low, math.inf if high is None else high


def _in_words(kind: Any, option: OptionInfo) -> str:
    """`a whole number from 1 to 10,000`."""
    low, high = _bounds(option)
    if kind not in (int, float) or low == -math.inf:
        return _IN_WORDS[kind]
    return _IN_WORDS[kind] + (f" of {low:,} or more" if high == math.inf else f" from {low:,} to {high:,}")
