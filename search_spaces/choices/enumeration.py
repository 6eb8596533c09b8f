"""All assignments, one after the other: the last choice runs through its options first."""

from collections.abc import Callable, Iterator

from soundproof.search_spaces.choices.nodes import Node
from soundproof.search_spaces.choices.steps import number_of_steps, value_at
from soundproof.search_spaces.choices.traversal import Assignment, Chooser, decide
from soundproof.search_spaces.specs import SpecError


def assignments(node: Node, name: str) -> Iterator[Assignment]:
    """Every assignment once, depth first. Raises `SpecError` naming a parameter that has no step."""
    return enumerate_choices(lambda chooser: decide(node, chooser, name).assignment)


def enumerate_choices(ask: Callable[[Chooser], Assignment]) -> Iterator[Assignment]:
    """What `ask` returns for every sequence of answers that it can get, depth first."""
    odometer = _Odometer()
    while True:
        odometer.restart()
        yield ask(odometer)
        if not odometer.advance():
            return


class _Odometer:
    """Repeats the answers so far, and gives the first to whatever is asked beyond them."""

    def __init__(self) -> None:
        self._turns: list[int] = []
        self._sizes: list[int] = []
        self._asked = 0

    def restart(self) -> None:
        """Begin with the first question again."""
        self._asked = 0

    def advance(self) -> bool:
        """Turn the last question that has an answer left; False when none has."""
        while self._turns:
            self._turns[-1] += 1
            if self._turns[-1] < self._sizes[-1]:
                return True
            self._turns.pop()
            self._sizes.pop()
        return False

    def category(self, name: str, options: tuple[str, ...]) -> str:
        """The option whose turn it is."""
        return options[self._turn(len(options))]

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> int:
        """The value whose turn it is."""
        return low + step * self._turn((high - low) // step + 1)

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> float:
        """The value whose turn it is. Raises `SpecError` without a step."""
        if step is None:
            raise SpecError(
                f"{name} has no step, so its values from {low:g} to {high:g} cannot be listed: "
                "give it a step, or draw samples"
            )
        return value_at(low, step, self._turn(number_of_steps(low, high, step) + 1))

    def _turn(self, size: int) -> int:
        if self._asked == len(self._turns):
            self._turns.append(0)
            self._sizes.append(size)
        self._asked += 1
        return self._turns[self._asked - 1]
