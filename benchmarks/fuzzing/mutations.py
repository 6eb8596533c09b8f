"""Seeded changes of a file: of its bytes, and of the values that its text stands for."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from benchmarks.fuzzing.kinds import Form

LARGEST_BYTES = 1 << 18
"""Of an input."""

_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**63)
_HEADER_BYTES = 128
_NUMBERS = ("nan", "NaN", "-inf", "1e999", "-0", "1,5", "0x10", "1_000", "1e-400", "9" * 400, "9" * 5000, "-1")
_WORDS = (
    "",
    " ",
    "\x00",
    '"',
    "'",
    "a\tb",
    "a,b;c",
    "\ud800",
    "\u202e",
    "=1+1",
    "true",
    "null",
    "[]",
    "{}",
    "x" * 5000,
)
_DEEP = (50, 500, 20_000)


class Nested:
    """A list in a list, so many times: written as text, since no library writes it."""

    def __init__(self, depth: int, *, objects: bool) -> None:
        self.text = ('{"a":' * depth + "1" + "}" * depth) if objects else "[" * depth + "]" * depth


def mutate(random: Random, content: bytes, form: Form, others: Sequence[bytes]) -> bytes:
    """The content with one to four changes; of `others`, files of the same kind, parts may be taken over."""
    if form != "bytes" and random.random() < 0.7:
        changed = _STRUCTURED[form](random, content)
        if changed is not None and random.random() < 0.8:
            return changed[:LARGEST_BYTES]
        content = content if changed is None else changed
    data = bytearray(content)
    for _ in range(random.randint(1, 4)):
        change = random.choice(_OF_BYTES)
        change(random, data, others)
        del data[LARGEST_BYTES:]
    return bytes(data)


def _flip(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    for _bit in range(random.choice((1, 1, 2, 8)) if data else 0):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    if data:
        data[random.randrange(len(data))] = random.choice((0, 0xFF, 0x7F, 0x80, 10, 34, 44, random.randrange(256)))


def _truncate(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[random.randrange(len(data) + 1) :]


def _run(random: Random, data: bytearray) -> slice:
    start = random.randrange(len(data) + 1)
    return slice(start, start + random.choice((1, 2, 4, 16, 64, 1024)))


def _delete(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    del data[_run(random, data)]


def _repeat(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    part = _run(random, data)
    data[part.start : part.start] = data[part] * random.choice((1, 2, 20, 500))


def _insert(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = random.randrange(len(data) + 1)
    data[at:at] = random.randbytes(random.choice((1, 4, 32)))


def _splice(random: Random, data: bytearray, others: Sequence[bytes]) -> None:
    other = random.choice(others)
    start = random.randrange(len(other) + 1)
    part = other[start : start + random.choice((8, 64, 1024, len(other)))]
    at = _run(random, data)
    data[at if random.random() < 0.5 else slice(at.start, at.start)] = part


def _length(random: Random, data: bytearray, _: Sequence[bytes]) -> None:
    """Set what may be a length: an extreme, or one more or less than stands there."""
    width = random.choice((1, 2, 3, 4, 4, 8))
    end = min(len(data), _HEADER_BYTES) if random.random() < 0.7 else len(data)
    if end < width:
        return
    at, order = random.randrange(end - width + 1), "little" if random.random() < 0.5 else "big"
    now = int.from_bytes(data[at : at + width], order)  # type: ignore[arg-type]
    value = random.choice((*_EXTREMES, now + 1, now - 1, now * 2, now + 256)) % (1 << (8 * width))
    data[at : at + width] = value.to_bytes(width, order)  # type: ignore[arg-type]


_OF_BYTES: tuple[Callable[[Random, bytearray, Sequence[bytes]], None], ...] = (
    *(_flip, _flip, _set, _truncate, _delete, _repeat, _insert, _splice, _length, _length),
)


def _leaf(random: Random) -> Any:
    choices: tuple[Callable[[], Any], ...] = (
        lambda: random.choice((None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**400, -(10**400))),
        lambda: random.choice((0.5, -0.0, 1e308, -1e308, 5e-324, float("nan"), float("inf"), -float("inf"))),
        lambda: random.choice((*_NUMBERS, *_WORDS)),
        lambda: random.choice(([], {}, [[]], [{}], [None], {"": None}, [[0, 1]], ["a"], [1, "a"], {"type": "x"})),
        lambda: Nested(random.choice(_DEEP), objects=random.random() < 0.5),
    )
    return random.choice(choices)()


def changed_value(random: Random, value: Any) -> Any:
    """The JSON value with one change anywhere in it; changes lists and objects in place."""
    places = _places(value)
    if not places:
        return _leaf(random)
    inside, key = random.choice(places)
    action = random.randrange(10)
    if action < 6:
        inside[key] = _leaf(random)
    elif action == 6:
        del inside[key]
    elif action == 7:
        other, other_key = random.choice(places)
        inside[key] = json.loads(json.dumps(other[other_key])) if not _holds_nested(other[other_key]) else None
    elif isinstance(inside, list):
        inside[key:key] = [inside[key]] * random.choice((1, 3, 200))
    elif isinstance(inside, dict):
        inside[random.choice((*_WORDS, *_NUMBERS, f"{key}_", key.upper()))] = inside.pop(key)
    return value


def _holds_nested(value: Any) -> bool:
    return isinstance(value, Nested) or any(isinstance(inside[key], Nested) for inside, key in _places(value))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every item of every list and object in a value, as what it is in and its key."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        inside = waiting.pop()
        keys = list(inside) if isinstance(inside, dict) else range(len(inside)) if isinstance(inside, list) else ()
        found += [(inside, key) for key in keys]
        waiting += [inside[key] for key in keys]
    return found


def dumped(value: Any) -> bytes:
    """The value as JSON; what is nested too deeply for `json` is put in afterwards."""
    texts: list[str] = []

    def stand_in(nested: Any) -> str:
        texts.append(nested.text)
        return f"@nested-{len(texts) - 1}@"

    text = json.dumps(value, default=stand_in)
    for at, nested in enumerate(texts):
        text = text.replace(f'"@nested-{at}@"', nested)
    return text.encode("utf-8", "surrogatepass")


def _json(random: Random, content: bytes) -> bytes | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        value = changed_value(random, value)
        if isinstance(value, Nested) or not isinstance(value, list | dict):
            break
    return dumped(value)


def _lines(random: Random, content: bytes) -> bytes | None:
    lines = content.split(b"\n")
    at = random.randrange(len(lines))
    action = random.randrange(8)
    if action == 0:
        del lines[at]
    elif action == 1:
        lines[at:at] = [lines[at]] * random.choice((1, 3, 50))
    elif action == 2:
        random.shuffle(lines)
    else:
        head, brace, rest = lines[at].partition(b"{")
        changed = _json(random, brace + rest)
        if changed is None:
            return None
        lines[at] = head + changed
    return b"\n".join(lines)


def _cells(random: Random, content: bytes) -> bytes | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    separator = "\t" if "\t" in text else ","
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    filled = [row for row in rows if row]
    if not filled:
        return None
    row = random.choice(filled if random.random() < 0.7 else filled[:1])
    column, action = random.randrange(len(row)), random.randrange(8)
    if action < 5:
        row[column] = random.choice((*_NUMBERS, *_WORDS, random.choice(random.choice(filled))))
    elif action == 5:
        del row[column]
    elif action == 6:
        rows += [row] * random.choice((1, 3, 200))
    else:
        for each in filled:
            if column < len(each):
                del each[column]
    out = io.StringIO()
    try:
        csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    except csv.Error:
        return None
    return out.getvalue().encode("utf-8", "surrogatepass")


_STRUCTURED: dict[Form, Callable[[Random, bytes], bytes | None]] = {"json": _json, "lines": _lines, "cells": _cells}
