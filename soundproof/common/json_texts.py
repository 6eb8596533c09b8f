"""JSON that others may have written: whatever is wrong with it is one error, a ValueError."""

import json
from typing import Any

DEEPEST = 100
"""How many lists and objects may lie in each other. Whoever walks through them, `json` itself too, calls itself as
often, and Python ends that at a thousand with an error that nobody expects."""

_PLAIN = json.JSONDecoder()


def parsed(text: str | bytes, decoder: json.JSONDecoder = _PLAIN) -> Any:
    """The value of a text in JSON, UTF-8 where it is bytes.

    Raises ValueError, of which `json.JSONDecodeError` and `UnicodeDecodeError` are some, also where it is nested deeper
    than `DEEPEST`.

    >>> parsed('{"a": [1]}')
    {'a': [1]}
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    try:
        value = decoder.decode(text)
    except RecursionError:
        raise _too_deep() from None
    if text.count("[") + text.count("{") > DEEPEST and _is_deeper(value):
        raise _too_deep()
    return value


def _is_deeper(value: Any) -> bool:
    """Whether something lies deeper than allowed, without a call for each level."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _too_deep() -> ValueError:
    return ValueError(f"it is nested too deeply, in more than {DEEPEST} levels")
