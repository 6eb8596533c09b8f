"""The command that looks a storage over, mends and moves it: `check`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from soundproof.api.checking import check_storage, move_storage
from soundproof.api.options import DEFAULT_STORAGE
from soundproof.command_line.printing import print_json, print_lines
from soundproof.command_line.typer_options import JsonOption, StorageOption
from soundproof.common.counting import counted
from soundproof.common.errors import UserError
from soundproof.common.program import command

if TYPE_CHECKING:
    from soundproof.api.checking import StoreCheck

SOMETHING_LEFT = 1


def check(
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Do what is said of each; without it, nothing.")] = False,
    move_to: Annotated[
        Path | None,
        typer.Option("--move-to", metavar="PLACE", help="Copy all there, compare, and then remove it here."),
    ] = None,
    storage: StorageOption = DEFAULT_STORAGE,
    as_json: JsonOption = False,
) -> None:
    """Look a storage over: database, places, runs, files by their digests, caches.

    Without --repair nothing is changed, and what it would do is shown. Exits with 1 where something is left.
    """
    if repair and move_to is not None:
        raise UserError("check takes --repair or --move-to, got both: repair first, then move")
    found = check_storage(storage, repair=repair)
    moved = None if move_to is None else move_storage(storage, move_to)
    if as_json:
        print_json(found.plain() | {"moved_to": None if moved is None else str(moved)})
    else:
        print_lines(_lines(found))
        if moved is not None:
            print_lines([f"moved to {moved}: every file was compared, and {storage} is removed"])
    if found.left:
        raise typer.Exit(SOMETHING_LEFT)


def _lines(found: "StoreCheck") -> list[str]:
    lines = []
    for finding in found.findings:
        if finding.repair is None:
            marked = f"to do: {finding.remedy}"
        else:
            marked = f"done: {finding.remedy}" if found.repaired else f"--repair would: {finding.remedy}"
        lines += [f"{finding.kind}: {finding.what}", f"    {marked}"]
    if not found.findings:
        return [f"{found.storage}: nothing is wrong"]
    lines.append(f"{found.storage}: {counted(len(found.findings), 'finding')}, {found.left} left")
    if not found.repaired and any(finding.repair is not None for finding in found.findings):
        lines.append(f"To repair it: {command('check', '--storage', str(found.storage), '--repair')}")
    return lines
