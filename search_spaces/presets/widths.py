"""Networks with fewer channels and units in every layer, and as many layers as before."""

import dataclasses
from typing import Any

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.specs import BareHead, Network, Spec, SpeechNetwork

_WIDTHS = frozenset({"bottleneck", "channels", "dense", "filters", "gru_units", "lstm_units", "units"})
"""Fields that count channels or units, in whatever layer. Those of classes and of symbols are not among them."""


def narrow(network: Network, width: float) -> Network:
    """`network` with every width times `width`, rounded, at least 1.

    Where the channels themselves are the symbols (`BareHead`), a speech network keeps one for each symbol.
    """
    bare = isinstance(network, SpeechNetwork) and isinstance(network.head, BareHead)
    narrowed: Network = _narrow(network, width, least=OUTPUTS if bare else 1)
    return narrowed


def _narrow(value: Any, width: float, least: int) -> Any:
    """A spec, or a tuple of specs; anything else is as it was."""
    match value:
        case Spec():
            return dataclasses.replace(value, **_narrowed_fields(value, width, least))  # type: ignore[type-var]
        case tuple():
            return tuple(_narrow(item, width, least) for item in value)
        case _:
            return value


def _narrowed_fields(spec: Spec, width: float, least: int) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(spec):  # type: ignore[arg-type]
        value = getattr(spec, field.name)
        match value:
            case int() if field.name in _WIDTHS:
                fields[field.name] = _scaled(value, width, least)
            case (int(), *_) if field.name in _WIDTHS:
                fields[field.name] = tuple(_scaled(count, width, least) for count in value)
            case _:
                fields[field.name] = _narrow(value, width, least)
    return fields


def _scaled(channels: int, width: float, least: int) -> int:
    return max(least, round(channels * width))
