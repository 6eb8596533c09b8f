"""Sequences within specs as one text that people compare: `[Relu, Dropout(rate=0.2)]`.

The parameters of a run in MLflow are so. Numbered names would compare the first item of one trial with the first of
another, whatever they are, and would lack a value wherever a sequence is shorter.
"""

import keyword
from collections.abc import Sequence

from soundproof.search_spaces.specs import Plain


def sequence_text(items: Sequence[Plain]) -> str:
    """The items in brackets: specs by class and fields, texts quoted."""
    return f"[{', '.join(map(_text, items))}]"


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
