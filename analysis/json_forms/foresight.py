"""What a study would cost as JSON values: `seeds_needed` of `plan --json`."""

from dataclasses import asdict
from typing import Any

from soundproof.analysis.statistics.intervals import finite
from soundproof.analysis.summaries.foreseen import ForeseenClaim, StudyForesight


def foresight_plain(foresight: StudyForesight | None) -> dict[str, Any] | None:
    """Null where nothing is known of the spread."""
    if foresight is None:
        return None
    return {"level": foresight.level, "claims": [_claim(claim) for claim in foresight.claims]}


def _claim(foreseen: ForeseenClaim) -> dict[str, Any]:
    source, spread = foreseen.source, foreseen.spread
    return {
        "claim": foreseen.number,
        "text": foreseen.claim.text,
        "metric": foreseen.endpoint.quantity.metric,
        "margin": finite(foreseen.endpoint.margin),
        "spread": asdict(spread) | {"of_difference": spread.of_difference},
        "source": {
            "kind": source.kind,
            "study": source.study,
            "preset": source.preset,
            "corpus": source.corpus,
            "run": source.run or None,
        },
        "effects": [
            {
                "margins": found.effect,
                "verdict": found.verdict,
                "fixed": found.fixed,
                "until_decided": found.until_decided,
            }
            for found in foreseen.effects
        ],
    }
