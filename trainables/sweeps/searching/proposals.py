"""The next proposal of a search: from its sampler, from a grid, or at random where neither gets anywhere.

What a space asks of a chooser is asked of an Optuna trial. Attributes of the journal's trials say
more of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import Study as OptunaStudy
from optuna.trial import FrozenTrial, TrialState, create_trial
from optuna.trial import Trial as OptunaTrial

from soundproof.common import record
from soundproof.search_spaces.choices import Assignment, Replayed
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.trainables.sweeps.searching.samplers import make_sampler
from soundproof.trainables.sweeps.searching.settings import SearchSettings

TRIAL_ID, STATUS, TURNED_DOWN, WARM = "trial_id", "status", "turned_down", "warm"
"""Attributes of a trial in the journal: what it is trained as, how it ended, why it was not trained, and whether it was
known before the search."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One proposal: its number in the history, and what it chose."""

    number: int
    assignment: Assignment


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorTrial:
    """A trial of the same space that somebody has recorded.

    `epochs` are the values that a scheduler would have seen.
    """

    trial_id: str
    assignment: Assignment
    status: record.Status
    metrics: Mapping[str, float]
    epochs: Mapping[int, float]


def as_sample(trial: FrozenTrial) -> Sample:
    """What a trial of the journal chose."""
    return Sample(number=trial.number, assignment=dict(trial.params))


def is_own(trial: FrozenTrial) -> bool:
    """Whether this search has trained it, or trains it."""
    return TRIAL_ID in trial.user_attrs and WARM not in trial.user_attrs


@dataclass(frozen=True)
class Suggested:
    """A `Chooser` that lets the sampler of an Optuna trial decide. Bounds may be others from trial to trial."""

    trial: OptunaTrial

    def category(self, name: str, options: tuple[str, ...]) -> str:
        """See `Chooser`."""
        return str(self.trial.suggest_categorical(name, options))

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> int:
        """See `Chooser`."""
        if log and step != 1:  # no sampler has these: the space takes what is drawn for the nearest step
            return self.trial.suggest_float(name, low, high, log=True)  # type: ignore[return-value]
        return self.trial.suggest_int(name, low, high, step=step, log=log)

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> float:
        """See `Chooser`."""
        return self.trial.suggest_float(name, low, high, step=None if log else step, log=log)


class Compiled(Replayed):
    """A `Chooser` that follows an assignment and keeps the distribution of every parameter on its way."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(assignment)
        self.distributions: dict[str, BaseDistribution] = {}

    def category(self, name: str, options: tuple[str, ...]) -> Any:
        """See `Chooser`."""
        self.distributions[name] = CategoricalDistribution(options)
        return super().category(name, options)

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> Any:
        """See `Chooser`."""
        self.distributions[name] = (
            FloatDistribution(low, high, log=True)
            if log and step != 1
            else IntDistribution(low, high, log=log, step=step)
        )
        return super().integer(name, low, high, step, log)

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> Any:
        """See `Chooser`."""
        self.distributions[name] = FloatDistribution(low, high, log=log, step=None if log else step)
        return super().real(name, low, high, step, log)


STARTUP_TRIALS = 10
IN_VAIN = 10
"""When so many proposals in a row were turned down, the next are drawn at random: a sampler that learns nothing from
them would make them again and again."""


@dataclass
class Proposals:
    """Asks for samples of a space, in the journal of `study`.

    The grid is walked once: each proposal goes on from the point of the one before. A search that is taken up again
    walks to where it was.
    """

    study: OptunaStudy
    space: SearchSpace
    settings: SearchSettings
    _points: Iterator[Assignment] | None = field(default=None, init=False)
    _position: int = field(default=0, init=False)
    _looked_at: int = field(default=0, init=False)
    _asked: int = field(default=0, init=False)

    def next(self) -> Sample | None:
        """A new proposal; None where a grid has no further point. It must be accepted or turned down.

        One that was neither, since its process died, comes out once more.
        """
        begun = next((trial for trial in self._trials(TrialState.RUNNING) if not is_own(trial)), None)
        if begun is None and self._is_exhausted():
            return None
        number = len(self._trials()) if begun is None else begun.number
        name = "random" if self._is_in_vain(number) else self.settings.sampler
        self.study.sampler = make_sampler(name, self.settings.seed, number, STARTUP_TRIALS)
        if self.settings.sampler == "grid":
            return as_sample(begun) if begun is not None else self._next_point(number)
        if begun is None:
            trial = self.study.ask()
        else:  # what it has already is drawn again, so that the rest is drawn as it would have been
            trial = OptunaTrial(self.study, begun._trial_id)
            trial._cached_frozen_trial.params, trial._cached_frozen_trial.distributions = {}, {}
        return Sample(number=number, assignment=self.space.choose(Suggested(trial)))

    def _is_exhausted(self) -> bool:
        """Whether every assignment of a finite space has been asked for."""
        size = self._size
        if size is None or self._count_asked() < size:
            return False
        asked = (trial for trial in self._trials() if WARM not in trial.user_attrs)
        return len({frozenset(trial.params.items()) for trial in asked}) == size

    @cached_property
    def _size(self) -> int | None:
        return self.space.count()

    def _count_asked(self) -> int:
        """How many proposals were made, those of searches before this one left out. Each trial is looked at once."""
        trials = self._trials()
        self._asked += sum(WARM not in trial.user_attrs for trial in trials[self._looked_at :])
        self._looked_at = len(trials)
        return self._asked

    def _is_in_vain(self, number: int) -> bool:
        """Whether the proposals before that number were turned down, `IN_VAIN` of them."""
        before = self._trials()[max(0, number - IN_VAIN) : number]
        return len(before) == IN_VAIN and all(TURNED_DOWN in trial.user_attrs for trial in before)

    def _next_point(self, number: int) -> Sample | None:
        """The first point of the grid that has not been asked for. It enters the journal whole, by one line."""
        position = self._count_asked()
        if self._points is None or position != self._position:
            self._points = islice(self.space.assignments(), position, None)
        self._position = position + 1
        point = next(self._points, None)
        if point is None:
            return None
        distributions = compiled(self.space, point).distributions
        self.study.add_trial(create_trial(state=TrialState.RUNNING, params=dict(point), distributions=distributions))
        return Sample(number=number, assignment=point)

    def _trials(self, *states: TrialState) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False, states=states or None)


def compiled(space: SearchSpace, assignment: Assignment) -> Compiled:
    """The distributions of the parameters that an assignment has."""
    followed = Compiled(assignment)
    space.choose(followed)
    return followed
