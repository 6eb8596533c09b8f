"""Importance of factors as plain values."""

from typing import Any

from soundproof.analysis.importance.importance import FactorImportances


def importance_plain(found: FactorImportances) -> dict[str, Any]:
    """The value that `importance --json` prints."""
    return {
        "metric": found.metric,
        "by": found.by,
        "n": found.n,
        "seeds": found.seeds,
        "best": found.best,
        "resampled": found.resampled,
        "left_out": dict(found.left_out),
        "reason": found.reason,
        "factors": [
            {
                "factor": factor.factor,
                "same_as": list(factor.same_as),
                "importance": factor.importance,
                "interval": [factor.interval.low, factor.interval.high],
                "by_chance": factor.by_chance,
                "levels": factor.levels,
                "n": factor.trials,
            }
            for factor in found.factors
        ],
    }
