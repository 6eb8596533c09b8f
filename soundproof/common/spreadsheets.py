"""Texts in files that a spreadsheet may open.

A spreadsheet takes a cell that begins with =, +, - or @ for a formula, quoted or not (OWASP, "CSV Injection").
"""

import re

_STARTS_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@'\uff1d\uff0b\uff0d\uff20]")
"""Spreadsheets for East Asian scripts take the wide forms of these characters for the characters."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def harmless(text: str) -> str:
    """`text` as a cell that is shown and not executed: with a leading apostrophe, where it would be a formula.

    So is one that begins with an apostrophe: leaving one out gives the original. Numbers stay as they are.
    """
    if _STARTS_FORMULA.match(text) is None or _NUMBER.fullmatch(text) is not None:
        return text
    return "'" + text
