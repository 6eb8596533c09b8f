"""The page of commands: what typer's help knows, as Markdown."""

from __future__ import annotations

import textwrap
from typing import Any

import typer
from plain_text import plain, table

from soundproof.command_line.main import app

INTRODUCTION = """# Commands

Made from the command line itself. `python run_search.py COMMAND --help` says the same; where the package is installed,
`soundproof COMMAND` is the same command from any folder. `soundproof --install-completion` has the shell complete
commands, ids, options and their values. What a command names to be typed next, it names as it was started itself.
"""


def commands_page() -> str:
    """Every command with its arguments and options, in the order of the help."""
    group: Any = typer.main.get_command(app)
    return "\n\n".join([INTRODUCTION, *(_command(name, command) for name, command in group.commands.items())]) + "\n"


def _command(name: str, command: Any) -> str:
    context = command.context_class(command, info_name=name)
    usage = " ".join(["python run_search.py", name, *command.collect_usage_pieces(context)])
    records = [parameter.get_help_record(context) for parameter in command.params if not parameter.hidden]
    rows = [(_written(written), plain(help_text)) for written, help_text in filter(None, records)]
    options = [table(("option or argument", "what it says"), *rows)] if rows else []
    return "\n\n".join(
        [f"## {name}", f"```text\n{usage}\n```", *_help(command.help or ""), *options, *_help(command.epilog or "")]
    )


def _help(text: str) -> list[str]:
    """Paragraphs of a help text; lines that are indented are commands, one a line."""
    blocks = []
    for paragraph in text.replace("\b\n", "").replace("\b", "").split("\n\n"):
        introduction, line_break, rest = paragraph.partition("\n  ")
        blocks.append(plain(introduction))
        if line_break:
            blocks.append(f"```sh\n{textwrap.dedent(f'  {rest}').rstrip()}\n```")
    return blocks


def _written(option: str) -> str:
    return f"<code>{plain(option)}</code>"
