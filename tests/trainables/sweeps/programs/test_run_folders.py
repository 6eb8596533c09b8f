"""Folders of runs: names that are safe and differ, and outcomes that are there whole or not at all."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.trainables.sweeps.programs.run_folders import Outcome, RunFolder, outcomes_below


@given(st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True))
def test_folders_lie_below_the_root_and_differ(variants: list[str]) -> None:
    """Whatever variants are called: slashes, dots, long names, other alphabets."""
    root = Path("/store/runs")
    folders = [RunFolder.of(root, variant, 0).path for variant in variants]
    assert len(set(folders)) == 2
    for folder in folders:
        assert folder.parent.parent == root
        assert folder.parent.name not in ("", ".", "..")
        assert len(folder.parent.name) < 100


def test_an_outcome_is_kept_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    """In the order of ends; half a file, and a status that nobody knows, are no outcomes."""
    outcomes = [
        Outcome(
            variant=variant,
            seed=1,
            status="completed",
            value=0.5,
            reason=None,
            seconds=None,
            ended_at_milliseconds=moment,
        )
        for moment, variant in ((2, "b"), (1, "a/../x"))
    ]
    for outcome in outcomes:
        folder = RunFolder.of(tmp_path, outcome.variant, outcome.seed)
        folder.forget()
        folder.conclude(outcome)
    for name, text in (("half", '{"variant": "c"'), ("odd", '{"variant": "c", "status": "sleepy"}')):
        folder = RunFolder.of(tmp_path, name, 0)
        folder.forget()
        (folder.path / "outcome.json").write_text(text)
    assert outcomes_below(tmp_path) == outcomes[::-1]
    folder = RunFolder.of(tmp_path, "b", 1)
    (folder.path / "checkpoint.pt").write_text("the program's own")
    folder.forget()
    assert folder.outcome is None
    assert (folder.path / "checkpoint.pt").exists()


def test_an_outcome_with_another_value_counts_for_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is said; one that an earlier version wrote has no digest, and is believed."""
    folder = RunFolder.of(tmp_path, "a", 0)
    outcome = Outcome(
        variant="a", seed=0, status="completed", value=0.25, reason=None, seconds=1.5, ended_at_milliseconds=1
    )
    folder.conclude(outcome)
    assert folder.outcome == outcome
    path = folder.path / "outcome.json"
    written = json.loads(path.read_text())
    path.write_text(json.dumps(written | {"value": 0.75}))
    assert folder.outcome is None
    assert f"{path} is not what was written there" in caplog.messages[0]
    del written["sha256"]
    path.write_text(json.dumps(written))
    assert folder.outcome == outcome
