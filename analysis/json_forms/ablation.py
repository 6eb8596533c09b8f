"""The way of an ablation as plain values."""

from __future__ import annotations

from typing import Any

from soundproof.analysis.statistics.intervals import Estimate
from soundproof.analysis.summaries.ablation_path import AblationPath


def path_plain(path: AblationPath) -> dict[str, Any]:
    """The value that `ablate --path --json` prints."""
    return {
        "steps": [
            {"component": step.component, "gain": _plain(step.gain), "candidates": step.candidates}
            for step in path.steps
        ],
        "total": _plain(path.total),
        "unreached": list(path.unreached),
    }


def _plain(estimate: Estimate) -> dict[str, Any]:
    interval = None if estimate.interval is None else [estimate.interval.low, estimate.interval.high]
    return {"effect": estimate.value, "interval": interval, "n": estimate.n}
