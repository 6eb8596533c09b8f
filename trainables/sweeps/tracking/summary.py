"""A sweep in a few numbers, by which MLflow's pages list and sort the runs of studies and searches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from mlflow.entities import Run

from soundproof.search_spaces import record


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Metrics of the parent run, and the variant that is the best by its mean; None where no variant has one."""

    metrics: Mapping[str, float]
    best_variant: str | None


def summarise(runs: Sequence[Run], metric: str | None) -> Summary:
    """How the trials of these child runs ended, and the mean of `metric` over the seeds of the best variant.

    A variant counts where each of its trials has a number that may be compared; a search's, on fresh seeds alone.
    Reports say what the difference to others is worth.
    """
    current = [run for run in runs if record.SUPERSEDED not in run.data.tags]
    ends = Counter(run.data.tags[record.STATUS] for run in current if record.STATUS in run.data.tags)
    metrics = {record.TRIALS_PREFIX + status: float(count) for status, count in sorted(ends.items())}
    means = {} if metric is None else _means(current, metric)
    if metric is None or not means:
        return Summary(metrics=metrics, best_variant=None)
    best = (max if record.higher_is_better(metric) else min)(means, key=lambda variant: means[variant])
    metrics[record.BEST_VARIANT_PREFIX + metric] = means[best]
    return Summary(metrics=metrics, best_variant=best)


def _means(runs: Sequence[Run], metric: str) -> dict[str, float]:
    values: dict[str, list[float | None]] = defaultdict(list)
    for run in runs:
        tags = run.data.tags
        if tags.get(record.PURPOSE, record.PURPOSE_CONFIRMATION) == record.PURPOSE_CONFIRMATION:
            comparable = tags.get(record.STATUS) in record.COMPARABLE
            values[tags[record.VARIANT]].append(run.data.metrics.get(metric) if comparable else None)
    found = {variant: [value for value in of if value is not None] for variant, of in values.items()}
    return {variant: fmean(of) for variant, of in found.items() if len(of) == len(values[variant])}
