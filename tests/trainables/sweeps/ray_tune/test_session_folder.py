"""Ray's session lies where its sockets have room in a path."""

import os
from pathlib import Path

import pytest

from soundproof.trainables.sweeps.ray_tune import session_folder
from soundproof.trainables.sweeps.ray_tune.session_folder import FolderError, short_folder, what_to_do


def test_a_usual_folder_is_left_to_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made in its place."""
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    monkeypatch.setenv("TMPDIR", "/scratch/user")
    with short_folder() as folder:
        assert folder is None


@pytest.mark.parametrize("name", ["TMPDIR", "RAY_TMPDIR"])
@pytest.mark.parametrize("place", ["/scratch/" + "long" * 15, os.fsdecode(b"/scratch/\xff")])
def test_a_long_one_or_one_that_is_no_text_is_not(monkeypatch: pytest.MonkeyPatch, name: str, place: str) -> None:
    """A folder of ours alone takes its place, short enough for every socket, and is gone at the end."""
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    monkeypatch.setenv(name, place)
    with short_folder() as folder:
        assert folder is not None
        assert Path(folder).stat().st_mode & 0o777 == 0o700
        socket = f"{folder}/session_2026-11-30_16-51-43_313021_4194304/sockets/plasma_store"
        assert len(os.fsencode(socket)) <= session_folder.LONGEST_SOCKET_BYTES
    assert not Path(folder).exists()


def test_where_no_short_folder_can_be_made_the_cause_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of a machine that is too busy."""
    monkeypatch.setenv("RAY_TMPDIR", "/scratch/" + "long" * 15)
    monkeypatch.setattr(session_folder, "_SHORT", ("/nowhere/tmp",))
    with pytest.raises(FolderError, match="too long a path for sockets") as raised, short_folder():
        pass
    assert what_to_do(raised.value) == "Set TMPDIR to a folder with a short name"
    assert what_to_do(OSError("busy")) is None
