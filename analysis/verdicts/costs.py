"""Whether a variant gets by with a share of another's cost: parameters, seconds, memory."""

import numpy as np

from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sequential import sequential_p_value
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.pair_rules import NOTHING_SHOWN, PairTest

LEAST_SEEDS = 2


def cost_test(outcomes: Outcomes, first: str, second: str, cost: str, share: float) -> PairTest:
    """The p values at which `first` has at most `share` times the cost of `second`, and at which it has more.

    By the logarithms of the ratios, seed by seed: geometric means are compared. A cost that is the same on every seed,
    as parameters are, is a matter of arithmetic: one of the two is sure.
    """
    sides = (outcomes.values(first, cost), outcomes.values(second, cost))
    seeds = sorted(sides[0].keys() & sides[1].keys())
    if not seeds or any(side[seed] <= 0 for side in sides for seed in seeds):
        return NOTHING_SHOWN
    saved = np.array([np.log(share * sides[1][seed] / sides[0][seed]) for seed in seeds])
    if np.ptp(saved) == 0:
        holds = saved[0] >= -1e-12
        return PairTest(support=float(not holds), contradict=float(holds))
    if len(seeds) < LEAST_SEEDS:
        return NOTHING_SHOWN
    p_value = t_p_value if outcomes.looked_once else sequential_p_value
    return PairTest(support=p_value(saved), contradict=p_value(-saved))
