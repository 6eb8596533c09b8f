"""How a space is searched: by whom, how long, for what; and what makes two searches of a space the same one."""

from dataclasses import dataclass

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.trainables.sweeps.searching.samplers import FIRST_DRAWS, SamplerName, SchedulerName

USUAL_SCHEDULER: SchedulerName = "asha"
_JUDGING_EPOCHS: frozenset[SchedulerName] = frozenset({"asha", "hyperband", "median"})

FEWEST_MEMBERS = 4
"""So that there is a best and a worst quarter."""
FEWEST_GENERATIONS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchSettings:
    """`trials` are those of the search itself; the best `confirm` are then trained again on `confirm_seeds` seeds each.

    `objectives` are recorded metrics; the first one ranks. `minutes`: no further trial of the search is started after
    that time; None leaves it to `trials`.

    With the scheduler pbt, `trials` are those of all generations of `population` members, whole generations of
    `generation_epochs` epochs each; None stands for a quarter of what a trial has otherwise.
    """

    trials: int
    objectives: tuple[str, ...]
    sampler: SamplerName = "tpe"
    scheduler: SchedulerName = USUAL_SCHEDULER
    seed: int = 0
    confirm: int = 3
    confirm_seeds: int = 5
    minutes: float | None = None
    population: int = 8
    generation_epochs: int | None = None

    def __post_init__(self) -> None:
        if len(set(self.objectives)) != len(self.objectives):
            raise UserError(f"objectives must differ, got {', '.join(self.objectives)}: name each once")
        if len(self.objectives) > 1 and self.scheduler != "none":
            judges = "ranks" if self.scheduler == "pbt" else "stops"
            raise UserError(
                f"{self.scheduler} {judges} trials by one objective, and {len(self.objectives)} were given: "
                "add --scheduler none, or search for one objective"
            )
        if self.scheduler in _JUDGING_EPOCHS and not has_curve(self.objectives[0]):
            raise UserError(
                f"{self.scheduler} stops trials by what they reach epoch by epoch, and {self.objectives[0]} is known "
                "at their end alone: add --scheduler none, or search for another objective"
            )
        if self.sampler == "cma-es" and len(self.objectives) > 1:
            raise UserError("cma-es searches for one objective: use --sampler tpe, or leave out further objectives")
        if self.scheduler == "pbt":
            self._check_population()

    def _check_population(self) -> None:
        if self.sampler not in FIRST_DRAWS:
            raise UserError(
                f"pbt draws its first generation and learns nothing for it, got --sampler {self.sampler}: "
                f"use --sampler {' or '.join(FIRST_DRAWS)}"
            )
        if self.population < FEWEST_MEMBERS:
            raise UserError(f"pbt needs a population of at least {FEWEST_MEMBERS} members, got {self.population}")
        if self.generations < FEWEST_GENERATIONS:
            raise UserError(
                f"pbt needs at least {FEWEST_GENERATIONS} generations of {self.population} members, that is "
                f"{FEWEST_GENERATIONS * self.population} trials, got {self.trials}: add --trials "
                f"{FEWEST_GENERATIONS * self.population}, or choose a smaller --population"
            )

    @property
    def generations(self) -> int:
        """Whole generations that the trials suffice for, where there are generations."""
        return self.trials // self.population

    @property
    def asked(self) -> int:
        """How many trials the search itself has in the end."""
        return self.generations * self.population if self.scheduler == "pbt" else self.trials

    @property
    def curve(self) -> str:
        """The metric of every epoch behind the first objective."""
        return _curve(self.objectives[0])

    @property
    def name(self) -> str:
        """Who proposes and who stops, safe as a file name. Asking for more trials continues the same search."""
        words = [self.sampler, self.scheduler, str(self.seed)]
        if self.scheduler == "pbt":
            words.append("x".join(str(size) for size in (self.population, self.generation_epochs) if size is not None))
        return ".".join(words)


def usual_scheduler(objectives: tuple[str, ...]) -> SchedulerName:
    """The scheduler where none is named: that of a single objective which is known at the end alone stops nobody."""
    return "none" if len(objectives) == 1 and not has_curve(objectives[0]) else USUAL_SCHEDULER


def has_curve(objective: str) -> bool:
    """Whether a trial has a value of it every epoch."""
    return _curve(objective).startswith(record.VALIDATION_PREFIX)


def _curve(objective: str) -> str:
    return objective.removeprefix(record.BEST_PREFIX)
