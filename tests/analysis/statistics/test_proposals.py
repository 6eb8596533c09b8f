"""Proposals are kept with an error budget, dropped early, and cost few runs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from soundproof.analysis.statistics.proposals import (
    Plan,
    decide,
    fewest_runs,
    incumbent_runs_for,
    level_of,
    welch_tail,
)

PLAN = Plan()
FEW = Plan(proposals=10, error=0.2)
RESULTS = st.floats(-5, 5).map(lambda value: round(value, 1))


def shares(plan: Plan, shift: float, spread: float, repetitions: int) -> tuple[float, float]:
    """Share kept, and mean runs, of a proposal against a fresh incumbent of spread 1, with one level of the plan."""
    generator = np.random.default_rng(3)
    kept = runs = 0
    for _ in range(repetitions):
        incumbent = generator.normal(size=plan.incumbent_runs).tolist()
        own = generator.normal(shift, spread, size=plan.most_runs).tolist()
        count = 1
        while (decision := decide(own[:count], incumbent, plan, level_of(plan, 0), 1.0)) == "another seed":
            count += 1
        kept, runs = kept + (decision == "keep"), runs + count
    return kept / repetitions, runs / repetitions


def test_a_proposal_that_changes_nothing_is_rarely_kept_and_soon_dropped() -> None:
    """At a level of 2%, with room for chance (three standard errors), also where it varies three times as much."""
    for spread in (1.0, 3.0):
        kept, _ = shares(FEW, 0.0, spread, 4000)
        assert kept <= 0.02 + 3 * math.sqrt(0.02 * 0.98 / 4000)
    assert shares(PLAN, 0.0, 1.0, 2000)[1] < 1.2


def test_an_improvement_worth_finding_is_kept() -> None:
    """Two standard deviations of a difference, at the level of a thousand proposals: 80%; fewer of smaller ones."""
    kept, runs = shares(PLAN, 2 * math.sqrt(2), 1.0, 1500)
    assert kept > 0.8
    assert 8 <= runs <= PLAN.most_runs
    assert shares(PLAN, math.sqrt(2), 1.0, 500)[0] < kept / 2


def test_dropping_early_costs_no_error() -> None:
    """Of the same runs, a plan without looks for dropping keeps whatever the other keeps."""
    generator = np.random.default_rng(4)
    late = Plan(proposals=10, error=0.2, drop_after=(), doubt=99.0)
    kept = 0
    for _ in range(1500):
        incumbent, own = generator.normal(size=12).tolist(), generator.normal(0.8, size=12).tolist()
        if decide(own, incumbent, FEW, 0.02, 1.0) == "keep":
            kept += 1
            assert decide(own, incumbent, late, 0.02, 1.0) == "keep"
    assert kept > 20


@given(own=st.lists(RESULTS, min_size=1, max_size=12), more=st.lists(RESULTS, max_size=5), seed=st.integers(0, 99))
def test_what_was_decided_stays(own: list[float], more: list[float], seed: int) -> None:
    """Later runs change no decision."""
    incumbent = np.random.default_rng(seed).normal(size=12).tolist()
    decision = decide(own, incumbent, FEW, 0.02, 1.0)
    if decision != "another seed":
        assert decide([*own, *more], incumbent, FEW, 0.02, 1.0) == decision


@given(own=st.lists(RESULTS, min_size=1, max_size=12), factor=st.sampled_from([0.001, 0.25, 8.0, 1e6]))
def test_the_unit_does_not_matter(own: list[float], factor: float) -> None:
    """Results in another unit are decided alike."""
    incumbent = np.random.default_rng(1).normal(size=12)
    scaled = decide([value * factor for value in own], (incumbent * factor).tolist(), FEW, 0.02, factor**2)
    assert scaled == decide(own, incumbent.tolist(), FEW, 0.02, 1.0)


def test_results_without_any_spread() -> None:
    """A metric that seeds do not change: what is better is kept after the first look, what is equal is dropped."""
    incumbent = [0.5] * 12
    assert decide([0.6] * 7, incumbent, PLAN, 5e-5, 0.0) == "another seed"
    assert decide([0.6] * 8, incumbent, PLAN, 5e-5, 0.0) == "keep"
    assert decide([0.5], incumbent, PLAN, 5e-5, 0.0) == "drop"


def test_welch_is_that_of_scipy() -> None:
    """Tail and degrees of freedom."""
    generator = np.random.default_rng(2)
    first, second = generator.normal(1, 1, 8), generator.normal(0, 3, 12)
    expected = stats.ttest_ind(first, second, equal_var=False, alternative="greater").pvalue
    ours = welch_tail(first.mean() - second.mean(), first.var(ddof=1), 8, second.var(ddof=1), 12)
    assert ours == pytest.approx(expected, rel=1e-9)
    assert welch_tail(1.0, 1e-200, 8, 1e-200, 12) < 1e-9


def test_the_bound_is_that_of_wald() -> None:
    """By hand: 0.8·ln(0.8/5e-5) + 0.2·ln(0.2/0.99995) = 7.422, over effect²/2 = 4; and below it no test came."""
    null, real = fewest_runs(0.8, 5e-5, math.sqrt(8))
    assert null == 1.0
    assert real == pytest.approx(7.422 / 4, abs=0.001)
    null, real = fewest_runs(0.8, 0.02, 1.0)
    assert null == pytest.approx(2 * (0.02 * math.log(0.02 / 0.8) + 0.98 * math.log(0.98 / 0.2)))
    assert shares(PLAN, 2 * math.sqrt(2), 1.0, 300)[1] > 7.422 / 4


def test_levels_of_a_family_are_equal_and_those_of_lond_rise() -> None:
    """Their sums: the error for the family; LOND's as the public package has them, but for its weights."""
    assert sum(level_of(PLAN, kept) for kept in [0] * 1000) == pytest.approx(0.05)
    assert level_of(PLAN, 7) == level_of(PLAN, 0)
    assert level_of(Plan(guarantee="fdr"), 7) == pytest.approx(8 * 5e-5)


def test_lond_decides_as_the_public_package() -> None:
    """The package's own sequence of weights replaced by equal ones."""
    lond = pytest.importorskip("online_fdr.p_values.investing.lond.lond")

    class Equal:
        def calc_gamma(self, j: int, alpha: float | None = None) -> float:
            return (alpha or 1.0) / 50

    theirs = lond.Lond(alpha=0.2)
    theirs.seq = Equal()
    plan, kept = Plan(proposals=50, error=0.2, guarantee="fdr"), 0
    generator = np.random.default_rng(5)
    for _ in range(50):
        p_value = float(generator.uniform() ** 4)
        ours = p_value <= level_of(plan, kept)
        assert theirs.test_one(p_value) == ours
        kept += ours
    assert 2 < kept < 50


def test_the_incumbent_is_run_again_the_longer_it_lasts() -> None:
    """By the number of proposals alone, never fewer, and not without end."""
    counts = [incumbent_runs_for(PLAN, outlasted) for outlasted in range(1000)]
    assert counts[0] == PLAN.incumbent_runs
    assert counts == sorted(counts)
    assert counts[-1] == PLAN.most_incumbent_runs


@pytest.mark.parametrize(
    "wrong",
    [
        {"error": 0.0},
        {"proposals": 0},
        {"worth": math.nan},
        {"keep_after": (13,)},
        {"keep_after": ()},
        {"drop_after": (0,)},
        {"guarantee": "none"},
        {"every": 0},
        {"proposals": 10**300},
        {"incumbent_runs": math.nan},
        {"patience": -math.inf},
        {"keep_after": (8, 12.5)},
        {"first_doubt": 10**400},
        {"doubt": math.nan},
    ],
)
def test_a_plan_that_cannot_be_is_refused(wrong: dict) -> None:
    """With what it expects."""
    with pytest.raises(ValueError, match="expects"):
        Plan(**wrong)
