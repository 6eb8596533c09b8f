"""What a study wants to be trained: seeds fixed beforehand, or as many as its claims need."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from soundproof.common import record
from soundproof.common.record import EndedTrial
from soundproof.search_spaces.studies import Question

Request = tuple[str, int]
"""A variant's id and a seed."""


class Schedule(Protocol):
    """Says which trials a study wants. Called again whenever a trial has ended, if it is adaptive."""

    adaptive: bool
    design: str
    """For the record: how many seeds were fixed before any data, or that there is no such number."""

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[Request]:
        """What is wanted, most wanted first; empty when nothing is. May name trials that have ended or are running."""

    def remark(self) -> str:
        """A few words for the progress line: how far the study has come, as of the last call of `wanted`."""


class FixedSeeds:
    """Every variant with the seeds 0 to `seeds` - 1, seed by seed: whatever is finished at any moment forms pairs."""

    adaptive = False

    def __init__(self, study: Question, seeds: int) -> None:
        self._requests = [(variant.id, seed) for seed in range(seeds) for variant in study.variants]
        self.design = str(seeds)

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[Request]:
        """See `Schedule`."""
        return [request for request in self._requests if request[0] not in infeasible]

    def remark(self) -> str:
        """See `Schedule`."""
        return ""


class FromSeed:
    """A schedule, which counts its seeds from 0, with `first_seed` in the place of 0.

    So a second study shares no seed with a first. Trials with smaller seeds are nothing to it.
    """

    def __init__(self, schedule: Schedule, first_seed: int) -> None:
        self._schedule, self._first_seed = schedule, first_seed
        self.adaptive, self.design = schedule.adaptive, schedule.design

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[Request]:
        """See `Schedule`."""
        own = [replace(trial, seed=trial.seed - self._first_seed) for trial in ended if trial.seed >= self._first_seed]
        return [(variant, seed + self._first_seed) for variant, seed in self._schedule.wanted(own, infeasible)]

    def remark(self) -> str:
        """See `Schedule`."""
        return self._schedule.remark()


def is_fixed(design: str | None) -> bool:
    """Whether a recorded design is a number of seeds that was fixed before any data."""
    return design is not None and design != record.UNTIL_DECIDED
