"""Python files of users: what they declare."""

from dataclasses import dataclass
from pathlib import Path

from soundproof.common.program import command
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import Study
from soundproof.search_spaces.user_code.modules import CustomFileError, load_source
from soundproof.search_spaces.user_code.sources import read_source


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomFile:
    """What a file declares."""

    path: Path
    studies: tuple[Study, ...]
    spaces: tuple[SearchSpace, ...]


def load_file(path: Path | str) -> CustomFile:
    """Run the Python file at `path`, and take the studies and spaces that it keeps in variables.

    It runs with all rights that the user has, as any Python program does. Files that it imports from its own folder run
    with it, and travel with it to other processes and nodes.

    Arguments:
        path: The file, in UTF-8.

    Returns:
        Its studies and its search spaces, each in the order of the file.

    Raises:
        CustomFileError: It cannot be read, fails when it is run, or keeps neither a study nor a space.

    >>> studies = load_file("my_study.py").studies  # doctest: +SKIP
    """
    path = Path(path)
    try:
        source = read_source(path)
    except (OSError, UnicodeDecodeError) as error:
        raise CustomFileError(f"expected a Python file at {path}, and could not read it: {error}") from error
    declared = [value for name, value in vars(load_source(source)).items() if not name.startswith("_")]
    studies = tuple(dict.fromkeys(value for value in declared if isinstance(value, Study)))
    spaces = tuple(value for value in declared if isinstance(value, SearchSpace))
    if not studies and not spaces:
        raise CustomFileError(
            f"{path} declares no study and no search space: keep one in a variable, as the file that "
            f"`{command('init', 'FILE')}` writes does"
        )
    return CustomFile(path=path, studies=studies, spaces=spaces)
