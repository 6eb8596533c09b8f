"""Where an undecided claim is heading, which pairs it waits for, and after how many seeds it would be decided."""

import math

import numpy as np
import pytest
from letters import MARGIN, outcomes_of, study_of, trials_of

from soundproof.analysis.verdicts.decisions import decide_claims
from soundproof.analysis.verdicts.outlook import outlook
from soundproof.search_spaces.claims import BestOf, Better, Equivalent, NotBetter

GENERATOR = np.random.default_rng(2)


def _noise(spread):
    noise = GENERATOR.normal(0, 1, 4)
    return spread * (noise - noise.mean()) / noise.std(ddof=1)


def _outlook(claim, planned_seeds=None, **differences):
    """The outlook where b, c, ... are behind a by `differences`, four seeds each."""
    losses = {"a": [80.0] * 4} | {name: (80 + values).tolist() for name, values in differences.items()}
    study = study_of(claim, ids=tuple(losses))
    (decision,) = decide_claims(study, outcomes_of(study, trials_of(losses), planned_seeds), MARGIN)
    assert decision.verdict == "undecided"
    return outlook(decision)


def _waiting(found):
    return [(claim.pair.evidence.first, claim.pair.evidence.second) for claim in found.waiting_for]


def test_support_waits_for_the_pairs_that_do_not_show_it_yet():
    """B is settled; c and d are not, and d, being closer to 0, takes longest."""
    claim = Better(text="t", source="s", pairs=(("a", "b"), ("a", "c"), ("a", "d")))
    found = _outlook(claim, b=50 + _noise(0.5), c=12 + _noise(9), d=8 + _noise(9))
    assert found.heading == "supported"
    assert _waiting(found) == [("a", "d"), ("a", "c")]
    assert found.seeds_needed == found.waiting_for[0].seeds > found.waiting_for[1].seeds


def test_one_counterexample_is_quicker_than_all_the_others():
    """B points to support, c away from it: c alone decides."""
    claim = Better(text="t", source="s", pairs=(("a", "b"), ("a", "c")))
    found = _outlook(claim, b=12 + _noise(9), c=-12 + _noise(9))
    assert (found.heading, _waiting(found)) == ("negligible", [("a", "c")])


def test_in_a_group_the_quickest_pair_counts():
    """A or b has to beat c: a is nearer to showing it."""
    claim = BestOf(text="t", source="s", best=("a", "b"), others=("c",))
    found = _outlook(claim, b=4 + _noise(2), c=9 + _noise(7))
    assert (found.heading, _waiting(found)) == ("supported", [("a", "c")])


@pytest.mark.parametrize(
    ("claim", "mean", "noise", "heading"),
    [
        (NotBetter(text="t", source="s", pairs=(("a", "b"),)), 1.0, 12, "supported"),
        (NotBetter(text="t", source="s", pairs=(("a", "b"),)), 9.0, 12, "contradicted"),
        (Equivalent(text="t", source="s", pairs=(("a", "b"),)), 1.0, 7, "supported"),
        (Equivalent(text="t", source="s", pairs=(("a", "b"),)), 9.0, 12, "contradicted"),
    ],
)
@pytest.mark.parametrize("planned_seeds", [4, None])
def test_the_mean_says_where_a_claim_is_heading(claim, mean, noise, heading, planned_seeds):
    """Inside the margin, or beyond it."""
    found = _outlook(claim, planned_seeds, b=mean + _noise(noise))
    assert found.heading == heading
    assert found.seeds_needed > 4


def test_seeds_needed_are_those_of_a_plan_that_was_looked_at():
    """Whoever adds seeds has looked before, whatever was planned: both get the same number."""
    claim, noise = Better(text="t", source="s", pairs=(("a", "b"),)), _noise(9)
    once, often = (_outlook(claim, planned, b=6 + noise).seeds for planned in (4, None))
    assert once == often


def test_too_little_to_tell():
    """One pair has no spread to go by: no number, and the pair is still named."""
    study = study_of(Better(text="t", source="s", pairs=(("a", "b"),)))
    (decision,) = decide_claims(study, outcomes_of(study, trials_of({"a": [80.0], "b": [90.0]})), MARGIN)
    found = outlook(decision)
    assert (found.heading, found.seeds, found.seeds_needed) == ("undecided", math.inf, None)
    assert _waiting(found) == [("a", "b")]
