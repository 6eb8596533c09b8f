"""Studies from Python: what may be said of them. That they run is tested as the page of notebooks has it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from command_line.notebooks import ShownReport, run_study
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


def test_a_shown_report_may_open_the_links_to_its_runs(tmp_path: Path) -> None:
    """They open in tabs of their own, which a frame must be allowed; its scripts stay apart from the notebook's."""
    page = tmp_path / "report.html"
    page.write_text('<a href="http://127.0.0.1:5000/#/runs/one" target="_blank">one</a>', encoding="utf-8")
    shown = ShownReport(made=SimpleNamespace(), page=page)._repr_html_()
    allowed = re.search('sandbox="([^"]*)"', shown)
    assert allowed is not None
    assert set(allowed[1].split()) == {"allow-scripts", "allow-popups", "allow-popups-to-escape-sandbox"}
