"""From a source and what is known of it to a report: the one way into verdicts, of our own runs and anybody's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from soundproof.analysis.judging.answers import NO_SEED, Answers
from soundproof.analysis.judging.asking import Understood, understand
from soundproof.analysis.judging.data_sets import DataSetRanks, ranks_of, ranks_tables, scale_notes
from soundproof.analysis.judging.faults import Fault
from soundproof.analysis.judging.forensics import faults_in
from soundproof.analysis.judging.late_runs import turned_back
from soundproof.analysis.judging.next_steps import NextRuns, next_runs, next_words
from soundproof.analysis.judging.row_curves import with_curves
from soundproof.analysis.judging.runs import runs_of
from soundproof.analysis.judging.unit_records import question_of
from soundproof.analysis.judging.units import units_of
from soundproof.analysis.records.trials import Results
from soundproof.analysis.sources.found import Found, SourceError
from soundproof.analysis.sources.wide import long_form, proposed_wide
from soundproof.analysis.study_report import StudyReport
from soundproof.analysis.summaries.study import summarise

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A report on somebody else's runs, what was understood of them, and what is wrong with them."""

    report: StudyReport
    understood: Understood
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    next_runs: tuple[NextRuns, ...] = ()
    ranks: DataSetRanks | None = None

    def tables(self) -> tuple["Table", ...]:
        """The tables of the report, and mean ranks where there are several data sets, for the terminal."""
        from soundproof.analysis.tables.terminal import terminal_table

        return (*self.report.tables(), *map(terminal_table, ranks_tables(self.ranks)))

    @property
    def next_step(self) -> str | None:
        """What would decide most, in words; None where all is decided, or nothing that is known would."""
        return next_words(self.next_runs)


def judge_found(found: Sequence[Found], answers: Answers) -> Judged:
    """Judge the runs of one source, or of several that have the same columns."""
    source, asked, seen = _long(_together(found), answers)
    understood = understand(source, asked)
    known = understood.answers
    if asked is not answers:  # what is kept is said of the table as it is, not of its long form
        kept_answers = replace(known, wide=answers.wide, seed=answers.seed, metric=answers.metric)
        understood = replace(understood, answers=kept_answers)
    runs = runs_of(with_curves(source, known), known)
    faults = faults_in(runs, known)
    for fault in faults:
        if fault.ask is not None:
            raise SourceError(f"{source.name}: {fault.sentence} {fault.ask}")
    dropped = {id(run) for fault in faults for run in fault.dropped}
    kept = [run for run in runs if id(run) not in dropped]
    paired = known.seed != NO_SEED and not any(fault.kind == "a counter" for fault in faults)
    units = units_of(kept, paired=paired)
    question, results = question_of(units, source, known)
    report = StudyReport(records=results, summary=summarise(question, results))
    faults = (*turned_back(report.summary), *faults)
    return Judged(
        report=report,
        understood=understood,
        faults=faults,
        notes=(*source.notes, *seen, *units.notes, *scale_notes(units), *_said(known, results)),
        next_runs=next_runs(report.summary, units),
        ranks=ranks_of(units, higher_is_better=bool(known.higher_is_better)),
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
        yield "variants have unlike seeds, so no common number was fixed: judged as if looked at often"
