"""Finding a declared study or search space by its id."""

import difflib
from collections.abc import Iterable, Sequence
from typing import TypeVar

from soundproof.common.errors import UserError
from soundproof.search_spaces.documented import STUDIES
from soundproof.search_spaces.open_spaces import SPACES
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import Study

_added_studies: list[Study] = []
_added_spaces: list[SearchSpace] = []


class UnknownNameError(UserError):
    """A name that nothing answers to. The message gives the nearest ones."""


def find_study(study_id: str) -> Study:
    """The study of an id.

    Arguments:
        study_id: As `list` shows it, or that of a study of a loaded file.

    Returns:
        The study, at its documented size.

    Raises:
        UnknownNameError: No study has that id; it names the nearest one.

    >>> find_study("asr-merge-mode").baseline
    'asr-rnn-depth-without-cnn/01'
    """
    known = {study.id: study for study in all_studies()}
    return known[choose_name("study", study_id, [*known])]


def find_space(space_id: str) -> SearchSpace:
    """The search space of an id.

    Arguments:
        space_id: As `list` shows it, or that of a space of a loaded file.

    Returns:
        The space, at its documented size.

    Raises:
        UnknownNameError: No space has that id; it names the nearest one.

    >>> find_space("speech-recipe").metric
    'best/validation/loss'
    """
    known = {space.id: space for space in all_spaces()}
    return known[choose_name("search space", space_id, [*known])]


def all_studies() -> tuple[Study, ...]:
    """The declared studies, and those that were added."""
    return (*STUDIES, *_added_studies)


def all_spaces() -> tuple[SearchSpace, ...]:
    """The declared search spaces, and those that were added."""
    return (*SPACES, *_added_spaces)


def add(studies: Iterable[Study], spaces: Iterable[SearchSpace]) -> None:
    """Make a user's own studies and spaces known to this process. Raises `UserError` where an id is taken."""
    for study in studies:
        if _is_new(study):
            _added_studies.append(study)
    for space in spaces:
        if _is_new(space):
            _added_spaces.append(space)


def _is_new(declared: Study | SearchSpace) -> bool:
    known: list[Study | SearchSpace] = [*all_studies(), *all_spaces()]
    taken = next((other for other in known if other.id == declared.id), None)
    if taken is not None and taken != declared:
        raise UserError(f"the id {declared.id!r} is taken by another study or space: choose another one in your file")
    return taken is None


def added_ids() -> list[str]:
    """Ids of what was added."""
    return [study.id for study in _added_studies] + [space.id for space in _added_spaces]


Name = TypeVar("Name", bound=str)


_IN_FILES = frozenset({"study", "search space", "study or search space"})
"""What a user may have declared in a file."""


def choose_name(kind: str, name: str, known: Sequence[Name]) -> Name:
    """The one of the `known` names that `name` is; `kind` says of what. Raises `UnknownNameError`."""
    for found in known:
        if found == name:
            return found
    raise unknown_name(kind, name, [*known])


def unknown_name(kind: str, name: str, known: list[str]) -> UnknownNameError:
    """An error that names the nearest of `known`, or all of them when none is near."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(sorted(known))
    if kind in _IN_FILES:
        hint += " One of your own is named by its file: --file FILE"
    return UnknownNameError(f"no {kind} is called {name!r}: {hint}")
