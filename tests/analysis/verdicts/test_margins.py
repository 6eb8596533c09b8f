"""Where a verdict flips when the margin is moved, against the decisions at margins on either side."""

import numpy as np
import pytest
from letters import LOSS, outcomes_of, study_of, trials_of

from soundproof.analysis.statistics.intervals import mean_interval
from soundproof.analysis.verdicts.decisions import decide_claims
from soundproof.analysis.verdicts.margins import FACTOR, flips
from soundproof.analysis.verdicts.pair_rules import ONE_LOOK_SHARE
from soundproof.search_spaces.claims import Better, Equivalent, Measure

DIFFERENCES = np.array([2.0, 2.4, 1.7, 2.2, 1.8, 2.3])
BASE = np.array([80.0, 80.5, 79.8, 80.2, 79.9, 80.1])
LOSSES = {"a": BASE.tolist(), "b": (BASE + DIFFERENCES).tolist()}
WORDS = {"text": "t", "source": "s"}


def _flips(margin, *claims, losses=LOSSES):
    study = study_of(*claims, ids=tuple(losses))
    outcomes = outcomes_of(study, trials_of(losses), planned_seeds=6)
    return study, outcomes, flips(study, outcomes, margin)


@pytest.mark.parametrize("margin", [0.5, 1.9, 2.5, 8.0])
def test_a_flip_lies_between_its_verdicts(margin):
    """Decided again at margins just below and above, the claim has the verdicts that the flip says."""
    claims = (Better(**WORDS, pairs=(("a", "b"),)), Equivalent(**WORDS, pairs=(("a", "b"),)))
    study, outcomes, found = _flips(margin, *claims)
    assert [len(of_claim) for of_claim in found] == [1, 2]
    for index, of_claim in enumerate(found):
        for flip in of_claim:
            below, above = (decide_claims(study, outcomes, flip.margin * factor) for factor in (0.998, 1.002))
            assert (below[index].verdict, above[index].verdict) == (flip.below, flip.above)


def test_flips_are_the_ends_of_an_interval():
    """Alike flips where the margin leaves the interval at which it was tested, whatever margin was declared."""
    losses = {"a": BASE.tolist(), "b": (BASE + DIFFERENCES)[[3, 0, 5, 1, 4, 2]].tolist()}
    study, outcomes, (found,) = _flips(1.9, Equivalent(**WORDS, pairs=(("a", "b"),)), losses=losses)
    assert [(flip.below, flip.above) for flip in found] == [("contradicted", "undecided"), ("undecided", "supported")]
    differences = np.array(losses["b"]) - np.array(losses["a"])
    (decision,) = decide_claims(study, outcomes, 1.9)
    looks = decision.groups[0][0].evidence.looks
    assert looks.means[-1] == pytest.approx(differences.mean())
    assert found[0].margin < mean_interval(differences, 0.95).value < found[1].margin
    # tested at 0.05 each way, of which the one look gets its share; looked for to 0.05%
    from scipy import stats

    half = stats.t.isf(0.05 * ONE_LOOK_SHARE, looks.freedom[-1]) * looks.errors[-1]
    assert found[1].margin == pytest.approx(differences.mean() + half, rel=1e-3)


def test_one_verdict_has_no_flip():
    """A clear worsening contradicts an improvement at any margin."""
    losses = {"a": (BASE + 10).tolist(), "b": (BASE + DIFFERENCES).tolist()}
    _, _, found = _flips(1.0, Better(**WORDS, pairs=(("a", "b"),)), losses=losses)
    assert found == ((),)


def test_a_measure_has_a_margin_of_its_own():
    """The same metric as a measure of 2.5 flips where the study's own does, though the study's margin is another."""
    own = Equivalent(**WORDS, pairs=(("a", "b"),))
    measured = Equivalent(**WORDS, pairs=(("a", "b"),), measure=Measure(metric=LOSS, margin=2.5))
    _, _, (by_measure,) = _flips(40.0, measured)
    _, _, (by_study,) = _flips(2.5, own)
    assert [flip.margin for flip in by_measure] == pytest.approx([flip.margin for flip in by_study])


def test_only_margins_near_the_declared_one_are_tried():
    """What lies further away than the factor is of no interest."""
    _, _, (found,) = _flips(2.0 * FACTOR * 2, Better(**WORDS, pairs=(("a", "b"),)))
    assert found == ()
