"""Which trial comes next: a Ray Tune searcher that hands out planned trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ray.tune.search import Searcher

from search_spaces.presets import PlannedTrial
from trainables.sweeps.actor import TRIAL


class Planner(Searcher):
    """Hands out trials in plan order, each once. `settings` go to every trial's configuration beside it."""

    def __init__(self, planned: Sequence[PlannedTrial], settings: Mapping[str, Any]) -> None:
        super().__init__(metric="epoch", mode="max")
        self._waiting = list(reversed(planned))
        self._settings = dict(settings)
        self.handed_out: dict[str, PlannedTrial] = {}
        """Planned trials by the id that Ray gave them."""

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The next trial's configuration, or `FINISHED`."""
        if not self._waiting:
            return cast("None", Searcher.FINISHED)  # a word, though the base class promises a dictionary
        planned = self._waiting.pop()
        self.handed_out[trial_id] = planned
        return {**self._settings, TRIAL: planned.trial.to_json()}

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Nothing to learn from: the plan does not depend on results."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing to keep: the tracking store knows what is finished."""

    def restore(self, checkpoint_path: str) -> None:
        """See `save`."""
