"""Commands for agents and scripts: `ledger`, an error budget over many proposals, and `serve-mcp`."""

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from soundproof.command_line import typer_options
from soundproof.command_line.printing import print_json
from soundproof.common.counting import counted
from soundproof.common.errors import UserError
from soundproof.common.extras import require_extra
from soundproof.common.program import command

if TYPE_CHECKING:
    from soundproof.api.ledger import Ledger

VERBS = {
    "begin": "",
    "propose": "NAME",
    "submit": "ID [VALUE]",
    "next": "ID",
    "show": "",
}
"""What `ledger` does, each with the words that follow it."""


def serve_mcp(
    *,
    folder: Annotated[Path, typer.Option("--folder", help="Where studies and ledgers are kept.")] = Path(
        "soundproof-agents"
    ),
) -> None:
    """Serve tools to an agent over standard input and output, by the Model Context Protocol, until it hangs up.

    Agents declare claims, submit results, ask for verdicts and for the runs that would decide most, and keep ledgers
    of proposals. Nothing listens on a port.
    """
    require_extra("mcp", "serve-mcp")
    if sys.stdin.isatty():
        print("waiting for an agent on standard input; Ctrl-C ends it", file=sys.stderr)
    from soundproof.api.agent_server import make_server

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the library would wait for its input; every file is whole
    make_server(folder).run()


def ledger(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The ledger, one file of JSON.")],
    verb: Annotated[str, typer.Argument(metavar="VERB", help="begin, propose, submit, next or show.")],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD", help="propose NAME, submit ID VALUE, next ID; p0 is the start."),
    ] = None,
    *,
    seed: Annotated[int | None, typer.Option("--seed", help="submit: the seed of the run.")] = None,
    crashed: Annotated[bool, typer.Option("--crashed", help="submit: the run ended without a VALUE.")] = False,
    higher: Annotated[
        bool | None, typer.Option("--higher-is-better/--lower-is-better", help="begin: which results are better.")
    ] = None,
    proposals: Annotated[int | None, typer.Option("--proposals", help="begin: how many share the error; 1000.")] = None,
    error: Annotated[float | None, typer.Option("--error", help="begin: the error that they share; 0.05.")] = None,
    worth: Annotated[
        float | None,
        typer.Option(
            "--worth", help="begin: the improvement worth finding, in spreads of a difference of two runs; 2."
        ),
    ] = None,
    guarantee: Annotated[
        str | None,
        typer.Option("--guarantee", help="begin: family, any wrongly kept; fdr, the share of wrongly kept. family."),
    ] = None,
    as_json: typer_options.JsonOption = False,
) -> None:
    """Keep an error budget over many proposals: what is run once more, kept, or dropped.

    `propose` prints an id. `next` prints `run ID SEED`, `keep ID` or `drop ID`, and a reason in parentheses: a run is
    of the proposal or of the incumbent that it is held against. `submit` prints the next step of a proposal.
    """
    given = list(words or ())
    _check(verb, given, crashed=crashed)
    if verb == "begin":
        plan = {"proposals": proposals, "error": error, "worth": worth, "guarantee": guarantee}
        _begin(file, plan, higher, as_json=as_json)
        return
    book = _opened(file)
    if verb == "propose":
        key = book.propose(given[0])
        _print_step(book, key, as_json=as_json, words=key)
    elif verb == "next":
        _print_step(book, given[0], as_json=as_json)
    elif verb == "submit":
        _submit(book, given, seed, as_json=as_json)
    else:
        _show(book, as_json=as_json)


def _check(verb: str, given: Sequence[str], *, crashed: bool) -> None:
    """Raise `UserError` for words that are none of the verb's. A number may begin with a dash, an option may not."""
    if verb not in VERBS:
        raise UserError(f"ledger expects one of {', '.join(VERBS)}, got {verb!r}")
    unknown = [word for word in given if word.startswith("--")]
    if unknown:
        raise UserError(f"ledger {verb} expects no option {unknown[0]}: `{command('ledger', '--help')}` shows them")
    wanted = len(VERBS[verb].split()) - (verb == "submit" and crashed)
    if len(given) != wanted:
        form = "ID --crashed" if crashed else VERBS[verb].replace("[", "").replace("]", "") or "no more words"
        raise UserError(f"ledger {verb} expects {form}, got {' '.join(given) or 'nothing'}")


def _opened(file: Path) -> "Ledger":
    from soundproof.api.ledger import Ledger

    if not file.exists():
        begin = command("ledger", str(file), "begin", "--higher-is-better")
        raise UserError(f"expected a ledger, there is none at {file}: begin one with `{begin}`, or --lower-is-better")
    return Ledger.open(file)


def _begin(file: Path, plan: dict[str, Any], higher: bool | None, *, as_json: bool) -> None:
    from soundproof.api.ledger import Ledger
    from soundproof.api.ledger_forms import ledger_plain, plan_of

    if higher is None:
        raise UserError("ledger begin expects --higher-is-better or --lower-is-better, got neither")
    begun = Ledger.open(file, plan=plan_of(**plan), higher_is_better=higher)
    if as_json:
        print_json(ledger_plain(begun))
        return
    print(f"{file}: {counted(begun.plan.proposals, 'proposal')} share an error of {begun.plan.error:g}")


def _submit(book: "Ledger", given: Sequence[str], seed: int | None, *, as_json: bool) -> None:
    key, *values = given
    if seed is None:
        raise UserError("ledger submit expects --seed, the seed of the run, got none")
    book.submit(key, _value(values[0]) if values else None, seed)
    entry = next(entry for entry in book.entries if entry.id == key)
    if entry.id != "p0" and entry.status != "replaced":
        _print_step(book, key, as_json=as_json)
    elif as_json:
        print_json({"id": key, "runs": len(entry.values)})
    else:
        print(f"{key} has {counted(len(entry.values), 'run')}")


def _value(word: str) -> float:
    from soundproof.analysis.sources.cells import number

    value = number(word)
    if value is None:
        raise UserError(f"ledger submit expects a number as VALUE, or --crashed in its place, got {word!r}")
    return value


def _print_step(book: "Ledger", key: str, *, as_json: bool, words: str | None = None) -> None:
    from soundproof.api.ledger_forms import step_plain, step_words

    step = step_plain(book, key)
    if as_json:
        print_json(step)
        return
    print(words or step_words(step))


def _show(book: "Ledger", *, as_json: bool) -> None:
    from soundproof.api.ledger_forms import ledger_plain

    plain = ledger_plain(book)
    if as_json:
        print_json(plain)
        return
    for entry in plain["entries"]:
        mean = "" if entry["mean"] is None else f", mean {entry['mean']:g}"
        print(f"{entry['id']} {entry['name']}: {entry['status']}, {counted(len(entry['values']), 'run')}{mean}")
    budget = plain["budget"]
    print(
        f"{counted(budget['runs'], 'run')}; {budget['spent']:g} of an error of {budget['error']:g} spent; "
        f"{counted(budget['proposals_left'], 'proposal')} left; the incumbent is {plain['incumbent']}"
    )
