"""A sweep in a few numbers: trials by end, and the best variant among those that may be compared."""

from types import SimpleNamespace
from typing import Any

import pytest

from soundproof.common import record
from soundproof.trainables.sweeps.tracking.parent_run import summarise

METRIC = "best/validation/accuracy"


def _run(variant: str, value: float | None = None, status: str = "completed", **tags: str) -> Any:
    metrics = {} if value is None else {METRIC: value}
    data = SimpleNamespace(tags={record.VARIANT: variant, record.STATUS: status} | tags, metrics=metrics)
    return SimpleNamespace(data=data)


def test_the_best_variant_is_that_of_the_best_mean() -> None:
    """By the metric's own direction; one that failed or diverged on a seed is counted, and is no best one."""
    runs = [_run("a", 0.5), _run("a", 0.7), _run("b", 0.65), _run("c", 0.9), _run("c", 0.1, "diverged")]
    metrics, tags = summarise([*runs, _run("d", status="infeasible")], METRIC)
    assert tags == {record.BEST_VARIANT: "b"}
    assert metrics == {
        "trials/completed": 4.0,
        "trials/diverged": 1.0,
        "trials/infeasible": 1.0,
        f"best_variant/{METRIC}": 0.65,
    }


def test_superseded_trials_and_samples_of_a_search_do_not_count() -> None:
    """A search's own numbers are optimistic, and those of another declaration are of another study."""
    sampled = {record.PURPOSE: record.PURPOSE_SEARCH}
    confirmed = {record.PURPOSE: record.PURPOSE_CONFIRMATION}
    runs = [_run("a", 0.9, **sampled), _run("a", 0.6, **confirmed), _run("b", 0.8, **sampled)]
    metrics, tags = summarise([*runs, _run("c", 1.0, **{record.SUPERSEDED: "true"})], METRIC)
    assert (tags[record.BEST_VARIANT], metrics[f"best_variant/{METRIC}"]) == ("a", pytest.approx(0.6))
    assert metrics["trials/completed"] == 3.0


def test_nothing_comparable_is_no_best_variant() -> None:
    """Without a metric, a number, or trials."""
    completed = {"trials/completed": 1.0}
    assert summarise([_run("a", 0.5)], None) == (completed, {})
    assert summarise([_run("a", None)], METRIC) == (completed, {})
    assert summarise([], METRIC) == ({}, {})
