"""How a space is searched: by whom, how long, for what; and what makes two searches of a space the same one."""

from __future__ import annotations

from dataclasses import dataclass

from search_spaces import record
from search_spaces.errors import UserError
from trainables.sweeps.searching.samplers import SamplerName
from trainables.sweeps.searching.schedulers import SchedulerName

COSTS = (record.PARAMETERS, record.LATENCY_SECONDS, record.TRAIN_SECONDS)
"""What may be an objective beside the metric of the space: fewer is better."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchSettings:
    """`trials` are those of the search itself; the best `confirm` are then trained again on `confirm_seeds` seeds each.

    `objectives` are recorded metrics; the first one ranks. `minutes`: no further trial of the search is started after
    that time; None leaves it to `trials`.
    """

    trials: int
    objectives: tuple[str, ...]
    sampler: SamplerName = "tpe"
    scheduler: SchedulerName = "asha"
    seed: int = 0
    confirm: int = 3
    confirm_seeds: int = 5
    minutes: float | None = None

    def __post_init__(self) -> None:
        if len(set(self.objectives)) != len(self.objectives):
            raise UserError(f"objectives must differ, got {', '.join(self.objectives)}: name each once")
        if len(self.objectives) > 1 and self.scheduler != "none":
            raise UserError(
                f"{self.scheduler} stops trials by one objective, and {len(self.objectives)} were given: "
                "add --scheduler none, or search for one objective"
            )
        if self.sampler == "cma-es" and len(self.objectives) > 1:
            raise UserError("cma-es searches for one objective: use --sampler tpe, or leave out further objectives")

    @property
    def curve(self) -> str:
        """The metric of every epoch behind the first objective."""
        return self.objectives[0].removeprefix(record.BEST_PREFIX)

    @property
    def name(self) -> str:
        """The search among those of its space, safe as a file name. Asking for more trials continues the same one."""
        words = [self.sampler, self.scheduler, str(self.seed)]
        words += [objective.replace("/", "-") for objective in self.objectives[1:]]
        return ".".join(words)
