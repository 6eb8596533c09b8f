"""Studies from Python: what may be said of them. That they run is tested as the page of notebooks has it."""

from __future__ import annotations

import pytest

from command_line.notebooks import run_study
from search_spaces import find_study
from search_spaces.errors import UserError

STUDY = find_study("asr-merge-mode")


def test_an_unknown_option_is_told_with_those_that_there_are() -> None:
    """As on the command line, before anything is trained."""
    with pytest.raises(UserError, match="no option 'seed', 'epoch'; it has preset, .*seeds"):
        run_study(STUDY, seed=3, epoch=2)


def test_a_wrong_value_is_told() -> None:
    """By the same checks as those of the command line."""
    with pytest.raises(UserError, match="smoke"):
        run_study(STUDY, preset="tiny", storage="anywhere")
