"""Closing a sweep's record, which a store that is away for a moment need not prevent."""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from mlflow.entities import Run

from soundproof.common import record
from soundproof.trainables.sweeps.tracking import outages
from soundproof.trainables.sweeps.tracking.child_runs import at_step
from soundproof.trainables.sweeps.tracking.mlflow_forms import run_tags
from soundproof.trainables.sweeps.tracking.outages import TrackingError, away_message
from soundproof.trainables.sweeps.tracking.queries import SweepRuns


def close_parent(sweep: SweepRuns, *, interrupted: bool) -> None:
    """Close the parent run, with the sweep in a few numbers unless it was interrupted.

    A store that is away is waited for, and then `TrackingError` raised; after an interruption it is left alone,
    since the parent run is opened again by the next driver.
    """
    status = "KILLED" if interrupted else "FINISHED"
    gives_up = time.monotonic() + (0 if interrupted else outages.AT_END_SECONDS)
    for pause in outages.pauses():
        try:
            if not interrupted:
                _summarise(sweep)
            sweep.client.set_terminated(sweep.parent_id, status=status)
        except Exception as error:
            if not outages.is_away(error):
                raise
            if time.monotonic() + pause > gives_up:
                if interrupted:
                    return
                raise TrackingError(away_message(error)) from error
            time.sleep(pause)
        else:
            return


def _summarise(sweep: SweepRuns) -> None:
    summary = summarise(sweep.children(), sweep.heading.metric)
    tags = {} if summary.best_variant is None else {record.BEST_VARIANT: summary.best_variant}
    sweep.client.log_batch(sweep.parent_id, metrics=at_step(summary.metrics, 0), tags=run_tags(tags))


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
