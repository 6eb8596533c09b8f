"""Text of users' on a terminal: shown as text, whatever is in it.

Names of classes, files and variants may have control characters, by which a terminal is told to do things, or bytes
that are no text.
"""

import re

_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but for tabs and ends of lines
    "\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069"  # what turns others around; other ends of lines
    "\ud800-\udfff]"  # bytes that are no text, as Python keeps them
)


def shown(text: str) -> str:
    r"""The text with what is none written out, as Python writes it.

    >>> print(shown("a\x1b[31mb"))
    a\x1b[31mb
    """
    return text if text.isprintable() else _NOT_TEXT.sub(lambda found: ascii(found[0])[1:-1], text)
