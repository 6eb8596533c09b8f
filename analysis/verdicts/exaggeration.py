"""How much effects are overstated by claims that were decided early.

A study that stops when its data show enough stops sooner where chance helps. Its interval allows for that; its estimate
does not. `exaggeration.json` has by how much, as `benchmarks.exaggeration` measured it for true effects that are drawn
from a normal distribution around 0 with the standard deviation of one difference.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from soundproof.analysis.verdicts.comparisons import Comparison
from soundproof.analysis.verdicts.decisions import FAMILY_ERROR, Decision
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.search_spaces.claims import BETTER

TABLE = "exaggeration.json"

WORTH_SAYING = 1.05
"""A ratio up to which nothing is said."""


def exaggeration(decision: Decision, deciding: Comparison, outcomes: Outcomes) -> float | None:
    """The mean reported effect over the mean true one, of claims decided with as many seeds at about this level.

    None where it is not above `WORTH_SAYING`, was not measured, or says nothing of the claim: that is undecided, says
    no more than that a difference is small or of what degree it is, or was looked at once.
    """
    shown = decision.verdict in ("supported", "contradicted") and decision.claim.rule == BETTER
    if not shown or outcomes.looked_once or deciding.identical:
        return None
    ratio = measured_ratio(deciding.n, FAMILY_ERROR / decision.level)
    return ratio if ratio is not None and ratio > WORTH_SAYING else None


def measured_ratio(seeds: int, claims: float) -> float | None:
    """The ratio for a decision after so many seeds, at a level of 5% over `claims`; by the nearest number measured."""
    table = _table()
    nearest = min(table, key=lambda measured: abs(measured - claims))
    return table[nearest].get(seeds)


@cache
def _table() -> Mapping[int, Mapping[int, float]]:
    text = files("soundproof.analysis.verdicts").joinpath(TABLE).read_text(encoding="utf-8")
    measured = json.loads(text)["claims"]
    return {
        int(claims): {int(seeds): cell["ratio"] for seeds, cell in by_seeds.items()}
        for claims, by_seeds in measured.items()
    }
