"""From a source and what is known of it to a report: the one way into verdicts, of our own runs and anybody's."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pvariance

import numpy as np

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.judging.asking import Understood, finite_or_nan, understand
from soundproof.analysis.judging.claims import claims_of, named
from soundproof.analysis.judging.forensics import Fault, faults_in
from soundproof.analysis.judging.runs import JudgedRun, Levels, name_of, runs_of
from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.analysis.sources.found import Found, SourceError
from soundproof.analysis.sources.wide import long_form, proposed_wide
from soundproof.analysis.study_report import StudyReport
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict
from soundproof.common import record
from soundproof.common.counting import counted
from soundproof.search_spaces.studies import Absolute, Arm, Level, Question

HELD_OUT = "group"
OURS = "metrics."
"""How columns of metrics begin in our own tables of trials."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A report on somebody else's runs, what was understood of them, and what is wrong with them."""

    report: StudyReport
    understood: Understood
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    @property
    def next_step(self) -> str | None:
        """What would decide most; None where all is decided, or nothing that is known would."""
        for judged in self.report.summary.claims:
            if judged.verdict == "undecided" and isinstance(judged, StatisticalVerdict):
                first, second = judged.deciding.first, judged.deciding.second
                more = judged.seeds_needed
                have = judged.deciding.n
                seeds = "more seeds" if more is None else f"{counted(max(1, more - have), 'more seed')}"
                return f"run {seeds} of “{first}” and of “{second}”, then judge again"
        return None


def judge_found(found: Sequence[Found], answers: Answers) -> Judged:
    """Judge the runs of one source, or of several that have the same columns."""
    source, asked, seen = _long(_together(found), answers)
    understood = understand(source, asked)
    known = understood.answers
    if asked is not answers:  # what is kept is said of the table as it is, not of its long form
        kept_answers = replace(known, wide=answers.wide, seed=answers.seed, metric=answers.metric)
        understood = replace(understood, answers=kept_answers)
    runs = runs_of(source, known)
    faults = faults_in(runs, known)
    dropped = {id(run) for fault in faults for run in fault.dropped}
    kept = [run for run in runs if id(run) not in dropped]
    paired = known.seed != NO_SEED and not any(fault.kind == "a counter" for fault in faults)
    nested = _nested(kept)
    paired &= not nested
    units, notes = _units(kept, nested=nested, paired=paired)
    question, results = _asked(units, source, known, paired=paired)
    report = StudyReport(records=results, summary=summarise(question, results))
    return Judged(
        report=report,
        understood=understood,
        faults=faults,
        notes=(*source.notes, *seen, *notes, *_said(known, results)),
    )


def _together(found: Sequence[Found]) -> Found:
    """Several sources as one; of more than one the rows tell which they come from."""
    if len(found) == 1:
        return found[0]
    return Found(
        name=", ".join(source.name for source in found),
        kind=found[0].kind,
        columns=tuple(dict.fromkeys(name for source in found for name in source.columns)),
        runs=tuple(run for source in found for run in source.runs),
        notes=tuple(note for source in found for note in source.notes),
        hints={name: hint for source in found for name, hint in source.hints.items()},
    )


def _long(source: Found, answers: Answers) -> tuple[Found, Answers, list[str]]:
    """A table with a column for each seed as one with a row for each run; what was seen of it, in a sentence."""
    columns = answers.wide or (() if answers.metric or answers.seed else proposed_wide(source))
    if not columns:
        return source, answers, []
    long = long_form(source, columns)
    made = [name for name in long.columns if name not in source.columns]
    seed = next(name for name in made if long.hints.get(name) == "seed" or name == "seed")
    metrics = [name for name in made if name != seed]
    known = replace(answers, wide=(), seed=seed, metric=answers.metric or (metrics[0] if len(metrics) == 1 else None))
    said = [] if answers.wide else [f"{', '.join(columns)} are taken for the metric on each seed (--wide names others)"]
    return long, known, said


_Units = Mapping[Levels, Mapping[str, JudgedRun]]
"""What is compared: by variant, and by the name of what pairs."""


def _nested(runs: Sequence[JudgedRun]) -> bool:
    """Whether a variant has several arms."""
    arms: dict[Levels, set[Levels]] = defaultdict(set)
    for run in runs:
        arms[run.levels].add(run.arm)
    return any(len(of_variant) > 1 for of_variant in arms.values())


def _units(runs: Sequence[JudgedRun], *, nested: bool, paired: bool) -> tuple[_Units, list[str]]:
    """The runs by variant and seed; of variants with several arms the arms, each with its mean."""
    by_variant: dict[Levels, list[JudgedRun]] = defaultdict(list)
    for run in runs:
        by_variant[run.levels].append(run)
    if len(by_variant) < 2:
        (only,) = by_variant or ((),)
        raise SourceError(
            f"judging takes two variants or more, got {counted(len(by_variant), 'variant')}"
            f"{f', {name_of(only)!r}' if only else ''}: name the columns that tell them apart with --variant"
        )
    if nested:
        note = (
            "a variant has several arms, whose runs share more than the variant does: each arm counts once, with its "
            "mean, so that verdicts speak of new arms"
        )
        return {levels: _arm_means(members) for levels, members in by_variant.items()}, [note]
    notes: list[str] = []
    found: dict[Levels, dict[str, JudgedRun]] = {}
    repeated = 0
    for levels, members in by_variant.items():
        found[levels] = {}
        if not paired:
            found[levels] = {str(place): run for place, run in enumerate(members)}
            continue
        by_seed: dict[str, list[JudgedRun]] = defaultdict(list)
        for run in members:
            by_seed[run.seed].append(run)
        for seed, of_seed in by_seed.items():
            repeated += len(of_seed) > 1
            found[levels][seed] = _mean_of(of_seed)
    if repeated:
        notes.append(f"{counted(repeated, 'seed')} with several runs of one variant: each counts once, with its mean")
    return found, notes


def _arm_means(members: Sequence[JudgedRun]) -> dict[str, JudgedRun]:
    by_arm: dict[Levels, list[JudgedRun]] = defaultdict(list)
    for run in members:
        by_arm[run.arm].append(run)
    return {name_of(arm): _mean_of(of_arm) for arm, of_arm in by_arm.items()}


def _mean_of(runs: Sequence[JudgedRun]) -> JudgedRun:
    counting = [run for run in runs if run.counts]
    if len(runs) == 1 or not counting:
        return runs[0]
    value = fmean(run.value for run in counting)
    return replace(counting[0], value=value, text=repr(value))


def _asked(units: _Units, source: Found, answers: Answers, *, paired: bool) -> tuple[Question, Results]:
    metric = _metric_name(answers)
    values = [run.value for of_variant in units.values() for run in of_variant.values() if run.counts]
    if not values:
        raise SourceError(f"{source.name}: no run has a finite {answers.metric}: nothing can be judged")
    variants = list(units)
    names = [name_of(levels) for levels in variants]
    margin = answers.margin if answers.margin is not None else _hardly_anything(units)
    baseline = names[0] if answers.baseline is None else named(answers.baseline, names)
    question = Question(
        id="judged",
        question=answers.question or f"Which {' and '.join(answers.variant)} is better, by {answers.metric}?",
        source=source.name,
        baseline=baseline,
        variants=tuple(
            Arm(id=name_of(levels), levels=tuple(Level(factor=factor, value=value) for factor, value in levels))
            for levels in variants
        ),
        claims=claims_of(variants, answers),
        metric=metric,
        margin=Absolute(value=margin),
    )
    order = _seed_order(units) if paired else None
    step = _step([run for of_variant in units.values() for run in of_variant.values() if run.counts])
    trials = tuple(
        _trial(levels, index, run, metric, step)
        for levels, of_variant in units.items()
        for index, run in enumerate(_in_order(of_variant, order))
    )
    counts = {len(of_variant) for of_variant in units.values()}
    planned = counts.pop() if answers.fixed_beforehand and len(counts) == 1 else None
    return question, Results(
        tracking_uri="",
        study="judged",
        preset="",
        corpus=source.name,
        margin=margin,
        trials=trials,
        planned_seeds=planned,
        paired=paired,
    )


def _metric_name(answers: Answers) -> str:
    """One of ours, where the table is our own export; else with the direction that was said."""
    metric = str(answers.metric)
    bare = metric.removeprefix(OURS)
    if metric.startswith(OURS) and record.higher_is_better(bare) == answers.higher_is_better:
        return bare
    return record.outside_metric(metric, higher_is_better=bool(answers.higher_is_better))


def _hardly_anything(units: _Units) -> float:
    """A margin that hardly anything is below, where none was said: a thousandth of the spread, as a power of ten."""
    spreads = [
        pvariance(values)
        for of_variant in units.values()
        if len(values := [run.value for run in of_variant.values() if run.counts]) > 1
    ]
    spread = math.sqrt(fmean(spreads)) if spreads else 0.0
    largest = max(abs(run.value) for of_variant in units.values() for run in of_variant.values() if run.counts)
    scale = spread or largest or 1.0
    return 10.0 ** math.floor(math.log10(scale / 1000))


def _seed_order(units: _Units) -> list[str]:
    """Seeds that most variants have come first: a pair counts up to the first that one of the two lacks."""
    having = Counter(seed for of_variant in units.values() for seed in of_variant)
    place = {seed: index for index, seed in enumerate(having)}
    return sorted(having, key=lambda seed: (-having[seed], place[seed]))


def _in_order(of_variant: Mapping[str, JudgedRun], order: Sequence[str] | None) -> Iterator[JudgedRun]:
    if order is None:
        yield from of_variant.values()
        return
    for seed in order:
        if seed not in of_variant:
            return
        yield of_variant[seed]


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


def _said(answers: Answers, results: Results) -> Iterator[str]:
    """What the source cannot tell, and how it was judged without."""
    if answers.margin is None:
        yield "no margin was given, so a difference of any size counts (--margin says what matters)"
    if not answers.fixed_beforehand:
        yield (
            "nothing tells that the number of runs was fixed before any result was seen, so the test is the one that "
            "holds however often one looked (--fixed-beforehand, if it was)"
        )
    elif results.planned_seeds is None:
        yield "variants have unlike numbers of runs, so no common number was fixed: judged as if looked at often"
