"""The p values of one pair under each rule: zones, tables worked by hand, and how often they are wrong."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import records_of, study_of

from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sequential import sequential_p_value
from soundproof.analysis.verdicts.evidence import Evidence, Obstacle
from soundproof.analysis.verdicts.pair_rules import NOTHING_SHOWN, judge_pair, pair_needs
from soundproof.analysis.verdicts.verdicts import decide
from soundproof.search_spaces.claims import BETTER, EQUIVALENT, NOT_BETTER, Better, Claim, Comparative

MARGIN = 3.0
RULES = (BETTER, NOT_BETTER, EQUIVALENT)


def _evidence(differences, *, once=True, least_deviation=0.0, obstacle=None):
    return Evidence(
        first="a",
        second="b",
        differences=np.asarray(differences, dtype=float),
        seeds=len(differences),
        margin=MARGIN,
        least_deviation=least_deviation,
        looked_once=once,
        obstacle=obstacle,
    )


def _around(mean, spread=0.1, n=8):
    """Differences of exactly that mean, nearly without spread."""
    return mean + np.linspace(-spread, spread, n)


def _shown(test):
    return "supported" if test.support < 0.01 else "contradicted" if test.contradict < 0.01 else "undecided"


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize(
    ("rule", "mean", "expected"),
    [
        (BETTER, 5.0, "supported"),
        (BETTER, 0.0, "contradicted"),
        (BETTER, -5.0, "contradicted"),
        (NOT_BETTER, 5.0, "contradicted"),
        (NOT_BETTER, 1.0, "supported"),
        (NOT_BETTER, -5.0, "supported"),
        (EQUIVALENT, 5.0, "contradicted"),
        (EQUIVALENT, 1.0, "supported"),
        (EQUIVALENT, -1.0, "supported"),
        (EQUIVALENT, -5.0, "contradicted"),
    ],
)
def test_a_sharp_difference_falls_into_its_zone(rule, mean, expected, once):
    """Far from every boundary, with hardly any spread, each rule shows what its table says, looked at either way."""
    assert _shown(judge_pair(rule, _evidence(_around(mean), once=once))) == expected


def test_a_small_improvement_shows_both_sides_of_better():
    """Surely positive and surely below the margin: both p values are small, and the claim will be contradicted."""
    test = judge_pair(BETTER, _evidence(_around(1.0)))
    assert max(test.support, test.contradict) < 0.001


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("mean", [-5.0, 0.0, 5.0])
def test_a_vague_difference_shows_nothing(rule, mean):
    """A spread far beyond the margin decides nothing; above all, it never shows equivalence."""
    test = judge_pair(rule, _evidence(_around(mean, spread=60.0)))
    assert min(test.support, test.contradict) > 0.1


def test_a_table_worked_by_hand():
    """Differences 1, 2, 3: s/√n = 1/√3, so t = 3.4641 against 0 and 1.7321 against the margin, with 2 degrees.

    P(t > 3.4641) = 0.03709 and P(t > 1.7321) = 0.11270; both doubled where there are two directions.
    """
    evidence = _evidence([1.0, 2.0, 3.0])
    better, not_better, equivalent = (judge_pair(rule, evidence) for rule in RULES)
    assert (better.support, better.contradict) == pytest.approx((2 * 0.037090, 2 * 0.112702), abs=1e-6)
    assert (not_better.support, not_better.contradict) == (pytest.approx(2 * 0.112702, abs=1e-6), 1.0)
    assert equivalent.support == pytest.approx(0.112702, abs=1e-6)
    assert equivalent.contradict == 1.0


def test_not_better_is_contradicted_only_by_a_mean_above_the_margin():
    """A sharp improvement of less than the margin is what the claim allows; an improvement beyond it is not."""
    assert judge_pair(NOT_BETTER, _evidence(_around(2.9))).contradict == 1.0
    assert judge_pair(NOT_BETTER, _evidence(_around(3.1))).contradict < 0.001


def test_not_better_that_was_contradicted_stays_so_when_the_mean_falls():
    """Looked at again and again: the p value is that of the last look with a mean above the margin."""
    early = _around(9.0, spread=0.5, n=5)
    later = np.concatenate([early, [-9.0] * 6])
    test = judge_pair(NOT_BETTER, _evidence(later, once=False))
    assert test.contradict == judge_pair(NOT_BETTER, _evidence(early, once=False)).contradict
    assert np.mean(later) < MARGIN


@pytest.mark.parametrize(("once", "reference"), [(True, t_p_value), (False, sequential_p_value)])
def test_the_p_values_are_those_of_the_test_that_fits_the_looks(once, reference):
    """Student's for one look, the always-valid one otherwise, doubled."""
    differences = np.random.default_rng(1).normal(2, 2, 7)
    test = judge_pair(BETTER, _evidence(differences, once=once))
    assert test.support == pytest.approx(min(1, 2 * reference(differences)))
    assert test.contradict == pytest.approx(min(1, 2 * reference(-differences, null=-MARGIN)))


@pytest.mark.parametrize("once", [True, False])
def test_identical_variants_are_equivalent_and_not_better(once):
    """The same trial under two names: every difference is exactly 0, and nothing divides by the missing spread."""
    same = _evidence(np.zeros(4), once=once)
    assert judge_pair(EQUIVALENT, same).support == 0
    assert judge_pair(BETTER, same).contradict == 0
    assert judge_pair(BETTER, same).support == 1
    assert judge_pair(NOT_BETTER, same).support == 0


@pytest.mark.parametrize("once", [True, False])
def test_equal_steps_are_not_certainty(once):
    """Whole epochs that happen to differ equally: with the spread of rounding the p value is small but not 0."""
    test = judge_pair(BETTER, _evidence([1.0] * 4, once=once, least_deviation=1 / 6**0.5))
    assert 0 < test.support < 1


@pytest.mark.parametrize("rule", RULES)
def test_an_obstacle_leaves_nothing_shown(rule):
    """Whatever the numbers are."""
    obstacle = Obstacle(kind="failures", variant="a", count=3, total=8)
    evidence = _evidence(_around(50.0), obstacle=obstacle)
    assert judge_pair(rule, evidence) == NOTHING_SHOWN
    assert pair_needs(rule, evidence, support=0.05, contradict=0.05).support is None


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10, width=16), min_size=3, max_size=9), st.sampled_from(RULES), st.integers(3, 9))
def test_more_pairs_never_raise_an_always_valid_p_value(differences, rule, n):
    """What was shown once stays shown, whatever follows."""
    before, after = (judge_pair(rule, _evidence(part, once=False)) for part in (differences[:n], differences))
    assert after.support <= before.support
    assert after.contradict <= before.contradict


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10, width=16), min_size=2, max_size=9), st.sampled_from(RULES), st.randoms())
def test_the_order_of_seeds_does_not_matter_to_one_look(differences, rule, random):
    """Relabelling the seeds on both sides alike leaves the p values as they are."""
    shuffled = list(differences)
    random.shuffle(shuffled)
    before, after = (judge_pair(rule, _evidence(part)) for part in (differences, shuffled))
    assert (after.support, after.contradict) == pytest.approx((before.support, before.contradict), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize(
    ("rule", "mean", "points_to"),
    [
        (BETTER, 6.0, "support"),
        (BETTER, -4.0, "contradict"),
        (NOT_BETTER, -2.0, "support"),
        (NOT_BETTER, 6.0, "contradict"),
        (EQUIVALENT, 0.5, "support"),
        (EQUIVALENT, 6.0, "contradict"),
    ],
)
def test_the_seeds_needed_do_decide(rule, mean, points_to, once):
    """Data of the same mean and spread, looked at after each of that many seeds, reach the level, whatever the plan."""
    generator = np.random.default_rng(1)

    def standardised(n):
        noise = generator.normal(0, 1, n)
        return mean + 6 * (noise - noise.mean()) / noise.std(ddof=1)

    now = _evidence(standardised(4), once=once)
    needed = getattr(pair_needs(rule, now, support=0.05, contradict=0.05), points_to)
    assert getattr(judge_pair(rule, now), points_to) > 0.05
    assert needed > 4
    later = _evidence(standardised(needed), once=False)
    slack = 1.1 if rule == EQUIVALENT else 1.0  # the farther of its two tests still counts a little
    assert getattr(judge_pair(rule, later), points_to) <= 0.05 * slack


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize(
    ("rule", "truth", "wrong"),
    [
        (BETTER, 0.0, "support"),
        (BETTER, MARGIN, "contradict"),
        (NOT_BETTER, MARGIN, "support"),
        (NOT_BETTER, 0.0, "contradict"),
        (EQUIVALENT, MARGIN, "support"),
        (EQUIVALENT, MARGIN, "contradict"),
    ],
)
def test_false_verdicts_stay_below_their_level(rule, truth, wrong, once):
    """At the worst case of each hypothesis, 1,000 simulated pairs go wrong at 5% in at most 5% of cases, and noise."""
    differences = np.random.default_rng(7).normal(truth, 2.0, size=(1000, 6))
    p_values = [getattr(judge_pair(rule, _evidence(row, once=once)), wrong) for row in differences]
    assert np.mean(np.array(p_values) <= 0.05) < 0.07


def test_a_thousand_pairs_are_judged_at_once():
    """A report of a long study starts from nothing remembered, and does not run out of stack."""
    test = judge_pair(BETTER, _evidence(np.random.default_rng(7).normal(0.3, 1.0, 1030), once=False))
    assert test.support < 1e-6


@pytest.mark.parametrize("rule", [kind.rule for kind in get_args(Claim) if issubclass(kind, Comparative)])
@pytest.mark.parametrize("mean", [-9.0, 0.0, 1.0, 9.0])
def test_every_rule_has_words_for_what_it_shows(rule, mean):
    """Whatever a declared rule shows, for or against, the verdict's sentence says it."""
    claim = type("Tried", (Better,), {"rule": rule})(text="t", source="s", pairs=(("a", "b"),))
    losses = {"a": _around(80.0), "b": 80.0 + mean - _around(0.0)}
    (verdict,) = decide(study_of(claim, ids="ab"), records_of(losses, planned_seeds=8), MARGIN)
    assert verdict.verdict != "undecided"
    assert verdict.sentence.startswith(("Holds: ", "Does not hold: "))
