"""Spaces in Optuna's words: what a space asks of a chooser, asked of an Optuna trial."""

from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial as OptunaTrial

from soundproof.search_spaces.choices import Assignment, Replayed


class Suggested:
    """A `Chooser` that lets the sampler of an Optuna trial decide."""

    def __init__(self, trial: OptunaTrial) -> None:
        self._trial = trial

    def category(self, name: str, options: tuple[str, ...]) -> str:
        """See `Chooser`."""
        label: str = self._trial.suggest_categorical(name, options)
        return label

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> int:
        """See `Chooser`."""
        return self._trial.suggest_int(name, low, high, step=step, log=log)

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> float:
        """See `Chooser`."""
        return self._trial.suggest_float(name, low, high, step=step, log=log)


class Compiled(Replayed):
    """A `Chooser` that follows an assignment and keeps the distribution of every parameter on its way."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(assignment)
        self.distributions: dict[str, BaseDistribution] = {}

    def category(self, name: str, options: tuple[str, ...]) -> Any:
        """See `Chooser`."""
        self.distributions[name] = CategoricalDistribution(options)
        return super().category(name, options)

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> Any:
        """See `Chooser`."""
        self.distributions[name] = IntDistribution(low, high, log=log, step=step)
        return super().integer(name, low, high, step, log)

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> Any:
        """See `Chooser`."""
        self.distributions[name] = FloatDistribution(low, high, log=log, step=step)
        return super().real(name, low, high, step, log)
