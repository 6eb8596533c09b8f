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
from soundproof.analysis.verdicts.decisions import Decision
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.search_spaces.claims import BETTER

TABLE = "exaggeration.json"

WORTH_SAYING = 1.05
"""A ratio up to which nothing is said."""


def exaggeration(decision: Decision, deciding: Comparison, outcomes: Outcomes) -> float | None:
    """The mean reported effect over the mean true one, of claims that are decided after as many seeds.

    None where it is not above `WORTH_SAYING`, was not measured, or says nothing of the claim: that is undecided, says
    no more than that a difference is small or of what degree it is, or was looked at once.
    """
    shown = decision.verdict in ("supported", "contradicted") and decision.claim.rule == BETTER
    if not shown or outcomes.looked_once or deciding.identical:
        return None
    ratio = measured_ratio(deciding.n)
    return ratio if ratio is not None and ratio > WORTH_SAYING else None


def measured_ratio(seeds: int) -> float | None:
    """The ratio after so many seeds; it does not depend on the level. What rises with seeds is noise of simulation."""
    table = _table()
    return min(table[fewer] for fewer in table if fewer <= seeds) if seeds in table else None


@cache
def _table() -> Mapping[int, float]:
    text = files("soundproof.analysis.verdicts").joinpath(TABLE).read_text(encoding="utf-8")
    return {int(seeds): cell["ratio"] for seeds, cell in json.loads(text)["seeds"].items()}
