"""A spec as a flat set of parameters, some of which exist only where another one takes a certain value."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import get_args

from soundproof.search_spaces.specs import CustomPart, Plain
from soundproof.search_spaces.specs.custom_networks import parameter_name
from soundproof.search_spaces.specs.older_words import OLDER_TYPES

Scalar = None | bool | int | float | str

_CUSTOM = (*(part.word() for part in get_args(CustomPart)), *OLDER_TYPES)
"""Specs with settings of their own."""

NONE = "none"
"""What a sequence without items is called."""

PRESENT, ABSENT = "present", "absent"
"""Whether a sequence has an item of a class."""


def flatten_spec(plain: Mapping[str, Plain]) -> dict[str, Scalar]:
    """The parameters of a spec (of its `to_plain`) by dotted name.

    - a field that holds a spec is a parameter whose value is the class: `network.recurrent` is "RecurrentStack" or
      None, and `network.recurrent.cell` exists only beside the former;
    - a sequence is one parameter too, its order in words: `network.convolution.sublayers` is "Relu, Dropout"; each
      class in it is another, `network.convolution.sublayers.Dropout` is "present", and has the fields of the item,
      `network.convolution.sublayers.Dropout.rate`. A second item of one class is `Dropout 2`;
    - a network of the user's own has its settings as parameters, by their own names: `network.width`.
    """
    return _fields(plain, "")


def fill_absent(rows: Sequence[dict[str, Scalar]]) -> list[dict[str, Scalar]]:
    """The parameters of several trials, with what only their comparison shows.

    Where a sequence lacks a class that the same sequence of another trial has, the class is `absent`.
    """
    classes: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.items():
            if value == PRESENT:
                classes.setdefault(name.rpartition(".")[0], set()).add(name)
    filled: list[dict[str, Scalar]] = []
    for row in rows:
        lacking = {name for sequence in row for name in classes.get(sequence, ())} - row.keys()
        filled.append({**dict.fromkeys(lacking, ABSENT), **row})
    return filled


def _fields(plain: Mapping[str, Plain], name: str) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for field, value in plain.items():
        if field == "settings" and plain.get("type") in _CUSTOM:
            found |= _settings(value, name)
        elif field != "type":
            found |= _value(value, f"{name}.{field}" if name else field)
    return found


def _settings(value: Plain, name: str) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for setting in value if isinstance(value, list) else []:
        if isinstance(setting, dict):
            own = parameter_name(str(setting.get("name")))
            found |= _value(setting.get("value"), f"{name}.{own}" if name else own)
    return found


def _value(value: Plain, name: str) -> dict[str, Scalar]:
    match value:
        case dict():
            return {name: _class(value)} | _fields(value, name)
        case list():
            return _sequence(value, name)
        case _:
            return {name: value}


def _sequence(items: Sequence[Plain], name: str) -> dict[str, Scalar]:
    seen: Counter[str] = Counter()
    words: list[str] = []
    found: dict[str, Scalar] = {}
    for item in items:
        word = _class(item) if isinstance(item, dict) else str(item)
        words.append(word)
        seen[word] += 1
        if isinstance(item, dict):
            numbered = word if seen[word] == 1 else f"{word} {seen[word]}"
            found |= {f"{name}.{numbered}": PRESENT} | _fields(item, f"{name}.{numbered}")
    return {name: ", ".join(words) or NONE} | found


def _class(plain: Mapping[str, Plain]) -> str:
    return str(plain.get("type", "given"))
