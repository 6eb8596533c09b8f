"""Numbers of things in words, and lists of words."""

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """`1 trial`, `1,250 trials`, `2 classes`."""
    return f"{count:,} {noun}" + ("" if count == 1 else plural_ending(noun))


def plural_ending(noun: str) -> str:
    """What makes several of one.

    >>> plural_ending("trial"), plural_ending("class")
    ('s', 'es')
    """
    return "es" if noun.endswith("s") else "s"


def listed(words: Sequence[str]) -> str:
    """`1`, `1 and 2`, `1, 2 and 3`."""
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
