"""The members of a population: the trials that a first and every next generation consist of."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from random import Random

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces.choices import Assignment
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import SpecError, WarmStart, WarmupCosine
from soundproof.trainables.sweeps.searching.population.selection import (
    EXPLORED,
    explore,
    first_draws,
    stream,
    succession,
)
from soundproof.trainables.sweeps.searching.provider import MOST_SAMPLES_IN_VAIN, SEARCH_SEED, TrialFactory
from soundproof.trainables.sweeps.searching.settings import SearchSettings

MOST_EXPLORATIONS = 20
"""So often choices are explored that are turned down or somebody's already; then the donor's are taken as they are."""

_TWICE = "a member of this population already"
_STOPS = "its recipe may stop before the end of a generation"
_ONE_BUDGET = "its learning rate runs over one budget, and each generation has its own: leave out WarmupCosine"


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One member in one generation, an ordinary trial. `parent` is what it goes on from, None in the first."""

    number: int
    generation: int
    assignment: Assignment
    planned: PlannedTrial
    parent: "Member | None"
    purpose: str

    @property
    def trial_id(self) -> str:
        """That of its trial."""
        return self.planned.trial.trial_id

    @property
    def lineage(self) -> "tuple[Member, ...]":
        """Its ancestors, the first one first, and itself."""
        return (*(self.parent.lineage if self.parent else ()), self)


@dataclass(eq=False)
class MemberFactory:
    """Makes members, and remembers all of them: `members` by trial id. `epochs` are those of one generation."""

    space: SearchSpace
    settings: SearchSettings
    factory: TrialFactory
    _: KW_ONLY
    epochs: int
    members: dict[str, Member] = field(default_factory=dict, init=False)
    turned_down: list[str] = field(default_factory=list, init=False)
    """The reasons of all choices that were turned down."""

    def __post_init__(self) -> None:
        """Raises `UserError` where the space has nothing to explore."""
        _check_explorable(self.space)

    def first(self) -> list[Member]:
        """The first generation. Raises `UserError` where the space does not have enough members."""
        members: list[Member] = []
        in_vain = 0
        for assignment in first_draws(self.space, self.settings.sampler, self.settings.seed):
            number = len(members)
            made = self._try(assignment, number, None, {member.trial_id for member in members})
            if made is not None:
                members.append(made)
            in_vain = 0 if made is not None else in_vain + 1
            if len(members) == self.settings.population:
                break
            if in_vain == MOST_SAMPLES_IN_VAIN:
                raise UserError(
                    f"a population of {self.settings.population} needs as many different members, and the space gave "
                    f"{number} before {in_vain} samples in a row were turned down, the last one since it was "
                    f"{self.turned_down[-1]!r}: choose a smaller --population, or another --scheduler"
                )
        return members

    def next(self, before: Sequence[Member], values: Sequence[float | None]) -> list[Member]:
        """The generation that follows `before`, whose members have reached `values`."""
        seed, generation = self.settings.seed, before[0].generation + 1
        number = generation * self.settings.population
        higher = record.higher_is_better(self.settings.objectives[0])
        sources = succession(values, higher_is_better=higher, seed=seed, generation=generation)
        members = {
            at: self._make(before[at].assignment, number + at, before[at])
            for at, source in enumerate(sources)
            if source == at
        }
        taken = {member.trial_id for member in members.values()}
        for at, source in enumerate(sources):
            if at not in members:
                random = stream(seed, generation, at, "choices")
                members[at] = self._explored(before[source], number + at, random, taken)
                taken.add(members[at].trial_id)
        return [members[at] for at in range(len(before))]

    def on_fresh_seed(self, best: Sequence[Member], seed: int) -> list[Member]:
        """The lineages of `best` with another seed, parents before children, shared ancestors once."""
        made: dict[str, Member] = {}
        for member in best:
            parent = None
            for link in member.lineage:
                purpose = record.PURPOSE_CONFIRMATION if link is member else record.PURPOSE_LINEAGE
                parent = self._kept(self._built(link.assignment, link.number, parent, seed, purpose))
                made[parent.trial_id] = parent
        return list(made.values())

    def _explored(self, donor: Member, number: int, random: Random, taken: set[str]) -> Member:
        for _ in range(MOST_EXPLORATIONS):
            made = self._try(explore(self.space, donor.assignment, random), number, donor, taken)
            if made is not None:
                return made
        return self._make(donor.assignment, number, donor)

    def _try(self, assignment: Assignment, number: int, parent: Member | None, taken: set[str]) -> Member | None:
        """The member that makes these choices; None where they are turned down."""
        try:
            made = self._built(assignment, number, parent)
            reason = self.factory.infeasible_reason(self.space.variant(assignment))
            if made.planned.trial.recipe.stopping is not None:
                reason = reason or _STOPS
            if isinstance(made.planned.trial.recipe.schedule, WarmupCosine):
                reason = reason or _ONE_BUDGET
            if made.trial_id in taken:
                reason = reason or _TWICE
        except SpecError as error:
            reason = str(error)
        if reason is None:
            return self._kept(made)
        self.turned_down.append(reason)
        return None

    def _make(self, assignment: Assignment, number: int, parent: Member) -> Member:
        return self._kept(self._built(assignment, number, parent))

    def _built(
        self,
        assignment: Assignment,
        number: int,
        parent: Member | None,
        seed: int = SEARCH_SEED,
        purpose: str = record.PURPOSE_SEARCH,
    ) -> Member:
        variant = self.space.variant(assignment)
        planned = self.factory.plan(variant, seed)
        generation = 0 if parent is None else parent.generation + 1
        warm_start = None
        if parent is not None:
            warm_start = WarmStart(parent=parent.trial_id, epochs=parent.planned.trial.budget.epochs)
        budget = replace(planned.trial.budget, epochs=(generation + 1) * self.epochs)
        trial = replace(planned.trial, budget=budget, warm_start=warm_start)
        return Member(
            number=number,
            generation=generation,
            assignment=assignment,
            planned=replace(planned, trial=trial),
            parent=parent,
            purpose=purpose,
        )

    def _kept(self, member: Member) -> Member:
        """The member once it is one: the first of two that are the same trial."""
        self.factory.register(self.space.variant(member.assignment))
        return self.members.setdefault(member.trial_id, member)


def _check_explorable(space: SearchSpace) -> None:
    numbers = [
        found.name for found in space.parameters() if found.kind != "category" and found.name.startswith(EXPLORED)
    ]
    if not numbers:
        raise UserError(
            f"pbt varies numbers of the recipe while networks train, and {space.id} has none to choose: "
            "use another --scheduler, or a space with a choice such as a learning rate (`list` shows them)"
        )
