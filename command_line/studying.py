"""Commands that train what is missing, and report: `run` and `ablate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from soundproof.command_line import completion
from soundproof.command_line.bench import Bench
from soundproof.command_line.custom_files import make_known, named
from soundproof.command_line.next_steps import next_steps
from soundproof.command_line.options import NamedStudyArgument, StudyArgument
from soundproof.command_line.parsing import Seeds
from soundproof.command_line.printing import print_report
from soundproof.command_line.publishing import publish_report
from soundproof.command_line.run_options import RunOptions, takes
from soundproof.command_line.training import train
from soundproof.common.errors import UserError
from soundproof.search_spaces import Study, find_study
from soundproof.search_spaces.finding import find_study_or_ablation

if TYPE_CHECKING:
    from pathlib import Path

    from soundproof.analysis.reports import StudyReport
    from soundproof.search_spaces.ablation import What
    from soundproof.trainables.sweeps.planning.seeds import Schedule

_VARIANT: Any = typer.Argument(
    metavar="VARIANT", help="A variant's id, as `plan` shows it.", autocompletion=completion.variants
)


@takes(RunOptions)
def run(options: RunOptions, study: NamedStudyArgument = None) -> None:
    """Train what is not finished yet, then report. The same command again goes on where it stopped."""
    declared = find_study_or_ablation(named(study, options.file))
    seeds = Seeds.parse(options)  # what is wrong with them is said before a corpus is opened
    _train_and_print(declared, Bench.prepare(declared.domain, options), seeds)


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
) -> None:
    """Leave out each component of a variant in turn, and judge what each contributes."""
    from soundproof.command_line.ablation_steps import follow_path
    from soundproof.search_spaces import ablation

    seeds = Seeds.parse(options)
    if path and seeds.until_decided:
        raise UserError("--path compares variants step by step on fixed seeds: leave out --until-decided, give --seeds")
    make_known(options.file)
    declared = find_study(study)
    what: What | None = "removals" if removals else None
    taken_apart = ablation.dissect(declared, variant, baseline, what)
    bench = Bench.prepare(declared.domain, options)
    if path:
        follow_path(taken_apart, bench, seeds.number)
    else:
        _train_and_print(ablation.ablate(declared, variant, baseline, what), bench, seeds)


def train_study(study: Study, bench: Bench, seeds: Seeds) -> tuple[StudyReport, Path]:
    """Train what is missing, and report: what the record says, and the page that shows it."""
    from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
    from soundproof.trainables.sweeps.sweep import margin_on, run_sweep

    margin = margin_on(study.margin, bench.corpus)
    schedule: Schedule = FixedSeeds(study, seeds.number)
    if seeds.until_decided:
        from soundproof.analysis.verdicts.until_decided import UntilDecided

        schedule = UntilDecided(study, margin=margin, maximum_seeds=seeds.number)
    sweep = bench.sweep(study, schedule)
    train(study.question, lambda progress: run_sweep(sweep, progress), study.metric, bench.options, margin)
    made = bench.report(study)
    page = made.write(sweep.storage.reports / sweep.name)
    publish_report(made, page)
    return made, page


def _train_and_print(study: Study, bench: Bench, seeds: Seeds) -> None:
    made, page = train_study(study, bench, seeds)
    options = bench.options
    print_report(made, page, as_json=options.as_json, steps=next_steps(made, options, seeds))
