"""Proposals and prior trials, and what Optuna's journal says of each beside its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

from optuna.trial import FrozenTrial

from soundproof.common import record
from soundproof.search_spaces.choices import Assignment

TRIAL_ID, STATUS, TURNED_DOWN, WARM = "trial_id", "status", "turned_down", "warm"
"""Attributes of a trial in the journal: what it is trained as, how it ended, why it was not trained, and whether it was
known before the search."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One proposal: its number in the history, and what it chose."""

    number: int
    assignment: Assignment


@dataclass(frozen=True, kw_only=True, slots=True)
class PriorTrial:
    """A trial of the same space that somebody has recorded.

    `epochs` are the values that a scheduler would have seen.
    """

    trial_id: str
    assignment: Assignment
    status: record.Status
    metrics: Mapping[str, float]
    epochs: Mapping[int, float]


def as_sample(trial: FrozenTrial) -> Sample:
    """What a trial of the journal chose."""
    return Sample(number=trial.number, assignment=dict(trial.params))


def is_own(trial: FrozenTrial) -> bool:
    """Whether this search has trained it, or trains it."""
    return TRIAL_ID in trial.user_attrs and WARM not in trial.user_attrs
