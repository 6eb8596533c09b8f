"""The records of one study as plain values, whatever store they came from."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from soundproof.analysis.records.declared import Declared
from soundproof.analysis.records.spec_parameters import Scalar
from soundproof.analysis.statistics.intervals import finite
from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.common.record import HeldOut, Status
from soundproof.search_spaces.specs import Plain

History = record.Curve


class RecordsError(UserError):
    """The tracking store lacks what was asked for. The message says what was expected, found, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialRecord:
    """One trial as the sweep wrote it. On an infeasible record, one for each variant, `seed` is None, `trial_id` empty.

    `spec` is the trial as `Trial.to_plain` writes it, empty where there is none. `split` is the type of its split,
    `epochs` how many it may train, of which it did not train `inherited_epochs` itself. `artifact_uri` is where the run
    itself keeps files; `explained`: whether pictures of what the network attends to are among them. `choices`,
    `purpose` and `number` are those of a trial of a search: the assignment of the space's parameters, whether it
    searched or confirmed, and its place in the sampler's history. `held_out` is what its seed kept from training, None
    where that is not recorded or the corpus fixes it for every seed. `ended_at` is when its result was there, in
    milliseconds since 1970, wherever it was trained; None where that is not recorded. `digests` are the SHA-256 of the
    files that it left, by name, as far as they are recorded.
    """

    run_id: str
    trial_id: str
    variant: str
    seed: int | None
    status: Status
    reason: str | None
    metrics: Mapping[str, float]
    history: Mapping[str, History]
    levels: Mapping[str, str]
    reused_from: str | None
    device: str | None = None
    spec: Mapping[str, Plain] = field(default_factory=dict)
    split: str | None = None
    epochs: int | None = None
    inherited_epochs: int = 0
    artifact_uri: str | None = None
    explained: bool = False
    choices: Mapping[str, Scalar] = field(default_factory=dict)
    purpose: str | None = None
    number: int | None = None
    held_out: HeldOut | None = None
    ended_at: int | None = None
    digests: Mapping[str, str] = field(default_factory=dict)

    @property
    def recipe(self) -> Mapping[str, Plain]:
        """How it was trained, as its spec has it; empty where that is not recorded."""
        found = self.spec.get("recipe")
        return found if isinstance(found, dict) else {}

    @property
    def comparable(self) -> bool:
        """Whether the numbers of this trial may be compared with others'."""
        return self.status in record.COMPARABLE and self.seed is not None

    def value(self, metric: str) -> float | None:
        """The metric as it was recorded; None where it is absent, not finite, or not to be compared with others'."""
        value = self.metrics.get(metric, math.nan)
        return value if self.comparable and math.isfinite(value) else None

    @property
    def finite_metrics(self) -> dict[str, float]:
        """The metrics that are numbers, in the order of their names."""
        return {name: value for name, value in sorted(self.metrics.items()) if math.isfinite(value)}

    @property
    def best_epoch(self) -> int | None:
        """The epoch whose weights were kept; None where its numbers are not to be compared with others'."""
        epoch = self.value(record.BEST_EPOCH)
        return None if epoch is None else round(epoch)

    @property
    def trained_epochs(self) -> int:
        """The last epoch that the trial ended, as far as its history was read; 0 where it ended none."""
        return max((points[-1][0] for points in self.history.values() if points), default=0)

    @property
    def train_seconds(self) -> float | None:
        """What its training took, whatever came of it."""
        return finite(self.metrics.get(record.TRAIN_SECONDS))

    @property
    def reused(self) -> bool:
        """Whether it was trained for another study or variant: its seconds were spent there."""
        return self.reused_from is not None

    @property
    def artifact_run_id(self) -> str:
        """The run that holds the artifacts: the original one where the trial was reused from another study."""
        return self.reused_from or self.run_id


@dataclass(frozen=True, kw_only=True)
class Results:
    """All trials of one study, preset and corpus, one for each variant and seed; `margin` is the primary metric's.

    `planned_seeds` is how many seeds were fixed before any data, from `first_seed` on; None where the results decide
    about more, and where the record does not show that all was `declared` before. `declared` itself is None for records
    that no store holds. `paired`: trials of one seed have it in common; where not, seeds only number them.
    `corpus_remarks` are what has to be known of the data, as sentences go on.
    """

    tracking_uri: str
    study: str
    preset: str
    corpus: str
    margin: float
    trials: tuple[TrialRecord, ...]
    planned_seeds: int | None = None
    first_seed: int = 0
    declared: Declared | None = None
    paired: bool = True
    corpus_remarks: tuple[str, ...] = ()

    def of(self, variant: str) -> tuple[TrialRecord, ...]:
        """The trials of a variant, in the order of seeds."""
        return self._by_variant.get(variant, ())

    @cached_property
    def _by_variant(self) -> dict[str, tuple[TrialRecord, ...]]:
        found: dict[str, list[TrialRecord]] = {}
        for trial in sorted(self.trials, key=lambda trial: -1 if trial.seed is None else trial.seed):
            found.setdefault(trial.variant, []).append(trial)
        return {variant: tuple(trials) for variant, trials in found.items()}

    def comparable(self, variant: str) -> tuple[TrialRecord, ...]:
        """The trials of a variant whose numbers may be compared, in the order of seeds."""
        return tuple(trial for trial in self.of(variant) if trial.comparable)

    def values(self, variant: str, metric: str) -> dict[int, float]:
        """The metric by seed. Trials that failed, and values that are absent or not finite, are simply not there."""
        return values_by_seed(self.of(variant), metric)

    def statuses(self, variant: str) -> dict[Status, int]:
        """How many trials of the variant ended in each status, in the vocabulary's order."""
        return count_statuses(trial.status for trial in self.of(variant))


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchRecords:
    """All trials of one search through a space, on one preset and corpus.

    `objectives` are recorded metrics, the first of which ranks; `margin` is its smallest difference that matters.
    `asked` is the number of trials wanted, None where the record does not say. `rejected` counts the samples that a
    constraint turned down, by reason: none of them became a trial. `declared` is what the record shows of when the
    number of fresh seeds was declared; None for records that no store holds.
    """

    tracking_uri: str
    space: str
    search: str
    preset: str
    corpus: str
    sampler: str
    scheduler: str
    objectives: tuple[str, ...]
    margin: float
    asked: int | None
    rejected: Mapping[str, int]
    trials: tuple[TrialRecord, ...]
    declared: Declared | None = None
    corpus_remarks: tuple[str, ...] = ()

    @property
    def searched(self) -> tuple[TrialRecord, ...]:
        """The trials of the search itself, in the order in which they were proposed."""
        others = (record.PURPOSE_CONFIRMATION, record.PURPOSE_LINEAGE)
        return tuple(trial for trial in self.trials if trial.purpose not in others)

    @property
    def confirmations(self) -> tuple[TrialRecord, ...]:
        """The trials that train the best few again, on seeds that the search has not seen."""
        return tuple(trial for trial in self.trials if trial.purpose == record.PURPOSE_CONFIRMATION)


def values_by_seed(trials: Iterable[TrialRecord], metric: str) -> dict[int, float]:
    """The metric by seed, of the trials that have a value of it (`TrialRecord.value`)."""
    pairs = {trial.seed: trial.value(metric) for trial in trials}
    return {seed: value for seed, value in pairs.items() if seed is not None and value is not None}


def count_statuses(statuses: Iterable[Status]) -> dict[Status, int]:
    """How many of the statuses there are of each, in the vocabulary's order; without those that none has."""
    counts = Counter(statuses)
    return {status: counts[status] for status in record.STATUSES if counts[status]}
