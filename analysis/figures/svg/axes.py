"""Axes of a still picture: from values to pixels, and where the ticks lie."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TICKS = 6
_AIR = 0.05
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)

Ticks = tuple[tuple[float, str], ...]
"""(value, what is written there) pairs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """A stretch of pixels from `start` to `end`, on which values from `low` to `high` lie (as logarithms where so)."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool

    def place(self, value: float) -> float:
        """The pixel of a value, also of one beyond the ends."""
        at = math.log10(value) if self.logarithmic else float(value)
        return self.start + (at - self.low) / (self.high - self.low) * (self.end - self.start)


def scale_of(axis: Mapping[str, Any], values: Sequence[float], start: float, end: float) -> Scale:
    """The scale of one of Plotly's axes; of its values, with a little air, where no range is laid down."""
    logarithmic = axis.get("type") == "log"
    if "range" in axis:
        low, high = axis["range"]
        if low == high:  # of curves that have one point
            low, high = low - 0.5, high + 0.5
    else:
        low, high = min(values, default=0.0), max(values, default=1.0)
        air = _AIR * ((high - low) or 1.0)
        low = min(0.0, low) if axis.get("rangemode") == "tozero" else low - air
        high += air
    return Scale(low=low, high=high, start=start, end=end, logarithmic=logarithmic)


def ticks_of(axis: Mapping[str, Any], scale: Scale) -> Ticks:
    """The ticks within the ends of the scale: those laid down, else at round numbers."""
    values = axis.get("tickvals")
    if values is not None:
        found = list(zip(values, map(str, axis["ticktext"]), strict=True))
    elif scale.logarithmic:
        powers = range(math.floor(scale.low), math.ceil(scale.high) + 1)
        found = [
            (value, f"{value:,g}") for power in powers for value in (10.0**power, 2 * 10.0**power, 5 * 10.0**power)
        ]
    else:
        step = axis.get("dtick") or _round_step((scale.high - scale.low) / (axis.get("nticks") or _TICKS))
        first = math.ceil(scale.low / step - 1e-9)
        last = math.floor(scale.high / step + 1e-9)
        found = [(index * step, f"{index * step:.6g}") for index in range(first, last + 1)]
    low, high = sorted((scale.start, scale.end))
    shown = [(value, text) for value, text in found if low - 1 <= scale.place(value) <= high + 1]
    return tuple((value, text.replace("-", "\N{MINUS SIGN}") if values is None else text) for value, text in shown)


def _round_step(least: float) -> float:
    """The smallest round step that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))
