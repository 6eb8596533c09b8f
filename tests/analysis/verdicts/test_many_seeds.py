"""Evidence that is gathered once, and looks that are searched by halves, give what each look by itself gives."""

import numpy as np
import pytest

from soundproof.analysis.notation.quantities import Endpoint, quantity
from soundproof.analysis.verdicts import comparisons
from soundproof.analysis.verdicts.decisions import decide_claims, pair_verdict
from soundproof.analysis.verdicts.gathering import gather
from soundproof.analysis.verdicts.pair_rules import judge_pair
from soundproof.analysis.verdicts.verdicts import outcomes_of
from soundproof.search_spaces.claims import Better, Equivalent
from tests.letters import LOSS, records_of, study_of


def _losses(seed, effect=2.0, seeds=60):
    generator = np.random.default_rng(seed)
    return {name: 80 - effect * place + generator.normal(0, 3, seeds) for place, name in enumerate("abcdef")}


@pytest.mark.parametrize("view", ["trained", "typical", "all runs"])
def test_evidence_at_another_margin_is_that_of_new_outcomes(view):
    """Whatever margin was asked about before; a large one turns a run that did not train into one that did."""
    losses = _losses(1)
    losses["b"][[7, 30]] += 60
    records = records_of(losses)
    study = study_of(Better(text="b", source="s", pairs=(("b", "a"),)))
    shared = outcomes_of(study, records)
    lost = []
    for margin in (0.1, 1.0, 100.0, 0.1):
        endpoint = Endpoint(quantity=quantity(LOSS, margin), margin=margin)
        again = gather(shared, ("b", "a"), endpoint, view)
        new = gather(outcomes_of(study, records), ("b", "a"), endpoint, view)
        assert again.margin == new.margin == margin
        assert np.array_equal(again.differences, new.differences)
        assert np.array_equal(again.looks.errors, new.looks.errors, equal_nan=True)
        assert np.array_equal(again.judged, new.judged)
        lost.append(len(again.with_difference))
    if view == "trained":
        assert lost[2] > lost[0]


@pytest.mark.parametrize("effect", [-4.0, -1.5, 0.0, 1.5, 4.0])
def test_the_first_look_that_decided_is_found(effect):
    """The one that a walk over all looks finds."""
    claims = (
        Better(text="b", source="s", pairs=(("b", "a"),)),
        Equivalent(text="c", source="s", pairs=(("c", "a"),)),
    )
    study, records = study_of(*claims), records_of(_losses(2, effect))
    for decision in decide_claims(study, outcomes_of(study, records), 2.0):
        for pair in (pair for group in decision.groups for pair in group):
            walked = next(
                (
                    looks
                    for looks in range(3, len(pair.evidence.looks))
                    if pair.verdict != "undecided"
                    and pair_verdict(
                        judge_pair(decision.claim.rule, pair.evidence.first_looks(looks)), decision, pair.in_group
                    )
                    == pair.verdict
                ),
                len(pair.evidence.looks),
            )
            assert len(comparisons._when_decided(decision, pair).looks) == walked
