"""What a document says of a variant, metric by metric beside what its trials have."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from soundproof.analysis.notation.bounds import reported_mean
from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.analysis.records.trials import TrialRecord
from soundproof.analysis.statistics.intervals import Estimate, mean_interval
from soundproof.common import record
from soundproof.search_spaces.documented.numbers import DocumentedNumbers


@dataclass(frozen=True, kw_only=True, slots=True)
class BesideOurs:
    """One metric: the values of the document's runs, and the mean over our seeds."""

    measured: Quantity
    documented: tuple[float, ...]
    ours: Estimate


def beside_ours(
    numbers: DocumentedNumbers | None, trials: Sequence[TrialRecord], measured: Quantity
) -> tuple[BesideOurs, ...]:
    """Every metric of the document, that of the study (`measured`) first, the parameters last."""
    if numbers is None:
        return ()
    metrics = dict.fromkeys((measured.metric, *numbers.metrics, record.PARAMETERS))
    return tuple(
        _beside(measured if metric == measured.metric else quantity(metric), numbers.values(metric), trials)
        for metric in metrics
        if numbers.values(metric)
    )


def _beside(measured: Quantity, documented: tuple[float, ...], trials: Sequence[TrialRecord]) -> BesideOurs:
    ours = [trial.metrics[measured.metric] for trial in trials if measured.metric in trial.metrics]
    estimate = reported_mean(mean_interval(np.array(ours, dtype=np.float64)), measured)
    return BesideOurs(measured=measured, documented=documented, ours=estimate)
