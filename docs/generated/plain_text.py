"""Texts of the code as Markdown that shows just them."""

from __future__ import annotations

import html
import re


def plain(text: str) -> str:
    """`text` in a paragraph or a cell of a table: code between backticks, no other sign taken for Markdown or HTML."""
    *parts, last = re.split(r"`([^`]+)`", " ".join(text.split()))
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return "".join(f"{_escaped(words)}<code>{_escaped(code)}</code>" for words, code in pairs) + _escaped(last)


def _escaped(text: str) -> str:
    return re.sub(r"[\\`*_{}\[\]#|]", lambda sign: f"&#{ord(sign[0])};", html.escape(text, quote=False))


def table(*rows: tuple[str, ...]) -> str:
    """A table whose first row is its head. Cells are Markdown on one line."""
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *body))
