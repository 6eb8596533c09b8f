"""Several epochs in one message: nothing is lost, and nothing told twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.trainables.sweeps.workers.results import joined, results_within


def _epoch(number: int, trial: str = "a", *, done: bool = False, **more: Any) -> dict[str, Any]:
    said = {"trial_id": trial, "epoch": number, "metrics": {"loss": float(number)}, "status": None, "done": done}
    return {"epoch": number, "trials": [said | more], "done": done}


def _told(result: dict[str, Any]) -> dict[int, float]:
    """Losses by epoch, as `Events` reads them."""
    (said,) = result["trials"]
    history = [one["loss"] for one in said.get("history", [])]
    told = dict(enumerate(history, start=said["epoch"] - len(history)))
    return told | ({said["epoch"]: said["metrics"]["loss"]} if said["metrics"] else {})


@given(st.integers(1, 30), st.lists(st.integers(1, 5), min_size=30, max_size=30))
def test_each_epoch_is_told_once(epochs: int, together: list[int]) -> None:
    """However they are joined."""
    heard: dict[int, float] = {}
    number = 0
    for count in together:
        result = None
        for _ in range(min(count, epochs - number)):
            number += 1
            result = _epoch(number) if result is None else joined(result, _epoch(number))
        if result is not None:
            told = _told(result)
            assert not heard.keys() & told.keys()
            heard |= told
    assert heard == {one: float(one) for one in range(1, epochs + 1)}


def test_a_history_from_the_beginning_takes_the_place_of_what_was_said() -> None:
    """A trial that went on from a checkpoint between the two tells all that came before."""
    again = _epoch(3, history=[{"loss": 1.0}, {"loss": 2.0}])
    assert joined(_epoch(2), again) == again


def test_an_end_without_metrics_is_passed_on() -> None:
    """A failure in the second epoch: the outbox knows the first."""
    end = _epoch(1, done=True, metrics={}, status="failed")
    assert joined(_epoch(1), end) == end


def test_who_has_ended_is_still_told() -> None:
    """Trials of a crew end at different times."""
    first = {"epoch": 1, "trials": _epoch(1, "a", done=True)["trials"] + _epoch(1, "b")["trials"], "done": False}
    both = joined(first, _epoch(2, "b", done=True))
    assert [(said["trial_id"], said["epoch"], said["done"]) for said in both["trials"]] == [
        ("a", 1, True),
        ("b", 2, True),
    ]
    assert both["done"]


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, Any]]:
    """Nine epochs of 0.2 s each, by a clock of their own."""
    clock, epochs = iter(np.arange(10) * 0.2), iter(range(1, 10))
    now = [next(clock)]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def train() -> dict[str, Any]:
        now[0], number = next(clock), next(epochs)
        return _epoch(number, done=number == 9)

    return train


@pytest.mark.parametrize(("seconds", "told"), [(0.0, [1] * 9), (0.5, [2, 2, 2, 2, 1]), (0.9, [4, 4, 1]), (60.0, [9])])
def test_as_many_epochs_as_patience_allows(step: Callable[[], dict[str, Any]], seconds: float, told: list[int]) -> None:
    """None is begun that would take too long, and the end is told at once."""
    assert [len(_told(results_within(seconds, step))) for _ in told] == told
