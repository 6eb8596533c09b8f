"""One generation of a population from the one before: who goes on, who takes whose place, and with which choices.

Population-based training (Jaderberg et al. 2017, https://arxiv.org/abs/1711.09846) with truncation selection. Random
numbers come from streams that are named by the seed of the search, the generation and the member, so that whoever knows
the results of a generation finds the same next one.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from random import Random

import optuna

from soundproof.search_spaces.choices import Assignment, Drawn
from soundproof.search_spaces.choices.nodes import number_of_steps, value_at
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.trainables.sweeps.searching.proposals import Suggested
from soundproof.trainables.sweeps.searching.samplers import make_sampler

SELECTED_SHARE = 4
"""The worst quarter takes over from the best quarter."""
FACTORS = (0.8, 1.2)
PROBABILITY_DRAWN_ANEW = 0.25
EXPLORED = "recipe."
"""Beginning of the names of parameters that may change while a network trains: those of all else shape its state."""


def stream(seed: int, generation: int, *what: str | int) -> Random:
    """Random numbers of their own."""
    return Random("/".join(str(part) for part in (seed, generation, *what)))  # noqa: S311  # nothing secret


def first_draws(space: SearchSpace, sampler: str, seed: int) -> Iterator[Assignment]:
    """Proposals for the first generation, without end."""
    if sampler != "quasi-random":
        yield from (space.draw(stream(seed, 0, number)) for number in count())
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    for number in count():
        study.sampler = make_sampler("quasi-random", seed, number, startup=0)
        trial = study.ask()
        yield space.choose(Suggested(trial))
        study.tell(trial, 0.0)  # only ended trials tell the sequence which parameters there are


def ranked(values: Sequence[float | None], *, higher_is_better: bool) -> list[int]:
    """Members from best to worst by the values that they have reached; those without one last, equal ones in order."""
    sign = -1 if higher_is_better else 1
    keys = [(value is None, 0.0 if value is None else sign * value, at) for at, value in enumerate(values)]
    return [at for _, _, at in sorted(keys)]


def succession(values: Sequence[float | None], *, higher_is_better: bool, seed: int, generation: int) -> list[int]:
    """For each member of `generation`, the member of the one before whose state it takes: itself or a donor.

    `values` are those of the generation before, at least one of them not None. The worst quarter, and whoever has no
    value, takes the state of a member drawn from the best quarter.
    """
    order = ranked(values, higher_is_better=higher_is_better)
    quarter = max(1, len(order) // SELECTED_SHARE)
    donors = [at for at in order[:quarter] if values[at] is not None]
    replaced = {*order[-quarter:], *(at for at, value in enumerate(values) if value is None)}
    return [stream(seed, generation, at, "donor").choice(donors) if at in replaced else at for at in range(len(values))]


def explore(space: SearchSpace, donor: Assignment, random: Random) -> Assignment:
    """The donor's choices with every number of its recipe varied."""
    return space.choose(_Explored(donor, random))


class _Explored:
    """A `Chooser` that follows an assignment, but for the numbers of the recipe.

    Each of those is multiplied by one of `FACTORS`, within its range and on its grid, or drawn anew.
    """

    def __init__(self, donor: Assignment, random: Random) -> None:
        self._donor = donor
        self._random = random
        self._drawn = Drawn(random)

    def category(self, name: str, options: tuple[str, ...]) -> str:
        """See `Chooser`."""
        return str(self._donor[name]) if name in self._donor else self._drawn.category(name, options)

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> int:
        """See `Chooser`."""
        wanted = self._wanted(name)
        if wanted is None:
            return self._drawn.integer(name, low, high, step, log)
        return low + step * _within(0, (high - low) // step, round((wanted - low) / step))

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> float:
        """See `Chooser`."""
        wanted = self._wanted(name)
        if wanted is None:
            return self._drawn.real(name, low, high, step, log)
        if step is None:
            return min(high, max(low, wanted))
        return value_at(low, step, _within(0, number_of_steps(low, high, step), round((wanted - low) / step)))

    def _wanted(self, name: str) -> float | None:
        """Where the number is to go, whatever its range; None to draw it anew."""
        value = self._donor.get(name)
        if not isinstance(value, int | float):  # it exists only with a choice that the donor did not make
            return None
        if not name.startswith(EXPLORED):
            return value
        if self._random.random() < PROBABILITY_DRAWN_ANEW:
            return None
        return value * self._random.choice(FACTORS)


def _within(low: int, high: int, value: int) -> int:
    return min(high, max(low, value))
