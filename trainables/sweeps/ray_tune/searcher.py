"""Which trial comes next, in Ray Tune's words: a searcher that passes on what a provider hands out."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from ray.tune.search import Searcher

from soundproof.search_spaces.presets import PlannedTrial
from soundproof.trainables.sweeps.planning.provider import TrialProvider
from soundproof.trainables.sweeps.workers.trainable import TRIAL


class Planner(Searcher):
    """Hands out the provider's trials. `settings` gives what a configuration holds beside its trial."""

    def __init__(self, provider: TrialProvider, settings: Callable[[PlannedTrial], Mapping[str, Any]]) -> None:
        super().__init__(metric="epoch", mode="max")
        self._provider = provider
        self._settings = settings
        self.handed_out: dict[str, PlannedTrial] = {}
        """Planned trials by the id that Ray gave them."""

    def __getstate__(self) -> dict[str, Any]:
        """Ray pickles what it is given, for a restore that is never asked for."""
        return {}

    def suggest(self, trial_id: str) -> dict[str, Any] | None:
        """The next configuration; None for "ask again when one has ended"; or `FINISHED`."""
        planned = self._provider.take()
        if planned is None:  # the base class promises a dictionary, and takes a word for the end
            return cast("None", Searcher.FINISHED) if self._provider.done else None
        self.handed_out[trial_id] = planned
        return {**self._settings(planned), TRIAL: planned.trial.to_json()}

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Nothing: the provider gets it with all its metrics, from the outbox."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing to keep: the tracking store knows what is finished."""

    def restore(self, checkpoint_path: str) -> None:
        """See `save`."""
