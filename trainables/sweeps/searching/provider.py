"""Which trial of a search comes next: what was running, new samples, and then the best ones on fresh seeds."""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field

from soundproof.common import record
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.specs import SpecError
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.sweeps.planning.provider import Epochs, Forecast, Known, TrialProvider
from soundproof.trainables.sweeps.searching.history import History
from soundproof.trainables.sweeps.searching.proposals import Sample

_log = logging.getLogger(__name__)

SEARCH_SEED = 0
"""All trials of the search itself share a seed, so that they differ by what is searched; it confirms nothing."""

MOST_SAMPLES_IN_VAIN = 500
"""When so many samples in a row are turned down, the space is exhausted or its constraints leave nothing."""

_TWICE = "a trial of this search already"


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialFactory:
    """What samples are made into and checked by.

    `plan` gives the trial of a variant and a seed, `infeasible_reason` why a variant cannot or may not be trained.
    `register` is called with every variant before its trial is handed out, `reuse` with every trial that is taken over.
    """

    plan: Callable[[Variant, int], PlannedTrial]
    infeasible_reason: Callable[[Variant], str | None]
    register: Callable[[Variant], None]
    reuse: Callable[[PlannedTrial], None]


@dataclass(eq=False)
class SearchProvider(TrialProvider):
    """Hands out the trials of a search.

    `ended` are the trials that the record of this search holds, by variant and seed, and `known` all finished trials of
    the store by trial id: those are taken over at once. Both grow as trials end.
    """

    history: History
    factory: TrialFactory
    _: KW_ONLY
    ended: dict[tuple[str, int], Known]
    known: dict[str, Known]
    _samples: dict[str, Sample] = field(default_factory=dict, init=False)
    _exhausted: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._began = time.monotonic()
        self._space, self._settings = self.history.space, self.history.settings
        self._resumed = deque(self._left_open())
        self._own = set(self.history.accepted())

    def _left_open(self) -> Iterator[PlannedTrial]:
        """What an earlier process had accepted and the record does not hold; the sampler is told what it holds.

        That are trials that ran, and those taken over from elsewhere by a process that died before it had written so.
        """
        ended = self.history.accepted(ended=True)
        for trial_id in sorted(ended.keys() & self.known.keys()):
            planned = self._plan(ended[trial_id])
            if (planned.variant_id, SEARCH_SEED) not in self.ended:
                yield planned
        for sample in self.history.pending():
            planned = self._plan(sample)
            end = self.ended.get((planned.variant_id, SEARCH_SEED))
            if end is None:
                yield planned
            else:
                self.history.tell(sample.number, end.status, end.metrics)

    def _plan(self, sample: Sample, seed: int = SEARCH_SEED) -> PlannedTrial:
        variant = self._space.variant(sample.assignment)
        planned = self.factory.plan(variant, seed)
        self.factory.register(variant)
        self._samples.setdefault(planned.trial.trial_id, sample)  # the first of two that become the same trial
        return planned

    def forecast(self) -> Forecast:
        """Counts for the progress display."""
        goal = f"{self._settings.trials} trials"
        if self._settings.confirm:
            goal += f", then the best {self._settings.confirm} on {self._settings.confirm_seeds} fresh seeds"
        return Forecast(trials=None, epochs=None, finished=len(self.ended), reused=0, goal=goal)

    @property
    def remark(self) -> str:
        """How far the search has come, in a few words."""
        text = f"{len(self._own)} of {self._settings.trials} trials"
        return text if self._searching() or self._running else f"{text}, the best on fresh seeds"

    def tags(self, planned: PlannedTrial) -> dict[str, str]:
        """What the record says of a trial beside what it says of every trial."""
        return trial_tags(self._samples[planned.trial.trial_id], planned.trial.seed)

    @property
    def judges_epochs(self) -> bool:
        """See `TrialProvider`."""
        return self._settings.scheduler != "none" and len(self._settings.objectives) == 1

    def stops(self, planned: PlannedTrial, epoch: int, metrics: Mapping[str, float]) -> str | None:
        """Take the metrics of one more epoch: the reason to stop the trial there, or None to go on."""
        value = metrics.get(self._settings.curve)
        ends = epoch >= planned.trial.budget.epochs
        if value is None or ends or planned.trial.seed != SEARCH_SEED or len(self._settings.objectives) > 1:
            return None
        if self.history.report(self._samples[planned.trial.trial_id].number, epoch, value):
            return f"{self._settings.scheduler} stopped it after epoch {epoch}"
        return None

    def end(
        self, planned: PlannedTrial, status: record.Status, metrics: Mapping[str, float], history: Epochs = ()
    ) -> list[PlannedTrial]:
        """A trial has ended. Returns what was waiting for the same trial: nothing, in a search."""
        trial_id = planned.trial.trial_id
        self._running.pop(trial_id, None)
        end = Known(status=status, metrics=metrics)
        self.ended[planned.variant_id, planned.trial.seed] = end
        if status in record.FINISHED:
            self.known[trial_id] = end
        if planned.trial.seed == SEARCH_SEED:
            self.history.tell(self._samples[trial_id].number, status, metrics)
        return []

    def turned_down(self) -> Iterable[str]:
        """The reasons of all samples that were turned down."""
        return self.history.turned_down()

    def _find(self) -> PlannedTrial | None:
        while self._resumed:
            planned = self._resumed.popleft()
            if not self._taken_over(planned):
                return planned
        while self._searching():
            sampled = self._sample()
            if sampled is None or not self._taken_over(sampled):
                return sampled or self._confirmation()
        return self._confirmation()

    def _searching(self) -> bool:
        minutes = self._settings.minutes
        late = minutes is not None and time.monotonic() - self._began >= 60 * minutes
        return not (late or self._exhausted) and len(self._own) < self._settings.trials

    def _sample(self) -> PlannedTrial | None:
        """A new sample that may be trained; None where none is left."""
        for _ in range(MOST_SAMPLES_IN_VAIN):
            sample = self.history.ask()
            if sample is None:
                break
            try:
                planned = self._plan(sample)
                reason = self.factory.infeasible_reason(self._space.variant(sample.assignment))
                if planned.trial.trial_id in self._own:
                    reason = _TWICE
            except SpecError as error:
                reason = str(error)
            if reason is None:
                self.history.accept(sample, planned.trial.trial_id)
                self._own.add(planned.trial.trial_id)
                return planned
            _log.debug("sample %d is turned down: %s", sample.number, reason)
            self.history.turn_down(sample, reason)
        _log.info("the space gives no further sample after %d", len(self._own))
        self._exhausted = True
        return None

    def _confirmation(self) -> PlannedTrial | None:
        """The best samples on fresh seeds, once the search itself has ended; seed by seed, so that pairs form."""
        if any(planned.trial.seed == SEARCH_SEED for planned in self._running.values()):
            return None
        best = self.history.best(self._settings.confirm)
        for seed in range(1, self._settings.confirm_seeds + 1):
            for sample in best:
                planned = self._plan(sample, seed)
                begun = (planned.variant_id, seed) in self.ended or planned.trial.trial_id in self._running
                if not begun and not self._taken_over(planned):
                    return planned
        return None

    def _taken_over(self, planned: PlannedTrial) -> bool:
        """Whether somebody else has trained the trial already: it is then taken over."""
        end = self.known.get(planned.trial.trial_id)
        if end is None:
            return False
        self.factory.reuse(planned)
        self.end(planned, end.status, end.metrics)
        return True


def trial_tags(sample: Sample, seed: int) -> dict[str, str]:
    """Tags of the run of a sample that is trained with `seed`."""
    searched = seed == SEARCH_SEED
    tags = {
        record.PURPOSE: record.PURPOSE_SEARCH if searched else record.PURPOSE_CONFIRMATION,
        record.CHOICES: json.dumps(dict(sample.assignment), sort_keys=True),
    }
    return tags | ({record.NUMBER: str(sample.number)} if searched else {})
