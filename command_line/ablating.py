"""The command that takes a variant apart: `ablate`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from soundproof.api import RunOptions
from soundproof.api.seeds import Seeds
from soundproof.command_line import completion
from soundproof.command_line.custom_files import make_known
from soundproof.command_line.options import FileOption, JsonOption, StudyArgument
from soundproof.command_line.printing import print_json, print_tables
from soundproof.command_line.run_options import takes
from soundproof.command_line.running import run_and_print
from soundproof.common.errors import UserError
from soundproof.search_spaces import find_study

if TYPE_CHECKING:
    from soundproof.search_spaces.ablation import Ablation, What

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
    file: FileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave out each component of a variant in turn, and judge what each contributes."""
    from soundproof.search_spaces import ablation

    seeds = Seeds.parse(options)
    if path and seeds.until_decided:
        raise UserError("--path compares variants step by step on fixed seeds: leave out --until-decided, give --seeds")
    make_known(file)
    declared = find_study(study)
    what: What | None = "removals" if removals else None
    if path:
        _follow_path(ablation.dissect(declared, variant, baseline, what), options, seeds.number, as_json=as_json)
    else:
        run_and_print(ablation.ablate(declared, variant, baseline, what), options, file=file, as_json=as_json)


def _follow_path(taken_apart: "Ablation", options: RunOptions, seeds: int, *, as_json: bool) -> None:
    """Train the path from the baseline to the variant, and print it."""
    from soundproof.analysis.json_forms.values import path_plain
    from soundproof.analysis.notation.quantities import quantity
    from soundproof.analysis.tables.study import path_table
    from soundproof.analysis.tables.terminal import terminal_table
    from soundproof.api.ablation_path import follow_path
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
