"""Which trial comes next, in Ray Tune's words: a searcher that passes on what an agenda hands out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from ray.tune.search import Searcher

from search_spaces.presets import PlannedTrial
from trainables.sweeps.actor import TRIAL
from trainables.sweeps.agenda import TrialSource


class Planner(Searcher):
    """Hands out the source's trials. `settings` give what a trial's configuration holds beside it."""

    def __init__(self, source: TrialSource, settings: Callable[[PlannedTrial], Mapping[str, Any]]) -> None:
        super().__init__(metric="epoch", mode="max")
        self._source = source
        self._settings = settings
        self.handed_out: dict[str, PlannedTrial] = {}
        """Planned trials by the id that Ray gave them."""

    def __getstate__(self) -> dict[str, Any]:
        """Ray pickles what it is given, for a restore that is never asked for."""
        return {}

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The next trial's configuration; None for "ask again when one has ended"; or `FINISHED`."""
        planned = self._source.take()
        if planned is None:  # the base class promises a dictionary, and takes a word for the end
            return cast("None", Searcher.FINISHED) if self._source.done else None
        self.handed_out[trial_id] = planned
        return {**self._settings(planned), TRIAL: planned.trial.to_json()}

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Nothing: the source hears of it with all its metrics, from the outbox."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing to keep: the tracking store knows what is finished."""

    def restore(self, checkpoint_path: str) -> None:
        """See `save`."""
