"""What costs nothing to know: answers that are given without listening, and which variants are no better than these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.analysis.statistics.intervals import mean_interval
from soundproof.common import record

_ANSWERS: Mapping[str, str] = {
    record.MEAN_ANSWER_PREFIX: "the mean of the training values to every clip",
    record.COMMONEST_ANSWER_PREFIX: "the commonest class of the training clips to every clip",
}
_WORDS_WRONG = record.best(record.VALIDATION_WER)


@dataclass(frozen=True, kw_only=True, slots=True)
class WithoutListening:
    """An answer in words, what it has of a metric, and the ids of the variants that are no better on average."""

    answer: str
    measured: Quantity
    value: float
    no_better: tuple[str, ...]

    @property
    def of_transcripts(self) -> bool:
        """Whether it is the empty transcript, which has the same error rates in every study."""
        return self.answer == _NOTHING


_NOTHING = "nothing at all to every utterance"


def without_listening(metric: str, records: Results, variants: Sequence[str]) -> WithoutListening | None:
    """The answer of that kind for a study that is decided by `metric`; None where there is none.

    Of transcripts it is the empty one, which has every word wrong: it is told only where a variant is no better.
    """
    trials = {variant: records.comparable(variant) for variant in variants}
    by_seed = {trial.seed: trial for found in trials.values() for trial in found}
    for prefix, answer in _ANSWERS.items():
        value = _mean(tuple(by_seed.values()), prefix + metric.removeprefix(record.BEST_PREFIX))
        if value is not None:
            return _compared(answer, metric, value, trials)
    found = _compared(_NOTHING, _WORDS_WRONG, 1.0, trials)
    return found if found.no_better else None


def _compared(answer: str, metric: str, value: float, trials: Mapping[str, Sequence[TrialRecord]]) -> WithoutListening:
    measured = quantity(metric)
    sign = 1 if measured.higher_is_better else -1
    means = {variant: _mean(found, metric) for variant, found in trials.items()}
    no_better = tuple(variant for variant, mean in means.items() if mean is not None and sign * (mean - value) <= 0)
    return WithoutListening(answer=answer, measured=measured, value=value, no_better=no_better)


def _mean(trials: Sequence[TrialRecord], metric: str) -> float | None:
    values = [trial.metrics[metric] for trial in trials if metric in trial.metrics]
    return mean_interval(np.array(values, dtype=np.float64)).value
