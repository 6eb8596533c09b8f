"""The next proposal of a search: from its sampler, from a grid, or at random where neither gets anywhere."""

from itertools import islice

from optuna.study import Study as OptunaStudy
from optuna.trial import FrozenTrial, TrialState, create_trial
from optuna.trial import Trial as OptunaTrial

from soundproof.search_spaces.choices import Assignment
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.trainables.sweeps.searching.compiler import Compiled, Suggested
from soundproof.trainables.sweeps.searching.samplers import make_sampler
from soundproof.trainables.sweeps.searching.samples import TURNED_DOWN, WARM, Sample, as_sample, is_own
from soundproof.trainables.sweeps.searching.settings import SearchSettings

STARTUP_TRIALS = 10
IN_VAIN = 10
"""When so many proposals in a row were turned down, the next are drawn at random: a sampler that learns nothing from
them would make them again and again."""


class Proposals:
    """Asks for samples of a space, in the journal of `study`."""

    def __init__(self, study: OptunaStudy, space: SearchSpace, settings: SearchSettings) -> None:
        self._study = study
        self._space = space
        self._settings = settings

    def next(self) -> Sample | None:
        """A new proposal; None where a grid has no further point. It must be accepted or turned down.

        One that was neither, since its process died, comes out once more.
        """
        begun = next((trial for trial in self._trials(TrialState.RUNNING) if not is_own(trial)), None)
        if begun is None and self._is_exhausted():
            return None
        number = len(self._trials()) if begun is None else begun.number
        name = "random" if self._is_in_vain(number) else self._settings.sampler
        self._study.sampler = make_sampler(name, self._settings.seed, number, STARTUP_TRIALS)
        if self._settings.sampler == "grid":
            return as_sample(begun) if begun is not None else self._next_point(number)
        if begun is None:
            trial = self._study.ask()
        else:  # what it has already is drawn again, so that the rest is drawn as it would have been
            trial = OptunaTrial(self._study, begun._trial_id)
            trial._cached_frozen_trial.params, trial._cached_frozen_trial.distributions = {}, {}
        return Sample(number=number, assignment=self._space.choose(Suggested(trial)))

    def _is_exhausted(self) -> bool:
        """Whether every assignment of a finite space has been asked for."""
        size, asked = self._space.count(), [trial for trial in self._trials() if WARM not in trial.user_attrs]
        if size is None or len(asked) < size:
            return False
        return len({frozenset(trial.params.items()) for trial in asked}) == size

    def _is_in_vain(self, number: int) -> bool:
        """Whether the proposals before that number were turned down, `IN_VAIN` of them."""
        before = self._trials()[max(0, number - IN_VAIN) : number]
        return len(before) == IN_VAIN and all(TURNED_DOWN in trial.user_attrs for trial in before)

    def _next_point(self, number: int) -> Sample | None:
        """The first point of the grid that has not been asked for. It enters the journal whole, by one line."""
        position = sum(WARM not in trial.user_attrs for trial in self._trials())
        point = next(islice(self._space.assignments(), position, None), None)
        if point is None:
            return None
        distributions = compiled(self._space, point).distributions
        self._study.add_trial(create_trial(state=TrialState.RUNNING, params=dict(point), distributions=distributions))
        return Sample(number=number, assignment=point)

    def _trials(self, *states: TrialState) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False, states=states or None)


def compiled(space: SearchSpace, assignment: Assignment) -> Compiled:
    """The distributions of the parameters that an assignment has."""
    followed = Compiled(assignment)
    space.choose(followed)
    return followed
