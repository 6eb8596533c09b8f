"""Searches without training: real journals and providers, and losses that are hashes of what would be trained."""

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from soundproof.common import record
from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.choices import Node, as_node, build, one_of, reals
from soundproof.search_spaces.open_spaces.speech_recipe import SPEECH_RECIPE
from soundproof.search_spaces.presets import PlannedTrial, plan_trial
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Adam, GroupSplit, Recipe, Sgd
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.sweeps.planning.provider import Known
from soundproof.trainables.sweeps.searching.history import History
from soundproof.trainables.sweeps.searching.proposals import Sample
from soundproof.trainables.sweeps.searching.provider import SearchProvider, TrialFactory
from soundproof.trainables.sweeps.searching.settings import SearchSettings

EPOCHS = 9
PRESET = replace(PRESETS["speech"]["smoke"], epochs=EPOCHS, learning_rate_factor=1.0, least_learning_rate=0.0)
LOSS = SPEECH_RECIPE.metric


def space_of(optimizer: Node, clip_norm: Any = None, **changes: Any) -> SearchSpace:
    """The speech network with other choices of its recipe."""
    recipe = build(Recipe, optimizer=optimizer, clip_norm=clip_norm)
    return replace(SPEECH_RECIPE, id="toy", recipe=recipe, **changes)


CONDITIONAL = space_of(
    one_of(
        sgd=build(Sgd, learning_rate=reals(0.001, 0.2, log=True), momentum=reals(0.5, 0.9, step=0.1)),
        adam=build(Adam, learning_rate=reals(1e-4, 1e-2, log=True)),
    )
)
"""Numbers with and without steps, some of them below a choice."""

TINY = space_of(build(Adam, learning_rate=0.001, first_decay=one_of(0.8, 0.9, 0.95)), one_of(None, 1.0, 5.0, 10.0))
"""Twelve assignments."""

FIXED = space_of(as_node(Adam(learning_rate=0.001)))
"""One assignment, with nothing to choose."""


def plan(variant: Variant, seed: int) -> PlannedTrial:
    """As a search plans it."""
    return plan_trial(PRESET.variant(variant), PRESET, PRESET.corpus, GroupSplit(), seed)


def settings_of(trials: int, **changes: Any) -> SearchSettings:
    """Random, nobody is stopped and nothing confirmed, unless it is said."""
    usual: dict[str, Any] = {"objectives": (LOSS,), "sampler": "random", "scheduler": "none", "confirm": 0}
    return SearchSettings(trials=trials, **(usual | changes))


def loss_of(planned: PlannedTrial, epoch: int) -> float:
    """Falls from epoch to epoch, to a value that depends on the trial alone."""
    digest = hashlib.sha256(planned.trial.trial_id.encode()).digest()
    last, speed = (int.from_bytes(part, "big") / 2**32 for part in (digest[:4], digest[4:8]))
    return 10.0 * last + 5.0 * math.exp(-epoch * (0.1 + speed))


def metrics_of(planned: PlannedTrial) -> dict[str, float]:
    """What a trial has in the end."""
    parameters = float(int(planned.trial.trial_id[-4:], 16))
    return {LOSS: loss_of(planned, planned.trial.budget.epochs), record.PARAMETERS: parameters}


@dataclass(frozen=True, kw_only=True)
class End:
    """How a toy trial ended, after so many epochs."""

    planned: PlannedTrial
    status: record.Status
    epochs: int
    metrics: Mapping[str, float]


class ToySearch:
    """A search whose trials take turns, an epoch each; `ends` are those that have ended, in order."""

    def __init__(
        self,
        path: Path,
        space: SearchSpace,
        settings: SearchSettings,
        *,
        ended: Mapping[tuple[str, int], Known] | None = None,
        known: Mapping[str, Known] | None = None,
        infeasible_reason: Callable[[Variant], str | None] = lambda variant: None,
        fate: Callable[[PlannedTrial], record.Status] = lambda planned: "completed",
    ) -> None:
        """`fate`: how a trial ends that nobody stops; "diverged" and "failed" ones do so after their first epoch."""
        self.path, self.space, self.settings = path, space, settings
        self.history = History(path, space, settings, epochs=EPOCHS)
        self.reused: list[PlannedTrial] = []
        factory = TrialFactory(
            plan=plan, infeasible_reason=infeasible_reason, register=lambda variant: None, reuse=self.reused.append
        )
        self.provider = SearchProvider(self.history, factory, ended=ended or {}, known=known or {})
        self.ends: list[End] = []
        self._fate = fate

    def run(self, concurrency: int = 1) -> "ToySearch":
        """Go on to the end."""
        running: dict[str, tuple[PlannedTrial, int]] = {}
        while True:
            while len(running) < concurrency and (planned := self.provider.take()) is not None:
                running[planned.trial.trial_id] = (planned, 0)
            if not running:
                assert self.provider.done
                return self
            for trial_id, (planned, epoch) in list(running.items()):
                running[trial_id] = (planned, epoch + 1)
                if self._epoch(planned, epoch + 1):
                    del running[trial_id]

    def _epoch(self, planned: PlannedTrial, epoch: int) -> bool:
        """One epoch; whether the trial has ended by it."""
        fate = self._fate(planned)
        if epoch == planned.trial.budget.epochs or fate not in record.COMPARABLE:
            self.end(planned, fate, epoch, metrics_of(planned) if fate in record.COMPARABLE else {})
        elif self.provider.stops(planned, epoch, {record.VALIDATION_LOSS: loss_of(planned, epoch)}) is not None:
            self.end(planned, "pruned", epoch, {})
        else:
            return False
        return True

    def end(self, planned: PlannedTrial, status: record.Status, epochs: int, metrics: Mapping[str, float]) -> None:
        """A trial has ended."""
        self.provider.end(planned, status, metrics)
        self.ends.append(End(planned=planned, status=status, epochs=epochs, metrics=metrics))

    def known(self) -> dict[str, Known]:
        """The ends as another search's record would know them."""
        return {
            end.planned.trial.trial_id: Known(status=end.status, metrics=end.metrics)
            for end in self.ends
            if end.status in record.FINISHED
        }

    def told(self) -> list[tuple[Any, ...]]:
        """What the journal holds of each trial, as somebody reads it who opens it anew."""
        trials = History(self.path, self.space, self.settings, epochs=EPOCHS)._trials()
        return [
            (trial.number, trial.state.name, trial.params, trial.values, trial.intermediate_values) for trial in trials
        ]

    def samples(self) -> list[Sample]:
        """What was trained, in the order in which it ended."""
        accepted = self.history.accepted()
        found = [accepted.get(replace(end.planned.trial, seed=0).trial_id) for end in self.ends]
        return [sample for sample in found if sample is not None]
