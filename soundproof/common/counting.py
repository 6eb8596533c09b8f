"""Numbers of things in words, and lists of words."""

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """`1 trial`, `1,250 trials`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def listed(words: Sequence[str]) -> str:
    """`1`, `1 and 2`, `1, 2 and 3`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
