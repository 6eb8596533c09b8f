"""The command that runs programs of anybody's: `decide`."""

from typing import Annotated

import typer

from soundproof.api.deciding import decide as decide_by_runs
from soundproof.api.decision import DecideOptions
from soundproof.command_line.paper_files import TablesOption, check_tables, write_tables
from soundproof.command_line.printing import print_report
from soundproof.command_line.typer_options import JsonOption, takes
from soundproof.command_line.verdict_status import ExitStatusOption, exit_by_verdict


@takes(DecideOptions)
def decide(
    options: DecideOptions,
    *,
    command: Annotated[
        str, typer.Option("--command", help="A program with names in braces: 'python train.py {seed} --lr {lr}'.")
    ],
    higher: Annotated[
        bool | None, typer.Option("--higher-is-better/--lower-is-better", help="Which results are better.")
    ] = None,
    tables: TablesOption = None,
    exit_status: ExitStatusOption = False,
    as_json: JsonOption = False,
) -> None:
    """Run a program with variants and seeds until claims about its result are decided.

    The same command again goes on where it stopped, and starts no run twice.
    """
    check_tables(tables)
    done = decide_by_runs(command, higher_is_better=higher, options=options)
    write_tables(done.report, tables)
    print_report(done, as_json=as_json)
    exit_by_verdict(done.report, wanted=exit_status)
