"""What a run says before it trains."""

from pathlib import Path

import pytest

from soundproof.api import RunOptions
from soundproof.api.running import say_what_it_takes
from soundproof.api.session import Session
from soundproof.search_spaces import find_study

STUDY = find_study("sound-augmentation")


@pytest.mark.parametrize(("preset", "said"), [("quick", True), ("smoke", False)])
def test_a_run_begins_with_what_it_would_take(
    preset: str, said: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard error, by the table as long as nothing is recorded; not at smoke, which decides nothing."""
    options = RunOptions(preset=preset, storage=tmp_path)
    say_what_it_takes(STUDY, Session.prepare(STUDY.domain, options), margin=0.02)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert ("with which half of such studies decide, 4 claims together at 5%" in printed.err) == said
    assert ("from the table that comes with Soundproof" in printed.err) == said
    assert not list(tmp_path.iterdir())  # asking makes no store
