"""Ranges of numbers: their bounds once these are known, the values within, and how they are written."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from soundproof.search_spaces.choices.nodes import (
    Chosen,
    IntegerRange,
    RealRange,
    Scalar,
    nearest,
    number_of_steps,
    value_at,
)
from soundproof.search_spaces.specs import SpecError


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """A range whose bounds are numbers; `whole`: of whole numbers alone."""

    low: float
    high: float
    step: float | None
    log: bool
    whole: bool

    def number(self, value: object) -> float | None:
        """The value of the range that `value` stands for, else None.

        For a whole number that is an int or a float without a fraction, for any other a number up to rounding to a
        step. A range that is log and has steps takes any number, as samplers draw it, for the step that is nearest.
        """
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        if self.is_log_in_steps and isinstance(value, float) and self.low <= value <= self.high:
            assert self.step is not None
            steps = min(round((value - self.low) / self.step), number_of_steps(self.low, self.high, self.step))
            value = value_at(self.low, self.step, steps)
        if self.whole:
            inside = self.low <= value <= self.high and (value - self.low) % (self.step or 1) == 0
            return int(value) if inside else None
        if self.step is not None:
            return nearest(self.low, self.high, self.step, value)
        return float(value) if self.low <= value <= self.high else None

    @property
    def is_log_in_steps(self) -> bool:
        """Whether ratios are equally likely, and only some numbers are values."""
        return self.log and self.step is not None and (not self.whole or self.step != 1)


def range_of(node: IntegerRange | RealRange, name: str, known: Callable[[Chosen], Scalar]) -> Range:
    """The range of `node`, which is called `name`; `known` says what was chosen earlier.

    Raises `SpecError` where nothing lies between its bounds.
    """
    low, high = (_bound(bound, name, known) for bound in (node.low, node.high))
    if low > high or (node.log and low <= 0):
        raise SpecError(f"{name} would lie between {low:g} and {high:g} with these choices ({range_in_words(node)})")
    if node.step is not None:
        high = value_at(low, node.step, number_of_steps(low, high, node.step))
    whole = isinstance(node, IntegerRange)
    if whole:
        low, high = int(low), int(high)
    return Range(low=low, high=high, step=node.step, log=node.log, whole=whole)


def fixed_range(node: IntegerRange | RealRange) -> Range | None:
    """The range of `node` where its bounds depend on no other choice."""
    if isinstance(node.low, Chosen) or isinstance(node.high, Chosen):
        return None
    return range_of(node, "", lambda _: None)


def range_in_words(node: IntegerRange | RealRange) -> str:
    """The range as messages and listings show it."""
    low, high = (bound if isinstance(bound, Chosen) else f"{bound:g}" for bound in (node.low, node.high))
    words = f"{low} to {high}" + (", log" if node.log else "")
    stepped = node.step is not None and (isinstance(node, RealRange) or node.step != 1)
    return f"{words} in steps of {node.step:g}" if stepped else words


def _bound(bound: float | Chosen, name: str, known: Callable[[Chosen], Scalar]) -> float:
    if not isinstance(bound, Chosen):
        return bound
    value = known(bound)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SpecError(f"{name} has a bound that follows {bound.name}, which is no number: {value!r}")
    return value
