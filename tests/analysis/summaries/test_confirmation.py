"""What fresh seeds say of the best few of a search, against SciPy, statsmodels and simulated luck."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from soundproof.analysis.notation.quantities import quantity
from soundproof.analysis.records.declared import Declared, Reason
from soundproof.analysis.records.trials import SearchRecords, TrialRecord
from soundproof.analysis.statistics.looks import paired_looks
from soundproof.analysis.statistics.sequential import sequential_interval, sequential_p_value
from soundproof.analysis.summaries.confirmation import confirm
from soundproof.common import record

LOSS = record.best(record.VALIDATION_LOSS)
ACCURACY = record.best(record.VALIDATION_ACCURACY)


def _trial(variant, seed, value, *, metric=LOSS, number=None, status="completed", metrics=None):
    return TrialRecord(
        run_id=f"{variant} {seed}",
        trial_id=f"{variant}@{seed}",
        variant=variant,
        seed=seed,
        status=status,
        reason=None,
        metrics=({} if value is None else {metric: value}) | (metrics or {}),
        history={},
        levels={},
        reused_from=None,
        purpose=record.PURPOSE_CONFIRMATION if number is None else record.PURPOSE_SEARCH,
        number=number,
    )


def _confirmation(own, fresh, metric=LOSS, *, declared=None, **more):
    """`own` and `fresh` hold the search's number and the fresh values of each variant."""
    trials = [_trial(variant, 0, value, metric=metric, number=n) for n, (variant, value) in enumerate(own.items())]
    for variant, values in fresh.items():
        for seed, value in enumerate(values, start=1):
            status = "failed" if value is None else "completed"
            trials.append(_trial(variant, seed, value, metric=metric, status=status, **more))
    records = SearchRecords(
        tracking_uri="",
        space="space",
        search="tpe.none.0",
        preset="quick",
        corpus="fsdd",
        sampler="tpe",
        scheduler="none",
        objectives=(metric,),
        margin=1.0,
        asked=None,
        rejected={},
        trials=tuple(trials),
        declared=declared,
    )
    return confirm(records, quantity(metric, 1.0))


@pytest.fixture(scope="module")
def three():
    """Three variants on six fresh seeds, two of them alike."""
    generator = np.random.default_rng(3)
    hard = generator.normal(0, 3, 6)
    means = {"a": 50.0, "b": 50.2, "c": 60.0}
    fresh = {name: (mean + hard + generator.normal(0, 0.5, 6)).tolist() for name, mean in means.items()}
    return fresh, _confirmation({"a": 47.0, "b": 46.0, "c": 45.0}, fresh)


def test_intervals_are_students(three):
    """The mean and its 95% interval are SciPy's, best mean first."""
    fresh, found = three
    assert [variant.variant for variant in found.variants][-1] == "c"
    for variant in found.variants:
        values = fresh[variant.variant]
        low, high = stats.t.interval(0.95, 5, loc=np.mean(values), scale=stats.sem(values))
        assert variant.estimate.value == pytest.approx(np.mean(values))
        assert (variant.estimate.interval.low, variant.estimate.interval.high) == pytest.approx((low, high))


def test_pairs_are_tested_as_pairs_and_corrected_together(three):
    """P values are SciPy's two-sided paired ones, Holm's are statsmodels' over all three pairs."""
    fresh, found = three
    expected = [stats.ttest_rel(fresh[pair.first], fresh[pair.second]).pvalue for pair in found.pairs]
    assert [pair.p_value for pair in found.pairs] == pytest.approx(expected)
    corrected = multipletests(expected, method="holm")[1]
    assert [pair.adjusted_p_value for pair in found.pairs] == pytest.approx(corrected)
    apart = {frozenset((pair.first, pair.second)): pair.apart for pair in found.pairs}
    assert apart == {frozenset("ab"): False, frozenset("ac"): True, frozenset("bc"): True}


def test_the_winner_is_compared_with_each_other_one(three):
    """Its pairs have it first, with a positive effect, because it has the better mean."""
    _, found = three
    assert len(found.against_winner) == 2
    assert all(pair.effect.value > 0 for pair in found.against_winner)


def test_the_curse_of_the_winner_is_seen():
    """Of forty variants that are all alike the best look better by far than their fresh seeds: about two sigma."""
    generator = np.random.default_rng(0)
    own = {f"v{number}": float(value) for number, value in enumerate(generator.normal(50, 2, 40))}
    best = sorted(own, key=own.__getitem__)[:5]
    found = _confirmation(own, {variant: generator.normal(50, 2, 8).tolist() for variant in best})
    assert all(each.optimism > 2 for each in found.variants)
    assert found.winner.own == own[found.winner.variant]
    assert not any(pair.apart for pair in found.pairs)


def test_higher_is_better_for_accuracies():
    """The direction is the metric's: the highest mean wins, and too good means too high."""
    found = _confirmation({"a": 0.9, "b": 0.8}, {"a": [0.7, 0.71], "b": [0.75, 0.76]}, metric=ACCURACY)
    assert [variant.variant for variant in found.variants] == ["b", "a"]
    assert found.winner.optimism == pytest.approx(0.8 - 0.755)


def test_equal_accuracies_are_no_certainty():
    """Differences that are all the same by rounding to 1/100 do not pass for a spread of nothing."""
    data = {record.DATA_PREFIX + "validation": 100}
    fresh = {"a": [0.75, 0.75, 0.75], "b": [0.745, 0.745, 0.745]}
    found = _confirmation({"a": 0.9}, fresh, metric=ACCURACY, metrics=data)
    assert found.pairs[0].p_value > 0.05
    assert found.winner.estimate.interval.low < 0.75


def test_survivors_are_no_result():
    """A variant that lost half its seeds comes last, however good the rest; where all are so, nobody wins."""
    found = _confirmation({}, {"a": [10.0, 11.0, None, None], "b": [20.0, 21.0, 22.0, None]})
    assert [(variant.variant, variant.unfit) for variant in found.variants] == [("b", False), ("a", True)]
    assert found.pairs == ()
    assert _confirmation({}, {"a": [10.0, None]}).winner is None


def test_one_seed_has_no_interval_and_tells_nothing_apart():
    """A single fresh seed is a number without a spread."""
    found = _confirmation({"a": 9.0}, {"a": [10.0], "b": [90.0]})
    assert found.winner.estimate.interval is None
    assert [pair.apart for pair in found.pairs] == [False]


def test_test_numbers_stand_beside_and_choose_nothing():
    """The test metric goes with the validation metric, and the order is the validation's."""
    trials = {"a": [10.0, 11.0], "b": [12.0, 13.0]}
    found = _confirmation({}, trials, metrics={"test/loss": 5.0})
    assert found.test_measured.metric == "test/loss"
    assert [variant.test.value for variant in found.variants] == [5.0, 5.0]
    assert _confirmation({}, trials, metric=record.PARAMETERS).test_measured is None


def test_seeds_that_were_raised_after_looking_pay_for_it():
    """The test, and the interval beside it, are those that hold however often one looks; one look gets Student's."""
    rng = np.random.default_rng(3)
    fresh = {"a": rng.normal(10, 1, 5).tolist(), "b": rng.normal(14, 1, 5).tolist()}
    raised = Reason(kind="seeds raised after data", words="3, then 5", count=6)
    late = _confirmation({}, fresh, declared=Declared(at=None, trials=10, reasons=(raised,)))
    once = _confirmation({}, fresh, declared=Declared(at=None, trials=10))
    differences = np.array(fresh["b"]) - np.array(fresh["a"])
    assert not late.looked_once
    assert late.pairs[0].p_value == 2 * sequential_p_value(differences)
    assert late.pairs[0].effect == sequential_interval(paired_looks(differences), 0.95)
    assert once.looked_once
    assert once.pairs[0].p_value == pytest.approx(stats.ttest_rel(fresh["a"], fresh["b"]).pvalue)
    assert once.pairs[0].p_value < late.pairs[0].p_value


def test_many_looks_at_fresh_seeds_tell_apart_what_is_alike_in_one_search_of_twenty():
    """Three alike, looked at with 3, 5, 8, 12 and 20 seeds: this test errs in 5% at most, Student's in more."""
    rng, searches = np.random.default_rng(8), 120
    raised = Declared(at=None, trials=1, reasons=(Reason(kind="seeds raised after data", words=""),))
    wrong = {None: 0, raised: 0}
    for _ in range(searches):
        values = rng.normal(10, 1, (3, 20))
        for declared in wrong:
            wrong[declared] += any(
                any(pair.apart for pair in _confirmation({}, fresh, declared=declared).pairs)
                for looks in (3, 5, 8, 12, 20)
                for fresh in [dict(zip("abc", values[:, :looks].tolist(), strict=True))]
            )
    standard_error = np.sqrt(0.05 * 0.95 / searches)
    assert wrong[raised] / searches <= 0.05 + 2 * standard_error
    assert wrong[None] / searches > 0.05 + 2 * standard_error
