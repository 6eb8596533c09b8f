"""The p values of one pair under each rule: zones, tables worked by hand, and how often they are wrong."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import records_of, study_of

from soundproof.analysis.statistics.looks import paired_looks
from soundproof.analysis.statistics.paired_tests import t_p_value
from soundproof.analysis.statistics.sequential import sequential_p_value
from soundproof.analysis.verdicts.evidence import Evidence, Obstacle
from soundproof.analysis.verdicts.pair_rules import NO_WAY, NOTHING_SHOWN, PairTest, judge_pair, pair_needs
from soundproof.analysis.verdicts.verdicts import decide
from soundproof.search_spaces.claims import (
    BETTER,
    EQUIVALENT,
    NO_LOSS,
    NOT_BETTER,
    Above,
    Below,
    Better,
    Between,
    Degree,
    Outside,
)

MARGIN = 3.0
LEVELS = PairTest(support=0.05, contradict=0.05, negligible=0.05)
SLIGHTLY = Degree(words="slightly", most_margins=1).rule
RULES = (BETTER, NOT_BETTER, EQUIVALENT, NO_LOSS, Degree(words="far", least_margins=3).rule, SLIGHTLY)


def _evidence(differences, *, once=True, least_deviation=0.0, obstacle=None, alike=0, clean=0):
    return Evidence(
        first="a",
        second="b",
        variants=("a", "b"),
        with_difference=tuple(range(len(differences))),
        differences=np.asarray(differences, dtype=float),
        looks=paired_looks(np.asarray(differences, dtype=float), least_deviation),
        worst=None,
        judged=np.full(len(differences), obstacle is None),
        seeds=len(differences),
        margin=MARGIN,
        least_deviation=least_deviation,
        planned=once,
        looked_once=once,
        obstacle=obstacle,
        alike=alike,
        clean=clean,
    )


def _around(mean, spread=0.1, n=8):
    """Differences of exactly that mean, nearly without spread."""
    return mean + np.linspace(-spread, spread, n)


def _shown(test):
    shown = {"contradicted": test.contradict, "negligible": test.negligible, "supported": test.support}
    return next((verdict for verdict, p_value in shown.items() if p_value < 0.01), "undecided")


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize(
    ("rule", "mean", "expected"),
    [
        (BETTER, 5.0, "supported"),
        (BETTER, 0.0, "negligible"),
        (BETTER, 1.5, "negligible"),
        (BETTER, -5.0, "contradicted"),
        (NOT_BETTER, 5.0, "contradicted"),
        (NOT_BETTER, 1.0, "supported"),
        (NOT_BETTER, -5.0, "supported"),
        (EQUIVALENT, 5.0, "contradicted"),
        (EQUIVALENT, 1.0, "supported"),
        (EQUIVALENT, -1.0, "supported"),
        (EQUIVALENT, -5.0, "contradicted"),
        (NO_LOSS, 0.0, "supported"),
        (NO_LOSS, -5.0, "contradicted"),
        (SLIGHTLY, 1.5, "supported"),
        (SLIGHTLY, 5.0, "contradicted"),
        (SLIGHTLY, -1.0, "contradicted"),
        (Degree(words="far", least_margins=3).rule, 8.0, "contradicted"),
        (Degree(words="far", least_margins=3).rule, 10.0, "supported"),
    ],
)
def test_a_sharp_difference_falls_into_its_zone(rule, mean, expected, once):
    """Far from every boundary, with hardly any spread, each rule shows what its table says, looked at either way."""
    assert _shown(judge_pair(rule, _evidence(_around(mean), once=once))) == expected


def test_a_small_improvement_is_shown_to_be_one_and_to_be_small():
    """Surely positive and surely below the margin: it is better, it does not matter, and it is not worse."""
    test = judge_pair(BETTER, _evidence(_around(1.0)))
    assert max(test.support, test.negligible) < 0.001
    assert test.contradict == 1.0


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("mean", [-5.0, 0.0, 5.0])
def test_a_vague_difference_shows_nothing(rule, mean):
    """A spread far beyond the margin decides nothing; above all, it never shows equivalence."""
    test = judge_pair(rule, _evidence(_around(mean, spread=60.0)))
    assert min(test.support, test.contradict) > 0.1


def test_a_table_worked_by_hand():
    """Differences 1, 2, 3: s/√n = 1/√3, so t = 3.4641 against 0 and 1.7321 against the margin, with 2 degrees.

    P(t > 3.4641) = 0.03709 and P(t > 1.7321) = 0.11270; over the nine tenths that one look gets of the error, and over
    the four fifths that an improvement gets of that. `Outside` is doubled.
    """
    evidence = _evidence([1.0, 2.0, 3.0])
    better, not_better, equivalent = (judge_pair(rule, evidence) for rule in RULES[:3])
    assert better.support == pytest.approx(0.037090 / 0.9 / 0.8, abs=1e-6)
    assert better.contradict > 0.9
    assert better.negligible == pytest.approx(0.112702 / 0.9, abs=1e-6)
    assert not_better.support == pytest.approx(0.112702 / 0.9, abs=1e-6)
    assert not_better.contradict > 0.9
    assert (equivalent.support, equivalent.contradict) == (pytest.approx(0.112702 / 0.9, abs=1e-6), 1.0)


@pytest.mark.parametrize("rule", RULES)
def test_no_truth_makes_both_of_two_opposites_right(rule):
    """Claimed and opposite region share an end and nothing else: of a fine grid of truths each is in one of them."""
    for margins in np.linspace(-6, 6, 241) + 0.001:
        assert _inside(rule.claimed, margins) != _inside(rule.opposite, margins)


def _inside(region, margins):
    match region:
        case Above(margins=low):
            return margins > low
        case Below(margins=high):
            return margins < high
        case Between(low=low, high=high):
            return low < margins < high
        case Outside(low=low, high=high):
            return margins < low or margins > high


def test_equal_steps_are_no_sameness_before_a_rare_failure_could_have_been_seen():
    """Six times no difference, of a metric that moves in steps: where 19 clean seeds are asked for, not the same yet.

    That two differ is shown as before; and where as many seeds as were asked for agree, they are the same.
    """
    step = 1 / 6**0.5
    early = judge_pair(EQUIVALENT, _evidence([0.0] * 6, least_deviation=step, clean=19))
    assert (early.support, early.contradict) == (1.0, 1.0)
    assert judge_pair(EQUIVALENT, _evidence([0.0] * 19, least_deviation=step, clean=19)).support < 0.001
    assert judge_pair(BETTER, _evidence([4.0] * 6, least_deviation=step, clean=19)).support < 0.001


def test_equal_differences_without_a_least_deviation_show_nothing():
    """Of a quantity without a known step the same difference three times is no certainty: p is 1, not 0."""
    assert judge_pair(BETTER, _evidence([0.025] * 3)) == NOTHING_SHOWN


@pytest.mark.parametrize(("once", "reference"), [(True, t_p_value), (False, sequential_p_value)])
def test_the_p_values_are_those_of_the_test_that_fits_the_looks(once, reference):
    """Student's for one look, with nine tenths of the error, the always-valid one otherwise, with all of it."""
    differences = np.random.default_rng(1).normal(2, 2, 7)
    test, share = judge_pair(BETTER, _evidence(differences, once=once)), 0.9 if once else 1.0
    assert test.support == pytest.approx(min(1, reference(differences) / share / 0.8))
    assert test.negligible == pytest.approx(min(1, reference(-differences, null=-MARGIN) / share))


@pytest.mark.parametrize("once", [True, False])
def test_identical_variants_are_equivalent_and_not_better(once):
    """The same function under two names: what holds of no difference at all is certain, and nothing else is shown."""
    same = _evidence(np.zeros(4), once=once, alike=4)
    assert judge_pair(EQUIVALENT, same).support == 0
    assert judge_pair(BETTER, same) == PairTest(support=1.0, contradict=1.0, negligible=0.0)
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
    assert pair_needs(rule, evidence, LEVELS) == NO_WAY


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10, width=16), min_size=3, max_size=9), st.sampled_from(RULES), st.integers(3, 9))
def test_more_pairs_never_raise_an_always_valid_p_value(differences, rule, n):
    """What was shown once stays shown, whatever follows."""
    before, after = (judge_pair(rule, _evidence(part, once=False)) for part in (differences[:n], differences))
    assert after.support <= before.support
    assert after.contradict <= before.contradict
    assert after.negligible <= before.negligible


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize(
    ("rule", "mean", "points_to"),
    [
        (BETTER, 6.0, "support"),
        (BETTER, -4.0, "contradict"),
        (BETTER, -1.0, "negligible"),
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
    needed = getattr(pair_needs(rule, now, LEVELS), points_to)
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
        (BETTER, 0.0, "contradict"),
        (BETTER, MARGIN, "negligible"),
        (NOT_BETTER, MARGIN, "support"),
        (NOT_BETTER, MARGIN, "contradict"),
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


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("mean", [-9.0, 0.0, 1.0, 9.0])
def test_every_rule_has_words_for_what_it_shows(rule, mean):
    """Whatever a declared rule shows, for or against, the verdict's sentence says it."""
    claim = type("Tried", (Better,), {"rule": rule})(text="t", source="s", pairs=(("a", "b"),))
    losses = {"a": _around(80.0), "b": 80.07 + mean - _around(0.0)}  # no truth lies on the end of a region
    (verdict,) = decide(study_of(claim, ids="ab"), records_of(losses, planned_seeds=8), MARGIN)
    assert verdict.verdict != "undecided"
    assert verdict.sentence.startswith(("Holds: ", "Does not hold: ", "Negligible: "))


def test_groups_that_came_again_promise_no_number_of_seeds():
    """More seeds of the same speakers bring no new speaker: how many would decide is not told."""
    evidence = replace(_evidence(_around(5.0, spread=9.0, n=6), once=False), groups=tuple("abcabc"))
    assert pair_needs(BETTER, evidence, LEVELS).support is None
    assert pair_needs(BETTER, replace(evidence, groups=()), LEVELS).support is not None
