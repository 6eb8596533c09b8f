"""What a study's claims would cost, before anything is trained: seeds until half of such studies decide each of them.

The truth is taken to be one true difference, the same in all pairs of a claim, of so many margins; the spread is that
of other trials. Each claim is tested at the level that Holm's procedure gives the hardest one, by the shares and with
the degrees of freedom of the tests that will decide it (`pair_rules`, `statistics.looks`). Where several pairs have to
show something at once, each has to show it the more surely; pairs count as independent for that.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from soundproof.analysis.statistics.expected_seeds import FEWEST, expected_seeds
from soundproof.analysis.statistics.looks import CORRELATION_POWER, PSEUDO_DEGREES
from soundproof.analysis.statistics.spread import Spread
from soundproof.analysis.verdicts.decisions import FAMILY_ERROR, Verdict
from soundproof.analysis.verdicts.outcomes import FEWEST_FOLDS
from soundproof.analysis.verdicts.pair_rules import ONE_LOOK_SHARE, claim_shares
from soundproof.search_spaces.claims import (
    Above,
    Below,
    Between,
    Comparative,
    Contrast,
    Outside,
    Pair,
    PairRule,
    Region,
    weights_of,
)

TRUE_EFFECTS = (0.0, 1.0, 2.0, 4.0)
"""True improvements that are looked at, in margins."""

OUT_OF_REACH = 1_000
"""Seeds from which on nobody trains them."""

FARTHEST = 1_000_000
"""Beyond this many seeds no number is named."""

HALF = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """For a true improvement of `effect` margins: the right `verdict`, and seeds until half of such studies have it.

    `fixed` seeds are declared beforehand and looked at once, or trained `until_decided`. None where it takes more than
    `FARTHEST`. Where the effect lies on a boundary of the rule no number of seeds decides: the verdict is "undecided".
    """

    effect: float
    verdict: Verdict
    fixed: int | None
    until_decided: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Test:
    """How a contrast will be tested: the standard deviation it will show, in margins, and its degrees of freedom."""

    deviation: float
    freedom: Callable[[int], float]


def foresee(claim: Comparative, spread: Spread, margin: float, *, claims: int, compared: int) -> tuple[Foreseen, ...]:
    """What the claim would take for each of `TRUE_EFFECTS`.

    `spread` and `margin` are in the unit of the claim's metric; `claims` are the statistical claims of the study,
    `compared` the variants that they speak of. Where seeds take turns with groups that validate, the test is one over
    groups, and what groups do to variants comes on top of the numbers, which are then the least.
    """
    level = FAMILY_ERROR / claims
    pairs = [pair for group in claim.groups for pair in group]
    tests = [_expected_test(pair, spread, margin, compared) for pair in pairs]
    hardest = max(tests, key=lambda test: test.deviation)
    return tuple(_foreseen(claim, effect, hardest, level) for effect in TRUE_EFFECTS)


def right_verdict(rule: PairRule, effect: float) -> Verdict:
    """The verdict that says most of a true improvement of `effect` margins; undecided on a boundary."""
    regions: tuple[tuple[Verdict, Region | None], ...] = (
        ("contradicted", rule.opposite),
        ("supported", rule.claimed if effect else None),
        ("negligible", rule.negligible),
        ("supported", rule.claimed),
    )
    return next((verdict for verdict, region in regions if region and min(_ends(region, effect)) > 0), "undecided")


def _foreseen(claim: Comparative, effect: float, test: _Test, level: float) -> Foreseen:
    rule, verdict = claim.rule, right_verdict(claim.rule, effect)
    region = {"supported": rule.claimed, "contradicted": rule.opposite, "negligible": rule.negligible}.get(verdict)
    if region is None:
        return Foreseen(effect=effect, verdict="undecided", fixed=None, until_decided=None)
    sizes = [len(group) for group in claim.groups]
    claimed, opposite = claim_shares(rule)
    if verdict == "supported":
        level, chance = level * claimed / max(sizes), _chance_of_each(lambda one: _in_every(one, sizes))
    else:
        share = opposite if verdict == "contradicted" else 1.0
        level, chance = level * share / len(sizes), _chance_of_each(lambda one: _in_some(one, sizes))
    if isinstance(region, Outside):
        level /= 2
    distances = [distance / test.deviation for distance in _ends(region, effect)]

    def seeds(level: float, *, sequential: bool, fewest: int = FEWEST) -> int | None:
        return expected_seeds(
            distances,
            level,
            chance=chance,
            freedom=test.freedom,
            sequential=sequential,
            maximum=FARTHEST,
            fewest=fewest,
        )

    fixed = seeds(level * ONE_LOOK_SHARE, sequential=False)
    until_decided = None if fixed is None else seeds(level, sequential=True, fewest=fixed)
    return Foreseen(effect=effect, verdict=verdict, fixed=fixed, until_decided=until_decided)


def _ends(region: Region, effect: float) -> tuple[float, ...]:
    """How far the effect lies from each end that has to be excluded, in margins; not positive outside the region."""
    match region:
        case Above(margins=low):
            return (effect - low,)
        case Below(margins=high):
            return (high - effect,)
        case Between(low=low, high=high):
            return effect - low, high - effect
        case Outside(low=low, high=high):
            return (max(low - effect, effect - high),)


def _expected_test(pair: Pair | Contrast, spread: Spread, margin: float, compared: int) -> _Test:
    """What `looks` makes of many seeds whose variants all have this spread."""
    weights: Mapping[str, float] = weights_of(pair)
    squares = sum(weight**2 for weight in weights.values())
    fourths = sum(weight**4 for weight in weights.values())
    if spread.groups is not None:
        return _over_groups(spread, margin, squares)
    saved = max(spread.correlation, 0.0) ** CORRELATION_POWER
    lent = PSEUDO_DEGREES * (compared - 2) / (compared - 1) if compared > 2 else 0.0

    def freedom(n: int) -> float:
        unpaired: float = squares**2 / fourths * (lent + n - 1) / (1 + saved**2)
        return n - 1 + (1 - 1 / max(compared, 2)) * (unpaired - (n - 1))

    return _Test(deviation=spread.deviation * math.sqrt(squares * (1 - saved)) / margin, freedom=freedom)


def _over_groups(spread: Spread, margin: float, squares: float) -> _Test:
    """What `looks.grouped_looks` makes of seeds on which groups show nothing of their own.

    Of k folds k - 2 train, and a mean over them varies by 1 + k / (k - 2) times as much as one of independent groups.
    """
    groups = spread.groups or math.inf
    shared = 1.0 / (1 - 2 / max(groups, FEWEST_FOLDS)) if spread.folds else 0.0
    variance = squares * (1 - spread.correlation) * (1 + shared)

    def freedom(n: int) -> float:
        return max(min(n, groups) - 1, 1)

    return _Test(deviation=spread.deviation * math.sqrt(variance) / margin, freedom=freedom)


def _in_every(chance: float, sizes: Sequence[int]) -> float:
    """The chance that some pair of every group shows it, where each does with `chance`."""
    return math.prod(1 - (1 - chance) ** size for size in sizes)


def _in_some(chance: float, sizes: Sequence[int]) -> float:
    """The chance that in some group all pairs show it."""
    return 1 - math.prod(1 - chance**size for size in sizes)


def _chance_of_each(together: Callable[[float], float]) -> float:
    """The chance of one pair at which all `together` come to one half, by bisection of a rising function."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if together(middle) < HALF else (low, middle)
    return high
