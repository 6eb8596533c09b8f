"""Nested settings under flat names."""

from collections.abc import Mapping
from typing import Any


def flat(nested: Mapping[str, Any], joint: str = "/") -> dict[str, Any]:
    """Each value under the names of all its levels; lists and empty dictionaries stay values.

    >>> flat({"optimizer": {"lr": 0.1}, "layers": [1, 2]})
    {'optimizer/lr': 0.1, 'layers': [1, 2]}
    """
    found: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, dict) and value:
            found |= {f"{name}{joint}{inner}": deep for inner, deep in flat(value, joint).items()}
        else:
            found[str(name)] = value
    return found
