"""Everything a report says, as one value: computed once, then shown as JSON, tables, figures, or a page."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from soundproof.analysis.notation.bounds import reported_difference, reported_mean
from soundproof.analysis.notation.labels import variant_labels
from soundproof.analysis.notation.quantities import Endpoint, Quantity, quantity
from soundproof.analysis.records.declared import Declared
from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.analysis.statistics.intervals import Estimate, mean_interval
from soundproof.analysis.summaries.costs import TrialCosts, trial_costs
from soundproof.analysis.summaries.documented import BesideOurs, beside_ours
from soundproof.analysis.summaries.secondary import Secondary, secondary_metrics
from soundproof.analysis.summaries.splits import SplitUse, splits_used
from soundproof.analysis.summaries.without_listening import WithoutListening, without_listening
from soundproof.analysis.verdicts.comparisons import interval_of
from soundproof.analysis.verdicts.gathering import gather
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.verdicts import ClaimVerdict, decide, outcomes_of
from soundproof.common import record
from soundproof.common.record import Status
from soundproof.search_spaces.claims import Estimated
from soundproof.search_spaces.documented.numbers import DocumentedNumbers, documented_numbers
from soundproof.search_spaces.studies import Question

DIFFERENCE_CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class VariantSummary:
    """One variant over its seeds.

    `values` is the study's metric by seed, `estimate` its mean with a 95% interval, and `difference` the paired
    improvement over the baseline (None for the baseline itself), from the pairs that verdicts rest on. Its 95%
    interval is one for data that are looked at as often as they were, and stands alone: no correction for its number.
    Neither has an interval where seeds are too few (`reported`).
    `metrics` are means of the further metrics that fit the study. `documented` is what a document says of it, and
    `beside` the same, metric by metric beside ours.
    """

    id: str
    label: str
    levels: Mapping[str, str]
    is_baseline: bool
    values: Mapping[int, float]
    estimate: Estimate
    difference: Estimate | None
    metrics: Mapping[str, float]
    parameters: int | None
    train_seconds: float | None
    statuses: Mapping[Status, int]
    reasons: tuple[tuple[Status, str, int], ...]
    reused: int
    documented: DocumentedNumbers | None = None
    beside: tuple[BesideOurs, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EstimatedEffect:
    """An effect that is shown and not tested: its mean with a 95% interval that stands alone, as a variant's has."""

    declared: Estimated
    estimate: Estimate


@dataclass(frozen=True, kw_only=True, slots=True)
class StudySummary:
    """The study, where it was run, its variants (best first, those without numbers last), and its verdicts.

    `planned_seeds` were fixed before any data (None: results decide about more). `looked_once`: just these have ended,
    so nothing had to be paid for looking again and again. `declared` is what the record shows of when all of it was.
    `paired`: runs of one seed are compared with each other. `corpus_remarks` are what has to be known of the data.
    `without_listening` is an answer that costs nothing, and who is no better.
    """

    study: Question
    preset: str
    corpus: str
    measured: Quantity
    margin: float
    seeds: tuple[int, ...]
    planned_seeds: int | None
    looked_once: bool
    declared: Declared | None
    variants: tuple[VariantSummary, ...]
    claims: tuple[ClaimVerdict, ...]
    estimates: tuple[EstimatedEffect, ...]
    costs: TrialCosts
    secondary: tuple[Secondary, ...]
    splits: tuple[SplitUse, ...]
    paired: bool = True
    corpus_remarks: tuple[str, ...] = ()
    without_listening: WithoutListening | None = None

    @property
    def where(self) -> str:
        """Of which runs all of it is: preset and corpus of ours, the source of others'."""
        return f"preset {self.preset}, corpus {self.corpus}" if self.preset else self.corpus

    @property
    def baseline(self) -> VariantSummary:
        """The variant that the others are measured against."""
        return next(variant for variant in self.variants if variant.is_baseline)

    @property
    def endpoint(self) -> Endpoint:
        """The study's metric with its margin."""
        return Endpoint(quantity=self.measured, margin=self.margin, said=self.study.margin_said)

    @property
    def labels(self) -> dict[str, str]:
        """The label of each variant, by id."""
        return {variant.id: variant.label for variant in self.variants}

    @property
    def measured_variants(self) -> tuple[VariantSummary, ...]:
        """The variants that have numbers, best first."""
        return tuple(variant for variant in self.variants if variant.estimate.n)


def summarise(study: Question, records: Results) -> StudySummary:
    """The summary of a study's records, with their own margin."""
    measured = quantity(study.metric, records.margin)
    labels = variant_labels(study)
    outcomes = outcomes_of(study, records)
    variants = [
        _variant(variant.id, study, records, outcomes, label=labels[variant.id], measured=measured)
        for variant in study.variants
    ]
    variants.sort(key=lambda variant: _rank(variant, measured))
    return StudySummary(
        study=study,
        preset=records.preset,
        corpus=records.corpus,
        measured=measured,
        margin=records.margin,
        seeds=tuple(sorted({seed for variant in variants for seed in variant.values})),
        planned_seeds=records.planned_seeds,
        looked_once=outcomes.looked_once,
        declared=records.declared,
        variants=tuple(variants),
        claims=decide(study, records, records.margin),
        estimates=tuple(
            _estimated(declared, outcomes, Endpoint(quantity=measured, margin=records.margin, said=study.margin_said))
            for declared in study.estimates
        ),
        costs=trial_costs(records, [variant.id for variant in variants]),
        secondary=secondary_metrics(study),
        splits=splits_used(records),
        paired=records.paired,
        corpus_remarks=records.corpus_remarks,
        without_listening=without_listening(study.metric, records, [variant.id for variant in variants]),
    )


def _estimated(declared: Estimated, outcomes: Outcomes, endpoint: Endpoint) -> EstimatedEffect:
    found = interval_of(gather(outcomes, declared.contrast, endpoint), DIFFERENCE_CONFIDENCE)
    return EstimatedEffect(declared=declared, estimate=reported_difference(found, endpoint.quantity))


def _rank(variant: VariantSummary, measured: Quantity) -> tuple[int, float]:
    """By the paired difference to the baseline, since means over different seeds are not alike; others after them."""
    if variant.estimate.value is None:
        return 2, 0.0
    if variant.is_baseline:
        return 0, 0.0
    if variant.difference is not None and variant.difference.value is not None:
        return 0, -variant.difference.value
    return 1, -variant.estimate.value if measured.higher_is_better else variant.estimate.value


def _variant(
    variant_id: str, study: Question, records: Results, outcomes: Outcomes, *, label: str, measured: Quantity
) -> VariantSummary:
    trials = records.comparable(variant_id)
    values = records.values(variant_id, study.metric)
    against = gather(outcomes, (variant_id, study.baseline), Endpoint(quantity=measured, margin=records.margin))
    is_baseline, documented = variant_id == study.baseline, documented_numbers(variant_id)
    parameters = _mean_metric(trials, record.PARAMETERS)
    means = {further.metric: _mean_metric(trials, further.metric) for further in secondary_metrics(study)}
    return VariantSummary(
        id=variant_id,
        label=label,
        levels={level.factor: level.value for level in study.variant(variant_id).levels},
        is_baseline=is_baseline,
        values=values,
        estimate=reported_mean(
            mean_interval(
                np.array(list(values.values()), dtype=np.float64),
                least_deviation=outcomes.least_deviation(measured, (variant_id,)) / math.sqrt(2),
            ),
            measured,
        ),
        difference=None if is_baseline else reported_difference(interval_of(against, DIFFERENCE_CONFIDENCE), measured),
        metrics={metric: mean for metric, mean in means.items() if mean is not None},
        parameters=None if parameters is None else round(parameters),
        train_seconds=_mean_metric(trials, record.TRAIN_SECONDS),
        statuses=records.statuses(variant_id),
        reasons=_reasons(records.of(variant_id)),
        reused=sum(trial.reused for trial in records.of(variant_id)),
        documented=documented,
        beside=beside_ours(documented, trials, measured),
    )


def _mean_metric(trials: tuple[TrialRecord, ...], metric: str) -> float | None:
    values = np.array([trial.metrics[metric] for trial in trials if metric in trial.metrics], dtype=np.float64)
    return mean_interval(values).value


def _reasons(trials: tuple[TrialRecord, ...]) -> tuple[tuple[Status, str, int], ...]:
    """Each (status, reason) other than completed, with how many trials gave it."""
    ends = ((trial.status, trial.reason or "no reason recorded") for trial in trials if trial.status != "completed")
    return tuple((status, reason, count) for (status, reason), count in Counter(ends).items())


def odd_statuses(variant: VariantSummary) -> str:
    """Statuses other than completed, with their counts: `2 diverged, 1 failed`."""
    return ", ".join(f"{count} {status}" for status, count in variant.statuses.items() if status != "completed")
