"""Which trial of a population comes next: generation by generation, then the lineages of the best on fresh seeds."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field

from soundproof.common import record
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.trainables.sweeps.planning.provider import Epochs, Forecast, Known, TrialProvider
from soundproof.trainables.sweeps.searching.population.members import Member, MemberFactory
from soundproof.trainables.sweeps.searching.population.selection import ranked
from soundproof.trainables.sweeps.searching.provider import SEARCH_SEED


@dataclass(eq=False)
class PopulationProvider(TrialProvider):
    """Hands out the members of a population.

    Everything follows from `ended`, the trials that the record of this search holds, by trial id: who is given the same
    ends makes the same generations. `release` is called with every trial whose
    final state nobody goes on from any more; the last generation's are kept, since more trials may be asked for later.
    """

    members: MemberFactory
    _: KW_ONLY
    ended: dict[str, Known]
    release: Callable[[str], None]
    _released: set[str] = field(default_factory=set, init=False)
    _lineages: list[list[Member]] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Raises `UserError` where the space does not have enough members."""
        self._began = time.monotonic()
        self._settings = self.members.settings
        self._generations = [self.members.first()]
        self._find()  # how far the ends that are known lead

    def forecast(self) -> Forecast:
        """Counts for the progress display."""
        settings = self._settings
        goal = f"{settings.generations} generations of {settings.population} members"
        if settings.confirm:
            goal += f", then the best {settings.confirm} on {settings.confirm_seeds} fresh seeds"
        return Forecast(trials=None, epochs=None, finished=len(self.ended), reused=0, goal=goal)

    @property
    def remark(self) -> str:
        """How far the population has come, in a few words."""
        generation = self._generations[-1]
        ended = sum(self._has_ended(member) for member in generation)
        text = f"generation {len(self._generations)} of {self._settings.generations}, {ended} of {len(generation)}"
        return text if self._lineages is None else f"{text}, the best on fresh seeds"

    def tags(self, planned: PlannedTrial) -> dict[str, str]:
        """What the record says of a trial beside what it says of every trial."""
        member = self.members.members[planned.trial.trial_id]
        tags = {
            record.PURPOSE: member.purpose,
            record.CHOICES: json.dumps(dict(member.assignment), sort_keys=True),
            record.GENERATION: str(member.generation),
        }
        return tags | ({record.NUMBER: str(member.number)} if member.purpose == record.PURPOSE_SEARCH else {})

    def keeps_checkpoint(self, planned: PlannedTrial) -> bool:
        """Whether others may go on from the trial's end."""
        return self.members.members[planned.trial.trial_id].purpose != record.PURPOSE_CONFIRMATION

    def end(
        self, planned: PlannedTrial, status: record.Status, metrics: Mapping[str, float], history: Epochs = ()
    ) -> list[PlannedTrial]:
        """A trial has ended. Returns what was waiting for the same trial: nothing, in a search."""
        self._running.pop(planned.trial.trial_id, None)
        self.ended[planned.trial.trial_id] = Known(status=status, metrics=metrics)
        return []

    def turned_down(self) -> Sequence[str]:
        """The reasons of all choices that were turned down."""
        return self.members.turned_down

    def member_of(self, trial_id: str) -> Member | None:
        """The member, or the ancestor on a fresh seed, that is the trial of that id."""
        return self.members.members.get(trial_id)

    def _find(self) -> PlannedTrial | None:
        self._extend_generations()
        minutes = self._settings.minutes
        if minutes is None or time.monotonic() - self._began < 60 * minutes:
            for member in self._generations[-1]:
                if not self._has_ended(member) and member.trial_id not in self._running:
                    return member.planned
        return self._confirmation()

    def _has_ended(self, member: Member) -> bool:
        return member.trial_id in self.ended

    def _extend_generations(self) -> None:
        """Add generations as long as all members of the last one have ended, and some of them with a value."""
        while all(self._has_ended(member) for member in self._generations[-1]):
            before = self._generations[-1]
            if len(self._generations) > 1:
                self._release(self._generations[-2])
            values = [self._value(member) for member in before]
            if len(self._generations) == self._settings.generations or all(value is None for value in values):
                return
            self._generations.append(self.members.next(before, values))
            needed = {member.parent.trial_id for member in self._generations[-1] if member.parent}
            self._release([member for member in before if member.trial_id not in needed])

    def _value(self, member: Member) -> float | None:
        """What it has reached, its ancestors included; None for those that broke."""
        end = self.ended[member.trial_id]
        value = end.metrics.get(self._settings.objectives[0], math.nan)
        return value if end.status in record.COMPARABLE and math.isfinite(value) else None

    def _confirmation(self) -> PlannedTrial | None:
        """The next link of a lineage on a fresh seed, once the search has ended; seed by seed, so that pairs form."""
        if any(planned.trial.seed == SEARCH_SEED for planned in self._running.values()):
            return None
        if self._lineages is None:
            self._lineages = [
                self.members.on_fresh_seed(self._best(), seed) for seed in range(1, self._settings.confirm_seeds + 1)
            ]
        for members in self._lineages:
            for member in members:
                ready = member.parent is None or self._has_ended(member.parent)
                if ready and not self._has_ended(member) and member.trial_id not in self._running:
                    return member.planned
            ends = [self.ended.get(member.trial_id) for member in members]
            if all(end is not None and end.status in record.FINISHED for end in ends):
                self._release(members)  # no further command trains one of them again, from its parent's state
        return None

    def _best(self) -> list[Member]:
        """The best members of the last generation that has ended with values, each with other choices."""
        for generation in reversed(self._generations):
            if not all(self._has_ended(member) for member in generation):
                continue
            values = [self._value(member) for member in generation]
            best: dict[str, Member] = {}
            higher = record.higher_is_better(self._settings.objectives[0])
            for at in ranked(values, higher_is_better=higher):
                if values[at] is not None:
                    best.setdefault(generation[at].planned.variant_id, generation[at])
            if best:
                return [*best.values()][: self._settings.confirm]
        return []

    def _release(self, members: Sequence[Member]) -> None:
        for member in members:
            if member.trial_id not in self._released:
                self._released.add(member.trial_id)
                self.release(member.trial_id)
