"""What the forms of all reports share: estimates as JSON values, and JSON as text."""

import json
from collections.abc import Mapping
from typing import Any

from soundproof.analysis.statistics.intervals import Estimate, Interval, finite


def json_text(plain: Mapping[str, Any]) -> str:
    """The value as text that ends a file. Raises ValueError for NaN and Infinity, which are not JSON."""
    return json.dumps(plain, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def interval_plain(interval: Interval | None) -> list[float | None] | None:
    """Both ends, null for one that is not finite."""
    return None if interval is None else [finite(interval.low), finite(interval.high)]


def effect_plain(estimate: Estimate) -> dict[str, Any]:
    """A mean difference with its interval."""
    return {"effect": finite(estimate.value), "interval": interval_plain(estimate.interval), "n": estimate.n}


def mean_plain(estimate: Estimate) -> dict[str, Any]:
    """A mean of values with its interval."""
    return {"n": estimate.n, "mean": finite(estimate.value), "interval": interval_plain(estimate.interval)}
