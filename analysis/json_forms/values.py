"""What the forms of all reports share: estimates as JSON values, JSON as text, and what is a form by itself too."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from soundproof.analysis.records.declared import Declared
from soundproof.analysis.statistics.intervals import Estimate, Interval, finite
from soundproof.analysis.summaries.ablation_path import AblationPath

if TYPE_CHECKING:
    from soundproof.analysis.importance.importance import FactorImportances


def json_text(plain: Mapping[str, Any]) -> str:
    """The value as text that ends a file. Raises ValueError for NaN and Infinity, which are not JSON."""
    return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def interval_plain(interval: Interval | None) -> list[float | None] | None:
    """Both ends, null for one that is not finite."""
    return None if interval is None else [finite(interval.low), finite(interval.high)]


def effect_plain(estimate: Estimate) -> dict[str, Any]:
    """A mean difference with its interval."""
    return {"effect": finite(estimate.value), "interval": interval_plain(estimate.interval), "n": estimate.n}


def declared_plain(declared: Declared | None) -> dict[str, Any] | None:
    """Since when what is reported stands declared, and what speaks against its having been before the data."""
    if declared is None:
        return None
    return {
        "before": declared.before,
        "at": None if declared.at is None else declared.at.isoformat(),
        "reasons": [asdict(reason) for reason in declared.reasons],
    }


def mean_plain(estimate: Estimate) -> dict[str, Any]:
    """A mean of values with its interval."""
    return {"n": estimate.n, "mean": finite(estimate.value), "interval": interval_plain(estimate.interval)}


def importance_plain(found: "FactorImportances") -> dict[str, Any]:
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


def path_plain(path: AblationPath) -> dict[str, Any]:
    """The value that `ablate --path --json` prints."""
    return {
        "steps": [
            {"component": step.component, "gain": effect_plain(step.gain), "candidates": step.candidates}
            for step in path.steps
        ],
        "total": effect_plain(path.total),
        "unreached": list(path.unreached),
    }
