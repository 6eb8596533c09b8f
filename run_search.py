"""The entry: every command under its name."""

from __future__ import annotations

import sys

import typer

from command_line.browsing import browse
from command_line.corpora import describe, download
from command_line.exporting import export
from command_line.hearing import explain, predict
from command_line.own_files import init
from command_line.planning import list_studies, plan
from command_line.reporting import importance, report
from command_line.searching import search
from command_line.studying import ablate, run
from search_spaces.errors import UserError

app = typer.Typer(
    name="run_search.py",
    help="Ablation studies of audio networks, decided with evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("list")(list_studies)
for command in (
    init,
    plan,
    run,
    ablate,
    search,
    report,
    export,
    importance,
    predict,
    explain,
    describe,
    download,
    browse,
):
    app.command()(command)


def main() -> None:
    """Run the command line; what a user can cause ends with a message and status 2."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
