"""From the units that are compared to a question and its records, as our own verdicts read them."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import fmean, pvariance

import numpy as np

from soundproof.analysis.judging.answers import Answers
from soundproof.analysis.judging.asking import finite_or_nan
from soundproof.analysis.judging.questions import question_about
from soundproof.analysis.judging.runs import JudgedRun, Levels, name_of
from soundproof.analysis.judging.units import ByVariant, Units
from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.analysis.sources.found import Found, SourceError
from soundproof.common import record
from soundproof.search_spaces.studies import Absolute, Arm, HardlyAnything, Level, Margin, Question

HELD_OUT = "group"
OURS = "metrics."
"""How columns of metrics begin in our own tables of trials."""


def question_of(units: Units, source: Found, answers: Answers) -> tuple[Question, Results]:
    """The question that is asked of the units, and they as records. Raises `SourceError` where none has a number."""
    metric = _metric_name(answers)
    counting = units.counting
    if not counting:
        raise SourceError(f"{source.name}: no run has a finite {answers.metric}: nothing can be judged")
    variants = list(units.by_variant)
    margin: Margin = _hardly_anything(units) if answers.margin is None else Absolute(value=answers.margin)
    question = question_about(
        [
            Arm(id=name_of(levels), levels=tuple(Level(factor=factor, value=value) for factor, value in levels))
            for levels in variants
        ],
        answers,
        name="judged",
        metric=metric,
        margin=margin,
        source=source.name,
    )
    plans = {frozenset(of_variant) for of_variant in units.by_variant.values()}
    planned = len(plans.pop()) if answers.fixed_beforehand and len(plans) == 1 else None
    return question, Results(
        tracking_uri="",
        study="judged",
        preset="",
        corpus=source.name,
        margin=margin.on(0.0),
        trials=tuple(_trials(units, metric)),
        planned_seeds=planned,
        paired=units.paired,
    )


def _trials(units: Units, metric: str) -> Iterator[TrialRecord]:
    order = _seed_order(units.by_variant) if units.paired else None
    step = _step(units.counting)
    for levels, of_variant in units.by_variant.items():
        for index, name in enumerate(of_variant if order is None else order):
            if name in of_variant:
                yield _trial(levels, index, of_variant[name], metric, step)


def _metric_name(answers: Answers) -> str:
    """One of ours, where the table is our own export; else with the direction that was said."""
    metric = str(answers.metric)
    bare = metric.removeprefix(OURS)
    if metric.startswith(OURS) and record.higher_is_better(bare) == answers.higher_is_better:
        return bare
    return record.outside_metric(metric, higher_is_better=bool(answers.higher_is_better))


def _hardly_anything(units: Units) -> HardlyAnything:
    """A thousandth of the spread, as a power of ten."""
    spreads = [
        pvariance(values)
        for of_variant in units.by_variant.values()
        if len(values := [run.value for run in of_variant.values() if run.counts]) > 1
    ]
    spread = math.sqrt(fmean(spreads)) if spreads else 0.0
    largest = max(abs(run.value) for run in units.counting)
    scale = spread or largest or 1.0
    return HardlyAnything(value=10.0 ** math.floor(math.log10(scale / 1000)))


def _seed_order(units: ByVariant) -> list[str]:
    """Seeds that most variants have come first: a pair counts up to the first that one of the two lacks.

    Of these, whole numbers in their order, whatever that of the rows; other names in the order of the rows.
    """
    having = Counter(seed for of_variant in units.values() for seed in of_variant)
    place = {seed: index for index, seed in enumerate(having)}
    if all(seed.isdecimal() for seed in having):
        place = {seed: int(seed) for seed in having}
    return sorted(having, key=lambda seed: (-having[seed], place[seed]))


def _trial(levels: Levels, index: int, run: JudgedRun, metric: str, step: float) -> TrialRecord:
    metrics = {metric: run.value} if math.isfinite(run.value) else {}
    if record.outside_name(metric) is not None:
        metrics |= {record.OUTSIDE_STEP: step} if step else {}
    else:
        metrics |= _our_metrics(run)
    return TrialRecord(
        run_id=run.where,
        trial_id="",
        variant=name_of(levels),
        seed=index,
        status=run.status,
        reason=None if run.status == "completed" else "as the source says",
        metrics=metrics,
        history={metric: run.curve} if run.curve else {},
        levels=dict(levels),
        reused_from=None,
        held_out=None if run.held_out is None else record.HeldOut.of(HELD_OUT, [run.held_out], []),
    )


def _our_metrics(run: JudgedRun) -> dict[str, float]:
    found = {name.removeprefix(OURS): finite_or_nan(text) for name, text in run.cells.items() if name.startswith(OURS)}
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _step(runs: Sequence[JudgedRun]) -> float:
    """The step in which values move: that of a few decimals, or what all differences are whole multiples of; 0 if none.

    Values of one scale that are printed with three decimals or fewer are rounded to them, whatever they are.
    """
    decimals = max((len(run.text.partition(".")[2]) for run in runs if "e" not in run.text.lower()), default=9)
    if decimals <= 3:
        return 10.0**-decimals
    values = np.unique([run.value for run in runs])
    gaps = np.diff(values)
    if len(gaps) < 2 or len(values) > len(runs) / 2:
        return 0.0
    step = float(gaps.min())
    multiples = gaps / step
    return step if np.allclose(multiples, np.round(multiples), atol=1e-3) else 0.0
