"""Studies from Python: what may be said of them. That they run is tested as the page of notebooks has it."""

import math
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from soundproof import ReportPage, UserError, find_study, run_study

STUDY = find_study("asr-merge-mode")


def test_an_unknown_option_is_told_with_those_that_there_are() -> None:
    """As on the command line, before anything is trained."""
    with pytest.raises(UserError, match="no option 'seed', 'epoch'; it has preset, .*seeds"):
        run_study(STUDY, seed=3, epoch=2)


def test_a_wrong_value_is_told() -> None:
    """By the same checks as those of the command line."""
    with pytest.raises(UserError, match="smoke"):
        run_study(STUDY, preset="tiny", storage="anywhere")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": 0}, "seeds must be a whole number from 1 to 10,000 or None, got 0: leave it out"),
        ({"seeds": "3"}, "seeds must be a whole number .*, got '3'"),
        ({"seeds": True}, "seeds must be a whole number .*, got True"),
        ({"seeds": 2.0}, "seeds must be a whole number .*, got 2.0"),
        ({"until_decided": True, "max_seeds": 0}, "max_seeds must be a whole number from 3 to .*, got 0"),
        ({"until_decided": "no"}, "until_decided must be True or False, got 'no'"),
        ({"epochs": 0}, "epochs must be a whole number from 1 to .*, got 0"),
        ({"max_concurrent": -1}, "max_concurrent must be .*, got -1"),
        ({"epoch_seconds": math.inf}, "epoch_seconds must be a number from 1 to 1,000,000 or None, got inf"),
        ({"cpus_per_trial": math.nan}, "cpus_per_trial must be a number from 0 to 1,000, got nan"),
        ({"storage": None}, "storage must be a path, got None"),
        ({"file": "own.py"}, "reads no file, got file='own.py': .* give load_file"),
    ],
)
def test_what_the_command_line_refuses_is_refused_here(options: dict[str, object], message: str) -> None:
    """By the bounds that are declared with the options, and before a corpus is opened."""
    with pytest.raises(UserError, match=message):
        run_study(STUDY, corpus="no corpus", **options)


@pytest.mark.parametrize("options", [{"epoch_seconds": 90}, {"gpus_per_trial": 0}, {"seeds": 10_000}, {"split": None}])
def test_what_the_command_line_takes_is_taken_here(options: dict[str, object]) -> None:
    """Whole numbers where fractions may be, and None where something may be left out."""
    with pytest.raises(UserError, match="no corpus is called"):
        run_study(STUDY, corpus="no corpus", **options)


def test_a_shown_report_may_open_the_links_to_its_runs(tmp_path: Path) -> None:
    """They open in tabs of their own, which a frame must be allowed; its scripts stay apart from the notebook's."""
    page = tmp_path / "report.html"
    page.write_text('<a href="http://127.0.0.1:5000/#/runs/one" target="_blank">one</a>', encoding="utf-8")
    shown = ReportPage(report=SimpleNamespace(), page=page)._repr_html_()
    allowed = re.search('sandbox="([^"]*)"', shown)
    assert allowed is not None
    assert set(allowed[1].split()) == {"allow-scripts", "allow-popups", "allow-popups-to-escape-sandbox"}
