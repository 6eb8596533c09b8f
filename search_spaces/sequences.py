"""Sequences within specs as one text that people compare and programs read back: `[Relu, Dropout(rate=0.2)]`.

The record keeps them so. Numbered names would compare the first item of one trial with the first of another, whatever
they are, and would lack a value wherever a sequence is shorter.
"""

from __future__ import annotations

import ast
import functools
import keyword
from collections.abc import Sequence

from soundproof.search_spaces.specs import Plain


def sequence_text(items: Sequence[Plain]) -> str:
    """The items in brackets: specs by class and fields, texts quoted."""
    return f"[{', '.join(map(_text, items))}]"


@functools.lru_cache(maxsize=4096)
def read_sequence(text: str) -> tuple[Plain, ...] | None:
    """The items that `sequence_text` wrote; None where the text is no sequence. Nothing in it is executed."""
    if not text.startswith("[") or not text.endswith("]"):
        return None
    try:
        read = _plain(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tuple(read) if isinstance(read, list) else None


def _text(value: Plain) -> str:
    match value:
        case dict():
            return _spec_text(value)
        case list():
            return sequence_text(value)
        case _:
            return repr(value)


def _spec_text(plain: dict[str, Plain]) -> str:
    """As the spec is declared; a dictionary that is none, as Python writes it."""
    name = plain.get("type")
    if not isinstance(name, str) or not all(map(_is_name, (name, *plain))):
        return f"{{{', '.join(f'{key!r}: {_text(item)}' for key, item in plain.items())}}}"
    fields = ", ".join(f"{field}={_text(item)}" for field, item in plain.items() if field != "type")
    return f"{name}({fields})" if fields else name


def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _plain(node: ast.expr) -> Plain:
    match node:
        case ast.Name(id=name):
            return {"type": name}
        case ast.Call(func=ast.Name(id=name), args=[], keywords=fields) if all(field.arg for field in fields):
            return {"type": name} | {str(field.arg): _plain(field.value) for field in fields}
        case ast.Dict(keys=keys, values=values):
            names = [ast.literal_eval(key) for key in keys if key is not None]
            return {str(name): _plain(item) for name, item in zip(names, values, strict=True)}
        case ast.List(elts=items):
            return [_plain(item) for item in items]
        case _:
            return _scalar(ast.literal_eval(node))


def _scalar(value: object) -> Plain:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise ValueError(f"no value of a spec: {value!r}")
