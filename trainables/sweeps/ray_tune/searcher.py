"""Which trial comes next, in Ray Tune's words: a searcher that passes on what a provider hands out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ray.tune.search import Searcher

from soundproof.search_spaces.presets import PlannedTrial
from soundproof.trainables.sweeps.planning.study_plan import TrialProvider
from soundproof.trainables.sweeps.workers.trainable import TRIALS


class Planner(Searcher):
    """Hands out the source's trials, one by one or, `in_company`, those that may gain from it a few at a time.

    `settings` give what a configuration holds beside the trials, by the first of them; `slots` is how many may run at
    once.
    """

    def __init__(
        self,
        source: TrialProvider,
        settings: Callable[[PlannedTrial], Mapping[str, Any]],
        slots: int = 1,
        *,
        in_company: bool = False,
    ) -> None:
        super().__init__(metric="epoch", mode="max")
        self._source = source
        self._settings = settings
        self._slots = slots
        self._in_company = in_company
        self._apart: deque[PlannedTrial] = deque()
        self.handed_out: dict[str, list[PlannedTrial]] = {}
        """Planned trials by the id that Ray gave to all of them."""

    def __getstate__(self) -> dict[str, Any]:
        """Ray pickles what it is given, for a restore that is never asked for."""
        return {}

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The next configuration; None for "ask again when one has ended"; or `FINISHED`."""
        crew = self._next()
        if not crew:  # the base class promises a dictionary, and takes a word for the end
            return cast("None", Searcher.FINISHED) if self._source.done else None
        self.handed_out[trial_id] = crew
        return {**self._settings(crew[0]), TRIALS: [planned.trial.to_json() for planned in crew]}

    def _next(self) -> list[PlannedTrial]:
        if self._apart:
            return [self._apart.popleft()]
        first = self._source.take()
        if first is None:
            return []
        return [first, *self._source.company(first, self._slots)] if self._in_company else [first]

    def take_apart(self, crew: Sequence[PlannedTrial]) -> None:
        """Hand out each by itself: together they were too much for their actor."""
        self._apart.extend(crew)

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Nothing: the source hears of it with all its metrics, from the outbox."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing to keep: the tracking store knows what is finished."""

    def restore(self, checkpoint_path: str) -> None:
        """See `save`."""
