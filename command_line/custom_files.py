"""Studies and spaces of the user's own: the option that loads their file, and the command that writes an example."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from soundproof.api.decided import decided_question
from soundproof.common.errors import UserError
from soundproof.common.program import command, program
from soundproof.common.whole_files import write_whole
from soundproof.search_spaces import SearchSpace, Study, catalogue
from soundproof.search_spaces.finding import declared_study, find_study_or_space
from soundproof.search_spaces.studies import Question

_RUN_THIS = "python run_search.py run --file THIS_FILE"
"""How an example says that it is run, before it is written somewhere."""


def make_known(file: Path | None) -> None:
    """Load a file of the user's, if there is one: its ids are then known as declared ones are. Raises `UserError`."""
    if file is not None:
        from soundproof.search_spaces.custom import load_file

        loaded = load_file(file)
        catalogue.add(loaded.studies, loaded.spaces)


def named(given: str | None, file: Path | None) -> str:
    """The id that a command was given, or that of the one study or space in the user's `file`, which is loaded.

    Raises `UserError`.
    """
    make_known(file)
    if given is not None:
        return given
    own = catalogue.added_ids()
    if len(own) == 1:
        return own[0]
    declared = f"the file declares {', '.join(own)}: name one of them" if own else f"`{program()} list` shows them"
    raise UserError(f"expected the id of a study or space, got none: {declared}")


def find_named(given: str | None, file: Path | None, search: str | None = None) -> Study | SearchSpace:
    """The study or space that a command was given, see `named`. Raises `UserError`, also for a `search` of a study."""
    declared = find_study_or_space(named(given, file))
    if search is not None and not isinstance(declared, SearchSpace):
        raise UserError(f"{declared.id!r} is a study, and --search names a search of a space: leave it out")
    return declared


def find_recorded(
    given: str | None, file: Path | None, storage: Path, search: str | None = None
) -> Question | SearchSpace:
    """The same of what is recorded: also what `decide` asked of a program in this storage. Raises `UserError`."""
    if given is not None and file is None and (asked := decided_question(given, storage)) is not None:
        spaces = {space.id for space in catalogue.all_spaces()}
        if declared_study(given) is None and given not in spaces:
            return asked
    return find_named(given, file, search)


def init(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it: my_study.py, say.")],
    *,
    speech: Annotated[bool, typer.Option("--speech", help="A network that transcribes, not one of classes.")] = False,
) -> None:
    """Write an example of a study of your own with a network of your own, ready to run and to be changed."""
    if path.exists():
        raise UserError(f"{path} is there already: name another file, or move that one")
    example = files("soundproof.command_line.examples").joinpath("transcriber.py" if speech else "classifier.py")
    run = command("run", "--file", str(path))
    in_docstring = run.replace("\\", r"\\").replace('"', r"\"")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, example.read_text(encoding="utf-8").replace(_RUN_THIS, in_docstring))
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}. Name another place") from error
    print(f"wrote {path}. Next: {run} --preset smoke --seeds 2")
