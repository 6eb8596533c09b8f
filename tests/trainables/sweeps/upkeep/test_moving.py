"""A storage moved: all of it, the same, and told where it is; or nothing at all."""

import fcntl
import hashlib
import os
from pathlib import Path

import pytest
from mlflow import MlflowClient
from small_storages import make_storage

from soundproof.api.checking import check_storage, move_storage
from soundproof.common import record
from soundproof.trainables.sweeps.storage import Storage, StorageError
from soundproof.trainables.sweeps.upkeep import moving


def _files(root: Path) -> dict[str, str]:
    """The digest of every file but the database."""
    files = (path for path in root.rglob("*") if path.is_file() and path.name != "mlflow.db")
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_all_of_it_is_moved(tmp_path: Path) -> None:
    """Every file, the record with its places, links; and what refuses to move it leaves it as it was."""
    storage, runs = make_storage(tmp_path / "old")
    (storage.root / "link").symlink_to("features")
    before = _files(storage.root)
    taken, new = tmp_path / "taken", tmp_path / "disk" / "new"
    taken.mkdir()
    (taken / "something").touch()
    for place, why in ((taken, "where something is"), (storage.root / "in", "outside of"), (tmp_path, "outside of")):
        with pytest.raises(StorageError, match=why):
            move_storage(storage.root, place)
    with pytest.raises(StorageError, match="address"):
        move_storage(storage.root, tmp_path / "a?b")
    with (storage.root / "locks" / "study.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(StorageError, match="study is running on it"):
            move_storage(storage.root, new)
    assert _files(storage.root) == before

    assert move_storage(storage.root, new) == new
    assert not storage.root.exists()
    assert os.listdir(new.parent) == ["new"]
    assert _files(new) == before
    assert (new / "link").readlink() == Path("features")
    assert check_storage(new).findings == []
    client = MlflowClient(Storage(root=new).tracking_uri)
    assert client.get_run(runs["trial"]).info.artifact_uri.startswith(str(new))
    downloaded = client.download_artifacts(runs["trial"], record.TRIAL_ARTIFACT, str(tmp_path))
    assert Path(downloaded).read_text() == "{}"


def test_a_disk_that_writes_something_else_moves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is read back; the original stays, and no half of a copy."""
    root = tmp_path / "old"
    (root / "locks").mkdir(parents=True)
    (root / "features").mkdir()
    (root / "features" / "frames.npy").write_bytes(b"numbers")
    written = moving.shutil.copystat

    def damage(old: Path, new: Path) -> None:
        written(old, new)
        new.write_bytes(b"another")

    monkeypatch.setattr(moving.shutil, "copystat", damage)
    with pytest.raises(StorageError, match="the disk is at fault"):
        move_storage(root, tmp_path / "new")
    assert sorted(os.listdir(tmp_path)) == ["old"]
    assert (root / "features" / "frames.npy").read_bytes() == b"numbers"
