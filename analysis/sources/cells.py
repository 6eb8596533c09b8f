"""Cells as text, and the numbers in them: one rule for all formats, so that no library's guess changes a number."""

import json
import math
import re
from typing import Any

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WORDS = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
LARGEST = 1.7976931348623157e308
"""What some databases keep in the place of infinity."""


def text_of(value: Any) -> str | None:
    """A value as a cell's text, from which `number` gives the same number back; None for nothing, and empty text.

    >>> text_of(0.1), text_of(7), text_of(True), text_of(None), text_of(" a "), text_of([1, 2]), text_of(float("nan"))
    ('0.1', '7', 'true', None, 'a', '[1, 2]', 'nan')
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value)
    return str(value).strip() or None


def number(text: str) -> float | None:
    """The number that a cell holds; None where it holds none. NaN and infinity are numbers, also as words in quotes.

    Neither decimal commas, digits in groups nor hexadecimal digits are guessed at: such cells are text.

    >>> number("1e-3"), number('"Infinity"'), number("1,5"), number("0x10"), number("1_000")
    (0.001, inf, None, None, None)
    """
    bare = text.strip().strip('"').strip()
    if _NUMBER.fullmatch(bare):
        value = float(bare)
        return math.copysign(math.inf, value) if abs(value) >= LARGEST else value
    sign = -1.0 if bare.startswith("-") else 1.0
    word = _WORDS.get(bare.lower().lstrip("+-"))
    return None if word is None else sign * word
