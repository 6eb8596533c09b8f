"""Corrections for many claims at once."""

from __future__ import annotations

import numpy as np

from soundproof.analysis.statistics import FloatArray


def holm(p_values: FloatArray) -> FloatArray:
    """Adjusted p values (m,), in the order given: reject those at most α and the family-wise error is at most α.

    Sorted upwards, p(i) becomes the largest of (m - j + 1) · p(j) over j <= i, at most 1. Valid however the tests
    depend on each other. A claim that was tested without an outcome counts: give it the p value 1.

    Raises ValueError for what is no probability. Source: Holm (1979), Scandinavian Journal of Statistics 6:65.
    """
    given = np.asarray(p_values, dtype=np.float64)
    if not np.all((given >= 0) & (given <= 1)):
        raise ValueError(f"p values must lie between 0 and 1, got {given.tolist()}: give a claim without an outcome 1")
    order = np.argsort(given)
    factors = np.arange(len(given), 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * given[order]), 1.0)
    return adjusted
