"""A network with all its layers narrower, and everything else as it was."""

import math
from dataclasses import fields, replace
from typing import Any

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.specs import (
    AttentionStack,
    BareHead,
    ConformerStack,
    Network,
    Spec,
    SpeechNetwork,
    TransformerStack,
)

_WIDTHS = frozenset("bottleneck channels dense feed_forward_units filters gru_units lstm_units units".split())
"""Fields that count channels or units, in whatever layer. Those of classes and of symbols are not among them."""

_HEADS_AT_ONCE = 8
"""Channels that attend stay a multiple of it, so that networks with 1, 2, 4 and 8 heads are made equally narrow."""


def narrow(network: Network, width: float, symbols: int = OUTPUTS) -> Network:
    """`network` with every width times `width`, rounded, at least 1.

    Where the channels themselves are the symbols (`BareHead`), a speech network keeps one for each of the `symbols`, as
    far as it has had them. Channels that attend stay a multiple of their heads.
    """
    bare = isinstance(network, SpeechNetwork) and isinstance(network.head, BareHead)
    narrowed: Network = _narrow(network, width, least=symbols if bare else 1)
    return narrowed


def _narrow(value: Any, width: float, least: int, name: str = "") -> Any:
    """A spec, a tuple, or what the field `name` holds; whatever is no width is as it was."""
    match value:
        case Spec():
            held = {field.name: getattr(value, field.name) for field in fields(value)}  # type: ignore[arg-type]
            made = {field: _narrow(inner, width, least, field) for field, inner in held.items()}
            if isinstance(value, ConformerStack | TransformerStack):
                made["channels"] = _for_heads(value, made["channels"], least)
            return replace(value, **made)  # type: ignore[type-var]
        case tuple():
            return tuple(_narrow(item, width, least, name) for item in value)
        case int() if name in _WIDTHS:
            return max(min(least, max(value, OUTPUTS)), round(value * width))
        case _:
            return value


def _for_heads(stack: AttentionStack, channels: int, least: int) -> int:
    """About so many channels, at least `least`, that the heads of `stack` can share."""
    if channels == stack.channels:
        return channels
    together = math.lcm(_HEADS_AT_ONCE, stack.heads)
    multiple = max(1, math.ceil(least / together), round(channels / together)) * together
    return multiple if least > stack.channels else min(multiple, stack.channels)
