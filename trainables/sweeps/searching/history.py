"""What a search knows: every sample, its epochs and its end, in Optuna's journal.

Everything is written there before it is acted upon, and nothing is kept beside it: whoever opens the journal again goes
on where the last process stopped, with the same sampler's history and the same rungs.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import BaseJournalBackend
from optuna.study import Study as OptunaStudy
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial
from optuna.trial import Trial as OptunaTrial

from soundproof.common import record
from soundproof.common.digests import DamagedError
from soundproof.common.errors import UserError
from soundproof.common.json_texts import parsed
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.trainables.sweeps.searching.journal import open_journal
from soundproof.trainables.sweeps.searching.proposals import (
    STATUS,
    TRIAL_ID,
    TURNED_DOWN,
    WARM,
    PriorTrial,
    Proposals,
    Sample,
    as_sample,
    compiled,
    is_own,
)
from soundproof.trainables.sweeps.searching.samplers import check_sampler, make_pruner
from soundproof.trainables.sweeps.searching.settings import SearchSettings

STATE_OF: Mapping[record.Status, TrialState] = {
    "completed": TrialState.COMPLETE,
    "stopped_early": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "diverged": TrialState.PRUNED,  # the sampler has to stay away from there, and no number is made up for it
    "failed": TrialState.FAIL,
}
"""How a trial's end is told to the sampler. The others have not ended."""

_ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


class History:
    """The trials of one search, as its sampler and its scheduler know them."""

    def __init__(self, path: Path, space: SearchSpace, settings: SearchSettings, *, epochs: int) -> None:
        """Open the journal in the file `path`, or begin one. `epochs` is the budget of a trial.

        Raises `UserError` where the sampler cannot search the space, or the journal is damaged.
        """
        check_sampler(settings.sampler, space)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.space = space
        self.settings = settings
        with _replaying(path):
            self._open_journal(path, epochs)

    def _open_journal(self, path: Path, epochs: int) -> None:
        space, settings = self.space, self.settings
        self._study: OptunaStudy = optuna.create_study(
            storage=open_journal(path),
            study_name=space.id,
            directions=[_direction(objective) for objective in settings.objectives],
            pruner=make_pruner(settings.scheduler, epochs),
            load_if_exists=True,
        )
        for trial in self._trials(TrialState.COMPLETE):
            if not all(isinstance(value, int | float) for value in trial.values):  # Optuna takes what JSON holds
                raise TypeError(f"trial {trial.number} has the values {trial.values!r}, which are no numbers")
        self._proposals = Proposals(self._study, space, settings)
        # Hyperband makes its brackets when it is asked first, and what a sampler gets to see depends on them
        self._study.pruner.prune(self._study, create_trial(state=TrialState.RUNNING))
        for trial in self._trials(TrialState.RUNNING):
            if TURNED_DOWN in trial.user_attrs:
                self._study.tell(trial.number, state=TrialState.FAIL)
        self._stopped = {sample.number for sample in self.pending() if self._was_stopped(path, sample.number)}

    def _was_stopped(self, path: Path, number: int) -> bool:
        """Whether the scheduler stopped a trial at its last epoch, and the process died before the trial had ended.

        Decided anew from what was known then: its rungs say where a trial has been, not whether it was to go on.
        """
        if not self._frozen(number).intermediate_values:
            return False
        self._open(number).should_prune()  # enters the rungs, where the process died before it could
        then = optuna.load_study(
            storage=as_last_reported(path, number), study_name=self.space.id, pruner=self._study.pruner
        )
        return OptunaTrial(then, then.get_trials(deepcopy=False)[number]._trial_id).should_prune()

    @property
    def is_new(self) -> bool:
        """Whether nothing has been asked for yet. Some trials of others may have been taken over already."""
        return all(WARM in trial.user_attrs for trial in self._trials())

    def _trials(self, *states: TrialState) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False, states=states or None)

    def begin_with(self, prior_trials: Iterable[PriorTrial]) -> int:
        """Let the sampler know trials that were recorded before this search. Returns how many there were."""
        there = {trial.user_attrs[TRIAL_ID] for trial in self._trials()}
        known = [self._as_trial(prior) for prior in prior_trials if prior.trial_id not in there]
        self._study.add_trials([trial for trial in known if trial is not None])
        return len(self._trials())

    def _as_trial(self, prior: PriorTrial) -> FrozenTrial | None:
        state = STATE_OF[prior.status]
        values = self._values(prior.metrics) if state == TrialState.COMPLETE else None
        if state == TrialState.COMPLETE and values is None:
            return None
        stepwise = len(self.settings.objectives) == 1
        return create_trial(
            state=state,
            values=values,
            params=dict(prior.assignment),
            distributions=compiled(self.space, prior.assignment).distributions,
            user_attrs={TRIAL_ID: prior.trial_id, STATUS: prior.status, WARM: True},
            intermediate_values=dict(prior.epochs) if stepwise else {},
        )

    def pending(self) -> list[Sample]:
        """Samples that were accepted and have not ended: their driver died, or was stopped."""
        return [as_sample(trial) for trial in self._trials(TrialState.RUNNING) if is_own(trial)]

    def ask(self) -> Sample | None:
        """A new proposal; None where there is no further one. It must be accepted or turned down.

        One that was neither, since its process died, comes out once more.
        """
        return self._proposals.next()

    def accept(self, sample: Sample, trial_id: str) -> None:
        """The sample will be trained, as the trial of that id."""
        self._open(sample.number).set_user_attr(TRIAL_ID, trial_id)

    def turn_down(self, sample: Sample, reason: str) -> None:
        """The sample will not be trained."""
        self._open(sample.number).set_user_attr(TURNED_DOWN, reason)
        self._study.tell(sample.number, state=TrialState.FAIL)

    def turned_down(self) -> list[str]:
        """The reasons of all samples that were turned down."""
        failed = self._trials(TrialState.FAIL)
        return [trial.user_attrs[TURNED_DOWN] for trial in failed if TURNED_DOWN in trial.user_attrs]

    def report(self, number: int, epoch: int, value: float) -> bool:
        """Take the value of one more epoch; true when the scheduler stops the trial there.

        Trials are compared by the best value that each has reached, as they are in the end.
        """
        trial, before = self._open(number), self._frozen(number).intermediate_values
        if epoch not in before:  # else it was reported before its actor or its driver died
            better = max if self._study.directions[0] == StudyDirection.MAXIMIZE else min
            trial.report(better([value, *before.values()]), epoch)
            return number in self._stopped or trial.should_prune()
        return number in self._stopped and epoch == max(before)

    def tell(self, number: int, status: record.Status, metrics: Mapping[str, float]) -> None:
        """A trial has ended."""
        if self._frozen(number).state.is_finished():
            return
        self._open(number).set_user_attr(STATUS, status)
        state = STATE_OF[status]
        values = self._values(metrics) if state == TrialState.COMPLETE else None
        if state == TrialState.COMPLETE and values is None:  # a metric is missing, and a missing value stays missing
            state = TrialState.FAIL
        self._study.tell(number, values, state=state)

    def _values(self, metrics: Mapping[str, float]) -> list[float] | None:
        values = [metrics.get(objective, math.nan) for objective in self.settings.objectives]
        return values if all(math.isfinite(value) for value in values) else None

    def accepted(self, *, ended: bool = False) -> dict[str, Sample]:
        """The samples of this search, or those of its trials that have ended, by the ids of their trials."""
        states = _ENDED if ended else ()
        return {trial.user_attrs[TRIAL_ID]: as_sample(trial) for trial in self._trials(*states) if is_own(trial)}

    def best(self, count: int) -> Sequence[Sample]:
        """The best samples of this search that were trained to their end, the best first; at most `count`.

        Of several objectives: those that no other sample is better than in all of them, in the order of the first.
        """
        trained = [trial for trial in self._trials(TrialState.COMPLETE) if is_own(trial)]
        if len(self.settings.objectives) > 1:
            front = {trial.number for trial in self._study.best_trials}
            trained = [trial for trial in trained if trial.number in front]
        sign = -1 if self._study.directions[0] == StudyDirection.MAXIMIZE else 1
        ranked = sorted(trained, key=lambda trial: (sign * trial.values[0], trial.number))
        return [as_sample(trial) for trial in ranked[:count]]

    def _frozen(self, number: int) -> FrozenTrial:
        return self._study._storage.get_trial(number)  # a journal of one study counts them from 0; `trials` copies all

    def _open(self, number: int) -> OptunaTrial:
        return OptunaTrial(self._study, number)


def _direction(objective: str) -> StudyDirection:
    return StudyDirection.MAXIMIZE if record.higher_is_better(objective) else StudyDirection.MINIMIZE


@contextmanager
def _replaying(path: Path) -> Iterator[None]:
    """Say of what Optuna cannot make out that the journal is damaged: an earlier version wrote no digests."""
    try:
        yield
    except (UserError, OSError):
        raise
    except Exception as error:  # as an assertion, say: what is read there has no error of its own
        raise DamagedError(
            f"{path}, by which a search knows its trials, cannot be followed ({type(error).__name__}: {error}): put "
            "the file back as it was, or move it away and give the same command again: the search then begins anew"
        ) from error


def as_last_reported(path: Path, trial_id: int) -> JournalStorage:
    """The journal as it was when a trial had reported its last epoch, and nothing had come of that yet.

    `trial_id` is the storage's, which counts from 0. What is written there is written nowhere.
    """
    logs = [parsed(line) for line in path.read_text(encoding="utf-8").splitlines()]
    last = max(at for at, log in enumerate(logs) if log.get("trial_id") == trial_id and "intermediate_value" in log)
    return JournalStorage(_Remembered(logs[: last + 1]))


@dataclass
class _Remembered(BaseJournalBackend):
    """A journal in memory."""

    logs: list[dict[str, Any]]

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        """What was written from that entry on."""
        yield from self.logs[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write more."""
        self.logs += logs
