"""The variants that cannot be excluded from being the best, or the worst."""

import numpy as np
import pytest
from letters import MARGIN, outcomes_of, study_of, trials_of

from soundproof.analysis.verdicts.decisions import decide_claims
from soundproof.analysis.verdicts.verdicts import contenders
from soundproof.search_spaces.claims import BestOf, Better, Monotone, WorstOf

STEPS = np.array([0.0, 0.3, -0.2, 0.1, -0.1, 0.2])
MEANS = {"a": 80.0, "b": 80.05, "c": 85.0, "d": 90.0}


def _contenders(claim, planned_seeds=6, extra=()):
    losses = {name: (mean + np.roll(STEPS, row)).tolist() for row, (name, mean) in enumerate(MEANS.items())}
    study = study_of(claim, ids=(*losses, "e"))
    outcomes = outcomes_of(study, [*trials_of(losses), *trials_of(dict(extra))], planned_seeds)
    (decision,) = decide_claims(study, outcomes, MARGIN)
    return contenders(decision, outcomes)


@pytest.mark.parametrize("planned_seeds", [6, None])
@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (BestOf(text="t", source="s", best=("a",), others=("b", "c", "d")), ("a", "b")),
        (BestOf(text="t", source="s", best=("d",), others=("c",)), ("c",)),
        (WorstOf(text="t", source="s", worst=("a",), others=("b", "c", "d")), ("d",)),
        (Monotone(text="t", source="s", variants=("c", "a", "b")), ("a", "b")),
        (Better(text="t", source="s", pairs=(("a", "b"),)), None),
    ],
)
def test_those_that_another_beats_are_out(claim, expected, planned_seeds):
    """A and b cannot be told apart, c and d are worse than both; claims about no best one have no such set."""
    assert _contenders(claim, planned_seeds) == expected


@pytest.mark.parametrize("extra", [{}, {"e": [80.0, None, 80.0, None]}])
def test_what_cannot_be_judged_cannot_be_excluded(extra):
    """A variant without trials, or with too few survivors, may still be the best: it comes last, unless infeasible."""
    claim = BestOf(text="t", source="s", best=("a",), others=("c", "e"))
    assert _contenders(claim, None, extra) == ("a", "e")
