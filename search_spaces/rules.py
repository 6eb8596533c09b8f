"""How a claim about means is tested, as data: what a pair of variants has to show, and what refutes it.

d is the true mean improvement of the first variant of a pair over the second, counted in margins: 1 is the smallest
difference that matters. A rule names two regions of d. The claim is supported by showing that d lies in the one, and
contradicted by showing that it lies in the other; `analysis.verdicts.pair_rules` has the tests that show it. The two
may overlap (0 < d < 1 is "better", and too little to matter); data that show both contradict.

A claim of another degree, or with another boundary, is another rule here: "far better" is `Above(3)` against
`Below(3)`, "slightly better" `Between(0, 1)` against `Outside(0, 1)`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Above:
    """d > `margins`. Where `mean_above` is given, the mean that was observed has to be greater than that, too."""

    margins: float
    mean_above: float | None = None


@dataclass(frozen=True, slots=True)
class Below:
    """d < `margins`."""

    margins: float


@dataclass(frozen=True, slots=True)
class Between:
    """`low` < d < `high`: two hypotheses have to be rejected, "d <= low" and "d >= high"."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outside:
    """d < `low` or d > `high`."""

    low: float
    high: float


Region = Above | Below | Between | Outside


@dataclass(frozen=True, kw_only=True, slots=True)
class PairRule:
    """A pair shows what is claimed where d lies in `claimed`, and the opposite where it lies in `opposite`."""

    claimed: Region
    opposite: Region


BETTER = PairRule(claimed=Above(0), opposite=Below(1))
"""An improvement; one that is too small to matter contradicts it."""

NOT_BETTER = PairRule(claimed=Below(1), opposite=Above(0, mean_above=1))
"""No improvement that matters."""

EQUIVALENT = PairRule(claimed=Between(-1, 1), opposite=Outside(-1, 1))
"""No difference that matters, in either direction."""
