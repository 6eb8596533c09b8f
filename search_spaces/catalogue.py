"""Finding a declared study or search space by its id."""

from __future__ import annotations

import difflib

from search_spaces.documented import STUDIES
from search_spaces.errors import UserError
from search_spaces.open_spaces import SPACES
from search_spaces.spaces import SearchSpace
from search_spaces.studies import Study


class UnknownNameError(UserError):
    """A name that nothing answers to. The message gives the nearest ones."""


def find_study(study_id: str) -> Study:
    """The study of that id. Raises `UnknownNameError` with the nearest id."""
    for study in STUDIES:
        if study.id == study_id:
            return study
    raise unknown_name("study", study_id, [study.id for study in STUDIES])


def find_space(space_id: str) -> SearchSpace:
    """The search space of that id. Raises `UnknownNameError` with the nearest id."""
    for space in SPACES:
        if space.id == space_id:
            return space
    raise unknown_name("search space", space_id, [space.id for space in SPACES])


def unknown_name(kind: str, name: str, known: list[str]) -> UnknownNameError:
    """An error that names the nearest of `known`, or all of them when none is near."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else "known: " + ", ".join(sorted(known))
    return UnknownNameError(f"no {kind} is called {name!r}: {hint}")
