"""What programs of a storage were asked, kept beside their runs: reports and exports find the question by its name."""

from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.common.errors import UserError
from soundproof.common.whole_files import write_whole
from soundproof.search_spaces.study_ids import part_of_id

if TYPE_CHECKING:
    from soundproof.search_spaces.studies import Question

_FILE = "question.json"


def runs_root(storage: Path, name: str) -> Path:
    """The folder of a program's runs."""
    return storage / "programs" / name


def keep_question(question: "Question", root: Path) -> None:
    """Write it into the program's folder, in place of what was asked before."""
    write_whole(root / _FILE, question.to_json() + "\n")


def decided_question(name: str, storage: Path | str) -> "Question | None":
    """What `decide` asked last of a program; None where the storage knows none of that name.

    Raises `UserError` where it can no longer be read.
    """
    from soundproof.search_spaces.specs.canonical import SpecError
    from soundproof.search_spaces.studies import Question

    if not name or part_of_id(name) != name:  # no path, whatever is typed
        return None
    file = runs_root(Path(storage), name) / _FILE
    try:
        return Question.from_json(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, SpecError) as error:
        raise UserError(
            f"{file} cannot be read ({error}): give the same `decide` again, which writes it anew"
        ) from error
