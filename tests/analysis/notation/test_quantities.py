"""Metrics in words: what shares look like on the page, and the steps in which they move."""

import math
from dataclasses import replace

import pytest

from soundproof.analysis.notation.bounds import reported_difference, reported_mean
from soundproof.analysis.notation.quantities import (
    Endpoint,
    curve_metric,
    least_deviation,
    quantity,
    recorded_resolution,
)
from soundproof.analysis.statistics.intervals import Estimate, Interval
from soundproof.analysis.verdicts.gathering import gather
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.common import record

ACCURACY = record.best(record.VALIDATION_ACCURACY)


def test_an_accuracy_is_a_percentage_and_its_differences_are_points():
    """Values of the record go in; the page reads them in per cent, higher is better."""
    measured = quantity(ACCURACY, 0.02)
    assert (measured.name, measured.axis) == ("validation accuracy", "validation accuracy (%)")
    assert (measured.number(0.775), measured.level(0.775), measured.amount(0.02)) == ("77.5", "77.5%", "2.0 points")
    assert measured.signed(-0.0151) == "\N{MINUS SIGN}1.5"
    assert measured.difference("A", "B", -0.031) == "A has a validation accuracy 3.1 points lower than B"
    assert measured.difference_axis == "improvement in validation accuracy (points)"
    assert measured.recorded_unit == ""
    assert measured.shown_interval(Interval(low=-0.01, high=0.03, confidence=0.9)) == Interval(
        low=-1.0, high=3.0, confidence=0.9
    )


def test_nothing_to_the_digits_shown_is_the_same():
    """Neither `0.0 points higher` nor a sign before nothing."""
    measured = quantity(ACCURACY, 0.02)
    same = "A has the same validation accuracy as B to the digits shown"
    assert (measured.difference("A", "B", 0.0002), measured.difference("A", "B", 0.0)) == (same, same)
    assert (measured.signed(0.0002), measured.signed(0.002)) == ("0.0", "+0.2")


def test_an_end_of_an_interval_shows_its_side_of_zero():
    """With as many digits more as that takes; exactly zero has no side."""
    measured = quantity(record.best(record.VALIDATION_LOSS), 2.0)
    minus = "\N{MINUS SIGN}"

    def ends(low, high):
        return measured.ends(Interval(low=low, high=high, confidence=0.95), signed=True)

    assert ends(-5.8, 0.04) == f"{minus}5.8 to +0.04"
    assert ends(-0.004, 1.0) == f"{minus}0.004 to +1.0"
    assert ends(0.0, 1.0) == "0.0 to +1.0"


def test_intervals_are_of_what_is_possible():
    """An accuracy ends at 0 and 100%, a difference at 100 points, a loss at 0; two seeds have none."""
    wide = Estimate(value=0.5, interval=Interval(low=-2.0, high=3.0, confidence=0.95), n=3)
    accuracy, loss = quantity(ACCURACY), quantity(record.best(record.VALIDATION_LOSS))
    assert reported_mean(wide, accuracy).interval == Interval(low=0.0, high=1.0, confidence=0.95)
    assert reported_difference(wide, accuracy).interval == Interval(low=-1.0, high=1.0, confidence=0.95)
    assert reported_mean(wide, loss).interval == Interval(low=0.0, high=3.0, confidence=0.95)
    assert reported_difference(wide, loss) == wide
    assert reported_mean(replace(wide, n=2), loss) == Estimate(value=0.5, interval=None, n=2)
    assert (reported_mean(wide, accuracy).half, reported_difference(wide, loss).half) == (0.5, 2.5)


def test_a_loss_keeps_its_unit():
    """Nothing is scaled, and differences have the unit of the values."""
    measured = quantity(record.best(record.VALIDATION_LOSS), 2.5)
    assert (measured.axis, measured.amount(2.5)) == ("best validation loss (nats)", "2.5 nats")
    assert (measured.level(80.25), measured.shown(80.25), measured.recorded_unit) == ("80.2 nats", 80.25, "nats")
    assert measured.difference_axis == "improvement in best validation loss (nats)"


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (record.TEST_ACCURACY, "test accuracy"),
        (record.best(record.VALIDATION_MACRO_F1), "validation macro F1"),
        (record.TEST_PREFIX + record.MACRO_F1, "test macro F1"),
        (record.best(record.VALIDATION_BALANCED_ACCURACY), "validation balanced accuracy"),
        (record.best(record.VALIDATION_MEAN_AVERAGE_PRECISION), "validation mean average precision"),
        (record.best(record.VALIDATION_EQUAL_ERROR_RATE), "best validation equal error rate"),
        (
            record.best(record.VALIDATION_VERIFICATION_EQUAL_ERROR_RATE),
            "best validation verification equal error rate",
        ),
        (record.best(record.VALIDATION_R2), "validation R²"),
        (record.best(record.VALIDATION_MEAN_ABSOLUTE_ERROR), "best validation mean absolute error"),
        (record.VALIDATION_LOSS, "validation loss"),
        (record.best(record.VALIDATION_CER), "best validation character error rate"),
    ],
)
def test_names(metric, name):
    """Shares of the best epoch are not called the best shares: the epoch may have been chosen by the loss."""
    assert quantity(metric).name == name


def test_values_are_judged_in_their_own_unit() -> None:
    """Errors from zero on, lower ones better, and R2 of one at most; they move by anything. Detection by one clip.

    Verification moves by one pair.
    """
    metrics = {"data/validation": 40.0}
    for name in (record.VALIDATION_MEAN_ABSOLUTE_ERROR, record.VALIDATION_ROOT_MEAN_SQUARED_ERROR):
        measured = quantity(record.best(name), 5)
        assert (measured.unit, measured.higher_is_better, measured.bounds) == ("", False, (0.0, math.inf))
        assert recorded_resolution(record.best(name), metrics) == 0
        assert curve_metric(record.best(name)) == name
    explained = quantity(record.TEST_PREFIX + record.R2)
    assert (explained.unit, explained.higher_is_better, explained.bounds) == ("", True, (-math.inf, 1.0))
    detected = quantity(record.best(record.VALIDATION_EQUAL_ERROR_RATE))
    assert (detected.unit, detected.higher_is_better, detected.bounds) == ("%", False, (0.0, 1.0))
    assert recorded_resolution(detected.metric, metrics) == pytest.approx(1 / 40)
    assert curve_metric(detected.metric) == record.VALIDATION_EQUAL_ERROR_RATE
    verified = quantity(record.best(record.VALIDATION_VERIFICATION_EQUAL_ERROR_RATE))
    assert (verified.unit, verified.higher_is_better, verified.bounds) == ("%", False, (0.0, 1.0))
    assert recorded_resolution(verified.metric, metrics | {"data/validation_pairs": 780.0}) == pytest.approx(1 / 780)
    assert curve_metric(verified.metric) == record.VALIDATION_VERIFICATION_EQUAL_ERROR_RATE


@pytest.mark.parametrize(("margin", "text"), [(0.05, "12.3"), (0.5, "12.3"), (0.001, "12.34"), (None, "12.3")])
def test_percentages_have_at_least_one_decimal(margin, text):
    """And as many as show a tenth of the margin."""
    assert quantity(ACCURACY, margin).number(0.1234) == text


def test_an_accuracy_moves_in_steps_of_one_example():
    """Of the partition that it is measured on; other metrics, and unknown numbers, have no step."""
    metrics = {"data/validation": 40.0, "data/test": 50.0}
    assert recorded_resolution(ACCURACY, metrics) == pytest.approx(1 / 40)
    assert recorded_resolution(record.TEST_ACCURACY, metrics) == pytest.approx(1 / 50)
    assert recorded_resolution(record.best(record.VALIDATION_MACRO_F1), metrics) == pytest.approx(1 / 40)
    for metric in (record.VALIDATION_BALANCED_ACCURACY, record.VALIDATION_MEAN_AVERAGE_PRECISION):
        assert recorded_resolution(record.best(metric), metrics) == pytest.approx(1 / 40)
        assert quantity(metric).higher_is_better
        assert (quantity(metric).unit, quantity(metric).bounds) == ("%", (0.0, 1.0))
    words = metrics | {"data/validation_words": 300.0, "data/test_characters": 2000.0}
    assert recorded_resolution(record.best(record.VALIDATION_WER), words) == pytest.approx(1 / 300)
    assert recorded_resolution("test/cer", words) == pytest.approx(1 / 2000)
    assert recorded_resolution("test/cer", metrics) == pytest.approx(1 / 50)
    assert recorded_resolution(record.best(record.VALIDATION_LOSS), metrics) == 0
    assert recorded_resolution(ACCURACY, {}) == 0
    assert least_deviation(0.6) == pytest.approx(math.sqrt(2 * 0.6**2 / 12))


def test_the_coarsest_trial_guards_against_no_spread(make):
    """Three seeds with the same gain of one clip in forty: without the step this would pass for certainty."""
    made = make(losses=((0.5,) * 3, (0.475,) * 3))
    trials = [
        replace(trial, metrics=trial.metrics | {ACCURACY: trial.metrics["best/validation/loss"], "data/validation": n})
        for trial, n in zip(made.records.trials, (40.0, 40.0, 40.0, 50.0, 50.0, 50.0), strict=True)
    ]
    evidence = gather(
        Outcomes(trials, compared=("a", "b")), ("a", "b"), Endpoint(quantity=quantity(ACCURACY), margin=0.01)
    )
    assert evidence.least_deviation == pytest.approx(1 / 40 / math.sqrt(6))
    assert evidence.differences == pytest.approx([0.025] * 3)


def test_the_curve_that_goes_with_a_metric():
    """The same quantity epoch by epoch, on the validation part; the loss for what has no course."""
    assert curve_metric(ACCURACY) == record.VALIDATION_ACCURACY
    assert curve_metric(record.TEST_ACCURACY) == record.VALIDATION_ACCURACY
    assert curve_metric(record.best(record.VALIDATION_LOSS)) == record.VALIDATION_LOSS
    assert curve_metric(record.BEST_EPOCH) == record.VALIDATION_LOSS
