"""Python files of users, each loaded once under the hash of its text, in whatever process needs it."""

import hashlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from soundproof.common.errors import UserError
from soundproof.common.program import command
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs.canonical import DIGEST_CHARACTERS
from soundproof.search_spaces.specs.custom_networks import CustomClassifier, CustomTranscriber
from soundproof.search_spaces.studies import Study

SOURCE = "__soundproof_source__"
"""Where a loaded module keeps the hash of its text."""

_PREFIX = "soundproof_custom_"
_EXIT = (
    "it calls sys.exit, and a file that is loaded has to run to its end: leave that out, or write it below "
    'if __name__ == "__main__"'
)
_texts: dict[str, tuple[str, str]] = {}
"""Name and text by hash."""


class CustomFileError(UserError):
    """A file of the user's cannot be used. The message says which, why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomFile:
    """What a file declares."""

    path: Path
    studies: tuple[Study, ...]
    spaces: tuple[SearchSpace, ...]


def load_file(path: Path | str) -> CustomFile:
    """Run the Python file at `path`, and take the studies and spaces that it keeps in variables.

    It runs with all rights that the user has, as any Python program does.

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
        text = path.read_text(encoding="utf-8-sig")  # without a byte order mark, as Python reads it
    except (OSError, UnicodeDecodeError) as error:
        raise CustomFileError(f"expected a Python file at {path}, and could not read it: {error}") from error
    module = load_source(text, str(path))
    declared = [value for name, value in vars(module).items() if not name.startswith("_")]
    studies = tuple(dict.fromkeys(value for value in declared if isinstance(value, Study)))
    spaces = tuple(value for value in declared if isinstance(value, SearchSpace))
    if not studies and not spaces:
        raise CustomFileError(
            f"{path} declares no study and no search space: keep one in a variable, as the file that "
            f"`{command('init', 'FILE')}` writes does"
        )
    return CustomFile(path=path, studies=studies, spaces=spaces)


def load_source(text: str, name: str) -> ModuleType:
    """The module of a text, run once in this process; `name` is what tracebacks call it. Raises `CustomFileError`."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]
    known = sys.modules.get(_PREFIX + digest)
    if known is not None:
        return known
    module = ModuleType(_PREFIX + digest)
    vars(module).update({SOURCE: digest, "__file__": name})
    sys.modules[module.__name__] = module  # dataclasses look their module up
    _texts[digest] = (name, text)
    try:
        program = compile(_with_names_of_today(text), name, "exec", dont_inherit=True)
        exec(program, vars(module))  # noqa: S102  # the user's own program, which they named
    except BaseException as error:  # an interrupt too must not leave half a module to be found
        del sys.modules[module.__name__], _texts[digest]
        if isinstance(error, SystemExit):
            raise CustomFileError(f"{name}{_line(error, name)}: {_EXIT}") from error
        if isinstance(error, UserError) or not isinstance(error, Exception):
            raise
        raise CustomFileError(f"{name}{_line(error, name)}: {type(error).__name__}: {error}") from error
    return module


def _with_names_of_today(text: str) -> str:
    """The text as its author would write it now: its hash, by which trials are found that it trained, stays."""
    text = re.sub(r"^(\s*from) search_spaces\.own\b", r"\1 soundproof.search_spaces.custom", text, flags=re.MULTILINE)
    return re.sub(r"^(\s*from) search_spaces\b", r"\1 soundproof.search_spaces", text, flags=re.MULTILINE)


def module_of(digest: str) -> ModuleType:
    """The loaded module whose text has that hash. Raises `CustomFileError` where there is none."""
    module = sys.modules.get(_PREFIX + digest)
    if module is None:
        raise CustomFileError(
            f"the network is from a file whose text has the hash {digest}, and that has not been loaded: name the "
            "file with --file, as it was when the trial was trained"
        )
    return module


def source_of(network: Any) -> tuple[str, str] | None:
    """Name and text of the file that a network's spec is from; None for networks of Soundproof's own."""
    return _texts[network.source] if isinstance(network, CustomClassifier | CustomTranscriber) else None


def _line(error: BaseException, name: str) -> str:
    """Where in the file it happened: `, line 3`."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    traceback, line = error.__traceback__, None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == name:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return "" if line is None else f", line {line}"
