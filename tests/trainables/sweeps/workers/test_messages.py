"""Several epochs in one message: nothing is lost, and nothing reported twice."""

import time
from collections.abc import Callable
from itertools import accumulate

import numpy as np
import pytest

from soundproof.trainables.sweeps.workers.messages import Report, reports_within


def _epoch(number: int, *, done: bool = False) -> Report:
    return Report(epoch=number, epochs=[(number, {"loss": float(number)})], status=None, done=done)


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Report]:
    """Nine epochs of 0.2 s each, by a clock of their own."""
    clock, epochs = iter(np.arange(10) * 0.2), iter(range(1, 10))
    now = [next(clock)]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def train() -> Report:
        now[0], number = next(clock), next(epochs)
        return _epoch(number, done=number == 9)

    return train


@pytest.mark.parametrize(
    ("seconds", "reported"), [(0.0, [1] * 9), (0.5, [2, 2, 2, 2, 1]), (0.9, [4, 4, 1]), (60.0, [9])]
)
def test_as_many_epochs_as_patience_allows(step: Callable[[], Report], seconds: float, reported: list[int]) -> None:
    """None is begun that would take too long, the end is reported at once, and every epoch once and in order."""
    reports = [reports_within(seconds, step) for _ in reported]
    assert [len(report["epochs"]) for report in reports] == reported
    assert [epoch for report in reports for epoch in report["epochs"]] == [
        (number, {"loss": float(number)}) for number in range(1, 10)
    ]
    assert [(report["epoch"], report["done"]) for report in reports] == [
        (number, number == 9) for number in accumulate(reported)
    ]


def test_an_end_without_metrics_takes_nothing_back() -> None:
    """A failure in the second epoch: the first is reported with it."""
    end = Report(epoch=1, epochs=[], status="failed", done=True)
    steps = iter([_epoch(1), end])
    assert reports_within(60.0, lambda: next(steps)) == {**end, "epochs": [(1, {"loss": 1.0})]}
