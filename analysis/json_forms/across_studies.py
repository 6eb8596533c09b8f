"""All studies of a store as JSON values: what `report --all --json` prints."""

from dataclasses import asdict
from typing import Any

from soundproof.analysis.summaries.across_studies import AcrossStudies


def across_studies_plain(across: AcrossStudies) -> dict[str, Any]:
    """The claims in the order of their p values."""
    return {
        "preset": across.preset,
        "claims": [asdict(claim) for claim in across.claims],
        "undeclared": list(across.undeclared),
    }
