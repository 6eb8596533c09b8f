"""Commands that train, and report: `run`, `search` and `ablate`; and what may be done after them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from soundproof.api import RunOptions, SearchOptions, run_study, search_space
from soundproof.api.options import MOST_SEEDS, Seeds
from soundproof.command_line import completion
from soundproof.command_line.custom_files import make_known, named
from soundproof.command_line.exit_status import exit_if_all_failed
from soundproof.command_line.printing import print_json, print_report, print_tables
from soundproof.command_line.typer_options import (
    FileOption,
    JsonOption,
    NamedSpaceArgument,
    NamedStudyArgument,
    StudyArgument,
    takes,
)
from soundproof.common.errors import UserError
from soundproof.common.option_fields import declared_options, option_values
from soundproof.common.program import command
from soundproof.search_spaces import Study, find_space, find_study
from soundproof.search_spaces.finding import find_study_or_ablation

if TYPE_CHECKING:
    from soundproof.analysis.study_report import StudyReport
    from soundproof.search_spaces.ablation import Ablation, What


@takes(RunOptions)
def run(
    options: RunOptions, study: NamedStudyArgument = None, *, file: FileOption = None, as_json: JsonOption = False
) -> None:
    """Train what is not finished yet, then report. The same command again goes on where it stopped."""
    run_and_print(find_study_or_ablation(named(study, file)), options, file=file, as_json=as_json)


def run_and_print(study: Study, options: RunOptions, *, file: Path | None, as_json: bool) -> None:
    """Train a study, and print its report; `file` is that of the user's which declares it, if any."""
    done = run_study(study, options)
    steps = next_steps(done.report, options, Seeds.parse(options), file)
    print_report(done, as_json=as_json, steps=steps)
    exit_if_all_failed(done.report.records.trials)


@takes(SearchOptions)
def search(
    options: SearchOptions, space: NamedSpaceArgument = None, *, file: FileOption = None, as_json: JsonOption = False
) -> None:
    """Look for the best network of a space, then train the best few again. The same command again goes on."""
    done = search_space(find_space(named(space, file)), options)
    print_report(done, as_json=as_json)
    exit_if_all_failed(done.report.records.trials)


_VARIANT: Any = typer.Argument(
    metavar="VARIANT", help="A variant's id, as `plan` shows it.", autocompletion=completion.variants
)


@takes(RunOptions)
def ablate(
    options: RunOptions,
    study: StudyArgument,
    variant: Annotated[str, _VARIANT],
    *,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            help="The variant to set components back to; the study's baseline, as `plan` shows it, by default.",
            autocompletion=completion.variants,
        ),
    ] = None,
    removals: Annotated[bool, typer.Option("--removals", help="Take out what the variant itself is made of.")] = False,
    path: Annotated[
        bool, typer.Option("--path", help="From the baseline to the variant, the most helpful component first.")
    ] = False,
    factorial: Annotated[
        bool, typer.Option("--factorial", help="Combine the components: a main effect of each, and interactions.")
    ] = False,
    runs: Annotated[
        int | None,
        typer.Option(
            "--runs", help="With --factorial: how many combinations, a power of two; fewer than all are a fraction."
        ),
    ] = None,
    factors: Annotated[
        str | None,
        typer.Option("--factors", help="With --factorial: these components alone, as ids have them: A,B,...."),
    ] = None,
    file: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave out each component of a variant in turn, and judge what each contributes."""
    from soundproof.search_spaces import ablation
    from soundproof.search_spaces.factorial import factorial as combined

    seeds = Seeds.parse(options)
    if path and seeds.until_decided:
        raise UserError("--path compares variants step by step on fixed seeds: leave out --until-decided, give --seeds")
    if path and factorial:
        raise UserError("--path goes step by step, --factorial combines all steps at once: give one of the two")
    if not factorial and (runs is not None or factors is not None):
        raise UserError("--runs and --factors say which combinations --factorial makes: give --factorial, too")
    make_known(file)
    declared = find_study(study)
    what: What | None = "removals" if removals else None
    if path:
        _follow_path(ablation.dissect(declared, variant, baseline, what), options, seeds, as_json=as_json)
    elif factorial:
        slugs = [slug.strip() for slug in factors.split(",")] if factors is not None else []
        study_of_all = combined(ablation.dissect(declared, variant, baseline, what), runs=runs, factors=slugs)
        run_and_print(study_of_all, options, file=file, as_json=as_json)
    else:
        run_and_print(ablation.ablate(declared, variant, baseline, what), options, file=file, as_json=as_json)


def _follow_path(taken_apart: "Ablation", options: RunOptions, seeds: Seeds, *, as_json: bool) -> None:
    """Train the path from the baseline to the variant, and print it."""
    from soundproof.analysis.json_forms.values import path_plain
    from soundproof.analysis.notation.quantities import quantity
    from soundproof.analysis.tables.study import path_table
    from soundproof.analysis.tables.terminal import terminal_table
    from soundproof.api.running import follow_path
    from soundproof.api.session import Session
    from soundproof.trainables.sweeps.sweep import margin_on

    study = taken_apart.study
    session = Session.prepare(study.domain, options)
    path = follow_path(taken_apart, session, seeds)
    if as_json:
        print_json(path_plain(path))
    else:
        measured = quantity(study.metric, margin_on(study.margin, session.corpus))
        print_tables(terminal_table(path_table(path, taken_apart, measured)))


_SAME_DATA = ("corpus", "columns", "alphabet", "split", "norms", "skip_broken", "skip_impossible")
_SAME_RECORD = (
    *("first_seed", "preset", "corpus", "columns", "alphabet", "split"),
    *("epochs", "epoch_seconds", "norms", "skip_broken", "skip_impossible"),
)
"""Options that say what is trained and recorded, beside the user's file and those of the place."""
_PLACE = ("storage", "tracking_uri")


def next_steps(report: "StudyReport", options: RunOptions, seeds: Seeds, file: Path | None = None) -> dict[str, str]:
    """Command lines and addresses by their use, the first one first; `file` is the user's, if the study is in one."""
    study = report.summary.study.id
    declared = [] if file is None else ["--file", str(file)]
    steps = {"Browse the record": _browse(report.records.tracking_uri, options)}
    if options.preset == "smoke":  # the same study at the next size, with its own epochs and the usual seeds
        larger = [*_spelled(options, _SAME_DATA), *declared, *_spelled(options, _PLACE)]
        return {
            "A smoke run decides nothing; one that may": command("run", study, "--preset", "quick", *larger)
        } | steps
    if any(claim.verdict == "undecided" for claim in report.summary.claims):
        again = [*_spelled(options, _SAME_RECORD), *declared, *_spelled(options, _PLACE)]
        limit = ["--until-decided", "--max-seeds", str(_limit(report, seeds))]
        steps = {"Go on until every claim is decided": command("run", study, *limit, *again)} | steps
    return steps


def _spelled(options: RunOptions, names: tuple[str, ...]) -> list[str]:
    """Those of the options as they are written on a command line; what is at its default is left out.

    What is given without a value, as a flag, is false by default.
    """
    values = option_values(options)
    words: list[str] = []
    for declared in declared_options(RunOptions):
        value = values[declared.name]
        if declared.name in names and value != declared.default:
            words += [f"--{declared.name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return words


def _browse(tracking_uri: str, options: RunOptions) -> str:
    from soundproof.analysis.pages.links import server_of

    server = server_of(tracking_uri)
    return command("browse", *_spelled(options, _PLACE)) if server is None else f"open {server}"


def _limit(report: "StudyReport", seeds: Seeds) -> int:
    """More seeds than the run had: up to that number, the schedule wants nothing more."""
    from soundproof.analysis.pages.study import more_seeds

    return min(max(more_seeds(report.summary) or 0, 2 * seeds.number), MOST_SEEDS)
