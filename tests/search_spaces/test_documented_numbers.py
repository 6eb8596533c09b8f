"""Numbers of the documents: complete, consistent with themselves, with the facts and with the declared networks."""

import json

import pytest
from documented_facts import documented_facts

from soundproof.common import record
from soundproof.search_spaces import STUDIES, find_study, preset_of
from soundproof.search_spaces.documented.numbers import DocumentedConfusion, DocumentedNumbers, documented_numbers
from soundproof.search_spaces.planning import plan_study

FACTS = documented_facts("classification")["studies"]
RECORDED = {
    "test_accuracy": record.TEST_ACCURACY,
    "test_loss": "test/loss",
    "validation_loss": record.best(record.VALIDATION_LOSS),
    "validation_accuracy": record.best(record.VALIDATION_ACCURACY),
    "best_validation_accuracy": record.best(record.VALIDATION_ACCURACY),
    "train_accuracy": "train/accuracy",
}
"""The names of the facts, and those of the record."""


def _numbers(variant_id: str) -> DocumentedNumbers:
    found = documented_numbers(variant_id)
    assert found is not None
    return found


@pytest.mark.parametrize("study", FACTS, ids=lambda study: study["id"])
def test_every_number_of_the_facts_is_here(study) -> None:
    """Losses and accuracies by their recorded names, run by run, and parameters."""
    for variant in study["variants"]:
        documented, numbers = variant["documented"], _numbers(variant["id"])
        for name, value in documented.items():
            metric, _, run = name.partition("_run_")
            if metric in RECORDED:
                scale = 100 if run and "accuracy" in metric else 1
                assert numbers.metrics[RECORDED[metric]][int(run or 1) - 1] * scale == pytest.approx(value), name
            elif name == "total_params":
                assert numbers.values(record.PARAMETERS) == (value,)


def test_curves_are_those_of_the_facts() -> None:
    """Every validated iteration of the facts is a point of the documented curves, which have more."""
    curves = next(study["validation_curves"] for study in FACTS if "validation_curves" in study)
    for variant, rows in curves["rows"].items():
        found = _numbers(variant).curves
        for metric, column in ((record.VALIDATION_LOSS, 2), (record.VALIDATION_ACCURACY, 3)):
            assert {(row[1], row[column]) for row in rows} <= set(found[metric])
    lengths = [
        [len(_numbers(variant).curves[metric]) for metric in ("validation/loss", "train/loss", "batch/accuracy")]
        for variant in curves["rows"]
    ]
    assert lengths == [[8, 7, 7], [18, 17, 17], [19, 18, 18]]
    last = [numbers.curves["minutes"][-1] for numbers in map(_numbers, curves["rows"])]
    assert last == [(17.54, 20), (37.59, 20), (22.55, 29)]


@pytest.mark.parametrize("number", range(1, 8))
def test_a_confusion_matrix_has_the_accuracy_of_the_first_run(number: int) -> None:
    """2,996 segments, as many of each class for every network."""
    numbers = _numbers(f"genre-cnn-filters/{number:02d}")
    assert numbers.confusion is not None
    counts = numbers.confusion.counts
    assert [sum(row) for row in counts] == [292, 304, 316, 332, 298, 282, 277, 303, 307, 285]
    right = sum(row[index] for index, row in enumerate(counts))
    assert round(right / 2996, 5) == numbers.metrics[record.TEST_ACCURACY][0]


@pytest.mark.parametrize("variant", ["esc-cnn-family/02", "esc-cnn-family/03"])
def test_scores_of_classes_agree_with_the_accuracies(variant: str) -> None:
    """What is recalled of each class adds up to the accuracy, and each F1 follows from precision and recall."""
    numbers = _numbers(variant)
    assert list(numbers.scores) == ["validation", "test"]
    for partition, metric in (("validation", record.best(record.VALIDATION_ACCURACY)), ("test", record.TEST_ACCURACY)):
        rows = numbers.scores[partition]
        assert {row.support for row in rows} == {8 if partition == "validation" else 4}
        right = sum(round(row.recall * row.support) for row in rows)
        assert right / sum(row.support for row in rows) == numbers.metrics[metric][0]
        for row in rows:
            assert row.f1 == pytest.approx(2 * row.precision * row.recall / (row.precision + row.recall), abs=0.011)


def test_every_documented_parameter_is_that_of_the_declared_network() -> None:
    """Of all variants, speech and others, as the plan at the documented preset computes them."""
    plans = [plan_study(study, preset_of(study, "documented")) for study in STUDIES]
    planned = {variant["id"]: variant for plan in plans for variant in plan["variants"]}
    documented = {name: variant["documented"] for name, variant in planned.items() if "documented" in variant}
    with_parameters = [name for name, numbers in documented.items() if "parameters" in numbers]
    assert len(with_parameters) == 113 + 2 + 3 + 6
    assert all(documented[name]["parameters"] == planned[name]["parameters"] for name in with_parameters)
    assert all(numbers["corpus"] and numbers["split"] for numbers in documented.values())


def test_plans_are_json_and_say_nothing_of_undocumented_variants() -> None:
    """A variant of ours has no field for it; the values of both runs survive JSON."""
    study = find_study("esc-cnn-family")
    plan = json.loads(json.dumps(plan_study(study, preset_of(study, "smoke"))))
    assert [variant["id"] for variant in plan["variants"] if "documented" in variant] == [
        f"esc-cnn-family/{number:02d}" for number in (1, 2, 3)
    ]
    assert documented_numbers("esc-cnn-family/02-decibels") is None
    plain = json.loads(json.dumps(_numbers("genre-cnn-filters/01").to_plain()))
    assert plain["metrics"]["test/accuracy"] == [0.61415, 0.7029]


def test_values_that_cannot_be_are_refused() -> None:
    """A percentage in the place of a share, a matrix with a row too short, a metric without a run."""
    with pytest.raises(AssertionError):
        DocumentedNumbers(corpus="c", split="s", metrics={record.TEST_ACCURACY: (70.0,)})
    with pytest.raises(AssertionError):
        DocumentedNumbers(corpus="c", split="s", metrics={"test/loss": ()})
    with pytest.raises(AssertionError):
        DocumentedConfusion(classes=("a", "b"), counts=((1, 2), (3,)))
