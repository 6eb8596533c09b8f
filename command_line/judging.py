"""The command that judges runs of other programs: `judge`."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from soundproof.api.judging import judge as judge_sources
from soundproof.api.judging import record_judged
from soundproof.api.options import DEFAULT_STORAGE
from soundproof.command_line import typer_options
from soundproof.command_line.paper_files import TablesOption, check_tables, write_tables
from soundproof.command_line.printing import print_json, print_tables
from soundproof.command_line.verdict_status import ExitStatusOption, exit_by_verdict
from soundproof.common.counting import counted
from soundproof.common.errors import UserError

if TYPE_CHECKING:
    from soundproof.analysis.judging.judging import Judged


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What is said of the sources: options by the names of answers, but for `only`, `claim` and `claims`."""

    variant: Annotated[
        list[str] | None, typer.Option("--variant", help="A column that tells variants apart; several are factors.")
    ] = None
    seed: Annotated[
        str | None, typer.Option("--seed", help="The column that pairs runs: a seed, a fold; none: nothing does.")
    ] = None
    metric: Annotated[str | None, typer.Option("--metric", help="The column, or curve, that is compared.")] = None
    higher_is_better: Annotated[
        bool | None, typer.Option("--higher-is-better/--lower-is-better", help="Which values are better.")
    ] = None
    arm: Annotated[
        list[str] | None,
        typer.Option("--arm", help="Columns whose runs repeat each other; of several arms a variant each counts once."),
    ] = None
    data_set: Annotated[
        str | None, typer.Option("--data-set", help="The column with the data set: each is one pair, with its mean.")
    ] = None
    only: Annotated[list[str] | None, typer.Option("--only", help="COLUMN=VALUE: keep those rows.")] = None
    state: Annotated[str | None, typer.Option("--state", help="The column that says how a run ended.")] = None
    finished: Annotated[list[str] | None, typer.Option("--finished", help="A state of runs that count.")] = None
    failed: Annotated[list[str] | None, typer.Option("--failed", help="A state of runs that failed.")] = None
    curve_end: Annotated[
        str | None, typer.Option("--curve-end", help="best or last: the value of a curve that a run counts with.")
    ] = None
    wide: Annotated[
        list[str] | None, typer.Option("--wide", help="Columns of which each holds the metric of a seed.")
    ] = None
    listed_twice: Annotated[
        str | None, typer.Option("--listed-twice", help="once or each: what rows count that are equal in every cell.")
    ] = None
    one_metric: Annotated[
        bool, typer.Option("--one-metric", help="The column holds one metric, whatever it looks like.")
    ] = False
    held_out: Annotated[
        str | None, typer.Option("--held-out", help="The column with the speaker, fold or track that validated.")
    ] = None
    margin: Annotated[float | None, typer.Option("--margin", help="The smallest difference that matters.")] = None
    baseline: Annotated[
        str | None, typer.Option("--baseline", help="The variant that all others are held against.")
    ] = None
    claim: Annotated[
        list[str] | None, typer.Option("--claim", help="'A better than B', 'A no worse than B', 'A best', ...")
    ] = None
    claims: Annotated[Path | None, typer.Option("--claims", help="A file with a claim in each line.")] = None
    fixed_beforehand: Annotated[
        bool, typer.Option("--fixed-beforehand", help="The number of runs was fixed before any result was seen.")
    ] = False
    question: Annotated[str | None, typer.Option("--question", help="What the report asks.")] = None

    def answers(self) -> Mapping[str, Any]:
        """The same as `soundproof.judge` takes it."""
        from soundproof.analysis.judging.claims import claims_in

        given = asdict(self)
        claims = [*(given.pop("claim") or ()), *claims_in(self.claims)]
        return given | {
            "only": [_condition(text) for text in self.only or ()] or None,
            "claims": claims or None,
            "fixed_beforehand": self.fixed_beforehand or None,
            "one_metric": self.one_metric or None,
        }


@typer_options.takes_fields(Said)
def judge(
    said: Said,
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Tables, folders of runs, or addresses of MLflow stores.")
    ],
    *,
    experiment: Annotated[str | None, typer.Option("--experiment", help="Of an MLflow store that has several.")] = None,
    study: Annotated[Path | None, typer.Option("--study", help="Answers that --save wrote.")] = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the answers to this file, for the next export.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for report.html and report.json.")] = None,
    tables: TablesOption = None,
    record: Annotated[bool, typer.Option("--record", help="Also write the judgement into MLflow, as a run.")] = False,
    record_as: Annotated[
        str, typer.Option("--record-as", help="The experiment that --record writes into.")
    ] = "soundproof-judged",
    storage: typer_options.StorageOption = DEFAULT_STORAGE,
    tracking_uri: typer_options.TrackingOption = None,
    exit_status: ExitStatusOption = False,
    as_json: typer_options.JsonOption = False,
) -> None:
    """Judge runs that any program left: verdicts with intervals, and what is wrong with the runs."""
    check_tables(tables)
    judged = judge_sources(*sources, answers=study, experiment=experiment, **said.answers())
    if save is not None:
        judged.understood.answers.save(save)
    page = None if out is None else _written(judged, out)
    write_tables(judged.report, tables)
    if record:
        run_id = record_judged(judged, experiment=record_as, storage=storage, tracking_uri=tracking_uri)
        print(f"Recorded in MLflow: experiment {record_as}, run {run_id}.", file=sys.stderr)
    if as_json:
        from soundproof.analysis.judging.plain import judged_plain

        print_json(judged_plain(judged))
    else:
        _print(judged, page)
    exit_by_verdict(judged.report, wanted=exit_status)


def _print(judged: "Judged", page: Path | None) -> None:
    for sentence in judged.understood.proposed:
        print(f"Read off the source: {sentence}.", file=sys.stderr)
    for fault in judged.faults:
        print(f"{'Look at this' if fault.alarm else 'Note'}: {fault.sentence}")
    print_tables(*judged.tables())
    print(judged.report.answer())
    if judged.ranks is not None and judged.ranks.test is None:
        print(judged.ranks.sentence())
    for note in judged.notes:
        print(f"Note: {note.rstrip('.')}.")
    if alarms := sum(fault.alarm for fault in judged.faults):
        print(f"Look first at the {counted(alarms, 'alarm')} above: the verdicts may be wrong.")
    if page is not None:
        print(f"Report: {page}")
    if judged.next_step:
        print(f"Next: {judged.next_step}.")


def _written(judged: "Judged", out: Path) -> Path:
    from soundproof.analysis.judging.writing import write_judged

    return write_judged(judged, out)


def _condition(text: str) -> list[str]:
    column, sign, value = text.partition("=")
    if not sign:
        raise UserError(f"--only expects COLUMN=VALUE, got {text!r}")
    return [column.strip(), value.strip()]
