"""The path of an ablation as plain values."""

from typing import Any

from soundproof.analysis.json_forms.values import effect_plain
from soundproof.analysis.summaries.ablation_path import AblationPath


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
