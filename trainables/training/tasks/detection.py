"""Each class told from all others: the share of misses where that of false alarms is the same."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from soundproof.common import record


def detection_scores(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> dict[str, float]:
    """The mean over the classes of their equal error rates, by its name as in the record.

    `truth` and `scores` are (examples, classes). A class that all examples have, or none, cannot be told from others
    and has no part in the mean; nothing is scored where that holds of every class.
    """
    rates = [equal_error_rate(*columns) for columns in zip(truth.T, scores.T, strict=True) if _both(columns[0])]
    return {record.EQUAL_ERROR_RATE: float(np.mean(rates))} if rates else {}


def equal_error_rate(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float:
    """The share of misses that equals the share of false alarms, as the threshold of `scores` (examples,) falls.

    Between two thresholds both are interpolated, as straight lines between the points of scikit-learn's `roc_curve`.
    Equal scores are on one side of any threshold together.
    """
    order = np.argsort(-scores, kind="stable")
    last_of_equal = np.append(np.diff(scores[order]) != 0, True)
    hits = np.append(0, np.cumsum(truth[order])[last_of_equal]) / truth.sum()
    false_alarms = np.append(0, np.cumsum(~truth[order])[last_of_equal]) / (~truth).sum()
    return float(np.interp(1.0, hits + false_alarms, false_alarms))


def class_table(targets: Iterable[str], classes: Iterable[str]) -> NDArray[np.bool_]:
    """Which of the `classes` each target is, (examples, classes)."""
    names = list(classes)
    return np.array([[target == name for name in names] for target in targets], dtype=np.bool_)


def _both(truth: NDArray[np.bool_]) -> bool:
    return bool(truth.any() and not truth.all())
