"""PED-ANOVA through Optuna, again and again on the same trials with other values or other multiplicities."""

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, create_trial

from soundproof.analysis.importance.columns import Column
from soundproof.analysis.statistics.intervals import FloatArray


class Divergences:
    """How differently each factor is distributed among the best trials and among all, by Pearson's divergence.

    The trials are given to Optuna once, each `most_copies` times; a copy that is not wanted has no value, and Optuna
    passes over it.
    """

    def __init__(self, columns: Sequence[Column], trials: int, most_copies: int, best_share: float) -> None:
        """`columns` speak of `trials` trials by position; the best are that share of them."""
        # it imports scikit-learn and pandas, which a report without a search can do without
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances  # noqa: PLC0415

        self._importances = get_param_importances
        self._trials = trials
        self._names = [column.name for column in columns]
        self._evaluator = PedAnovaImportanceEvaluator(target_quantile=best_share)
        with quiet_optuna():
            self._study = optuna.create_study()
            self._study.add_trials([_trial(columns, position) for position in range(trials)] * most_copies)

    def of(self, losses: FloatArray, copies: NDArray[np.int64] | None = None) -> FloatArray:
        """The divergence of each column (columns,), lower `losses` (trials,) being better.

        `copies` (trials,) says how many times each trial counts; once where it is left out.
        """
        wanted = np.ones(self._trials, dtype=np.int64) if copies is None else copies

        def target(trial: FrozenTrial) -> float:
            copy, position = divmod(trial.number, self._trials)
            return float(losses[position]) if copy < wanted[position] else math.nan

        with quiet_optuna():
            found = self._importances(
                self._study, evaluator=self._evaluator, params=self._names, target=target, normalize=False
            )
        return np.array([found[name] for name in self._names], dtype=np.float64)


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Without Optuna's progress messages, its word on `normalize` being new, and on rare levels."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def _trial(columns: Sequence[Column], position: int) -> FrozenTrial:
    present = [column for column in columns if position in column.values]
    return create_trial(
        params={column.name: column.values[position] for column in present},
        distributions={column.name: column.distribution for column in present},
        value=0.0,
    )
