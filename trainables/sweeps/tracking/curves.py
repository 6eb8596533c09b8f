"""The epochs of one running trial on their way into the record: each is heard once and written once."""

from __future__ import annotations

import time
from collections.abc import Mapping

from mlflow.entities import Metric


class Curve:
    """Metrics by epoch, with the moment at which each was heard first.

    A trial whose actor died goes on from a checkpoint, so its epochs may be told again; what was heard first stands.
    """

    def __init__(self) -> None:
        self._heard: dict[int, list[Metric]] = {}
        self._written: set[int] = set()

    def hear(self, number: int, metrics: Mapping[str, float], at_milliseconds: int | None = None) -> None:
        """Take epoch `number`, the first being 1, unless it is known. It happened now where no moment is given."""
        if number not in self._heard:
            self._heard[number] = at_step(metrics, number, at_milliseconds)

    def unwritten(self) -> list[Metric]:
        """What is not in the store yet. The same values and moments however often it is asked."""
        return [metric for number in sorted(self._heard.keys() - self._written) for metric in self._heard[number]]

    def mark_written(self) -> None:
        """All that has been heard is in the store."""
        self._written = set(self._heard)


def at_step(values: Mapping[str, float], step: int, at_milliseconds: int | None = None) -> list[Metric]:
    """MLflow's form of `values`. The moment is now where none is given."""
    moment = int(time.time() * 1000) if at_milliseconds is None else at_milliseconds
    return [Metric(name, value, moment, step) for name, value in values.items()]
