"""Choosers that draw at random, and that repeat what was chosen before."""

import math
from random import Random
from typing import Any

from soundproof.search_spaces.choices.nodes import number_of_steps, value_at
from soundproof.search_spaces.choices.traversal import Assignment
from soundproof.search_spaces.specs import SpecError


class Drawn:
    """Options and steps are equally likely; numbers are uniform over the range, or over its logarithm."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def category(self, name: str, options: tuple[str, ...]) -> str:
        """Any of the options."""
        return self._random.choice(options)

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> int:
        """Any of the values; where `log`, each as likely as the logarithm is long on which it is the nearest."""
        if not log:
            return low + step * self._random.randint(0, (high - low) // step)
        least = low - step / 2 if low > step / 2 else low
        drawn = math.exp(self._random.uniform(math.log(least), math.log(high + step / 2)))
        return min(high, max(low, low + step * round((drawn - low) / step)))

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> float:
        """Any of the values; where `log` with steps, each as likely as the logarithm is long to which it is nearest."""
        if step is not None and not log:
            return value_at(low, step, self._random.randint(0, number_of_steps(low, high, step)))
        if not log:
            return min(high, max(low, self._random.uniform(low, high)))
        drawn = min(high, max(low, math.exp(self._random.uniform(math.log(low), math.log(high)))))
        return drawn if step is None else value_at(low, step, round((drawn - low) / step))


class Replayed:
    """An assignment once more. Call `check_all_used` at the end: what nobody asked for is a mistake too."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._used: set[str] = set()

    def category(self, name: str, options: tuple[str, ...]) -> Any:
        """The assigned label."""
        return self._take(name)

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> Any:
        """The assigned whole number."""
        return self._take(name)

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> Any:
        """The assigned number."""
        return self._take(name)

    def check_all_used(self) -> None:
        """Raise `SpecError` when parameters were assigned that do not exist with these choices."""
        superfluous = sorted(set(self._assignment) - self._used)
        if superfluous:
            raise SpecError(
                f"the assignment has parameters that do not exist with its choices: {', '.join(superfluous)}: "
                "leave them out"
            )

    def _take(self, name: str) -> Any:
        if name not in self._assignment:
            raise SpecError(f"the assignment lacks {name}, which its other choices need: it has {[*self._assignment]}")
        self._used.add(name)
        return self._assignment[name]
