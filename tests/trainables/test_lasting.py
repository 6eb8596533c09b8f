"""What is there after the power has gone."""

import errno
import os
from pathlib import Path

import pytest

from soundproof.trainables.lasting import rename_lasting


def _made(place: Path) -> Path:
    unfinished = place / "unfinished"
    (unfinished / "record").mkdir(parents=True)
    (unfinished / "outcome").write_text("1")
    (unfinished / "record" / "weights").write_text("2")
    return unfinished


def test_all_is_on_the_disk_before_the_name_and_then_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files and folders are written through in any order, the folder that has the name afterwards."""
    written = []

    def fsync(handle: int) -> None:
        written.append(Path(os.readlink(f"/proc/self/fd/{handle}")).relative_to(tmp_path).as_posix())

    monkeypatch.setattr(os, "fsync", fsync)
    rename_lasting(_made(tmp_path), tmp_path / "made")
    before = {"unfinished", "unfinished/outcome", "unfinished/record", "unfinished/record/weights"}
    assert (set(written[:-1]), written[-1]) == (before, ".")
    assert (tmp_path / "made/record/weights").read_text() == "2"


def test_a_disk_that_does_not_take_it_gives_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems say only now that they are full. Others do not write folders through, which is no error."""

    def fsync(_: int) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(os, "fsync", fsync)
    unfinished, reason = _made(tmp_path), errno.ENOSPC
    with pytest.raises(OSError, match="No space left"):
        rename_lasting(unfinished, tmp_path / "made")
    assert not (tmp_path / "made").exists()
    reason = errno.EINVAL
    rename_lasting(unfinished, tmp_path / "made")
    assert (tmp_path / "made").is_dir()
