"""What `check` finds in a storage, what it repairs, and what it leaves alone."""

import fcntl
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient
from small_storages import add_features, make_storage

from soundproof.api.checking import StoreCheck, check_storage
from soundproof.common import record
from soundproof.common.digests import seal
from soundproof.trainables.sweeps.storage import Storage, StorageError


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Storage, dict[str, str]]:
    """A storage in which nothing is wrong, for tests that change a copy."""
    return make_storage(tmp_path_factory.mktemp("sound") / "store")


@pytest.fixture
def copied(sound: tuple[Storage, dict[str, str]], tmp_path: Path) -> tuple[Storage, dict[str, str]]:
    """A copy of it, told where it lies."""
    storage, runs = sound
    shutil.copytree(storage.root, tmp_path / "store")
    check_storage(tmp_path / "store", repair=True)
    return Storage(root=tmp_path / "store"), runs


def _found(check: StoreCheck) -> list[tuple[str, bool]]:
    """Kinds, and whether each can be repaired."""
    return [(finding.kind, finding.repair is not None) for finding in check.findings]


def _change(storage: Storage, change: str, *values: str) -> None:
    with closing(sqlite3.connect(storage.root / "mlflow.db")) as database, database:
        assert database.execute(change, values).rowcount == 1


def test_nothing_is_found_where_nothing_is_wrong(sound: tuple[Storage, dict[str, str]]) -> None:
    """And nothing is written by looking."""
    storage, _ = sound
    before = {path: path.stat().st_mtime_ns for path in storage.root.rglob("*")}
    assert check_storage(storage.root).findings == []
    assert check_storage(storage.root).plain() == {"storage": str(storage.root), "findings": [], "left": 0}
    assert {path: path.stat().st_mtime_ns for path in storage.root.rglob("*")} == before


def test_a_copy_is_told_where_it_lies(sound: tuple[Storage, dict[str, str]], tmp_path: Path) -> None:
    """The finding names the place it was copied from; the original stays as it is."""
    storage, runs = sound
    shutil.copytree(storage.root, tmp_path / "copy")
    (finding,) = check_storage(tmp_path / "copy").findings
    assert finding.kind == "place"
    assert f"below {storage.root}," in finding.what
    assert check_storage(tmp_path / "copy", repair=True).left == 0
    assert check_storage(tmp_path / "copy").findings == []
    place = MlflowClient(Storage(root=tmp_path / "copy").tracking_uri).get_run(runs["trial"]).info.artifact_uri
    assert place == str(tmp_path / "copy" / "artifacts" / "study" / runs["trial"] / "artifacts")
    assert check_storage(storage.root).findings == []


def test_files_of_trials_are_compared_and_never_removed(copied: tuple[Storage, dict[str, str]]) -> None:
    """One that is another and one that is gone are named with their run; a repair does nothing about either."""
    storage, runs = copied
    files = storage.artifacts / "study" / runs["trial"] / "artifacts"
    (files / record.PREDICTIONS_ARTIFACT).write_text("{}")
    (check,) = check_storage(storage.root, repair=True).findings
    assert (check.kind, check.repair) == ("artifact", None)
    assert runs["trial"] in check.what
    (files / record.TRIAL_ARTIFACT).unlink()
    found = check_storage(storage.root, repair=True)
    assert _found(found) == [("trial", False), ("artifact", False)]
    assert found.left == 2
    assert (files / record.PREDICTIONS_ARTIFACT).read_text() == "{}"


def test_runs_that_a_dead_program_left_are_closed(copied: tuple[Storage, dict[str, str]]) -> None:
    """Unless something runs on the storage, or somebody elsewhere has said that it writes there."""
    storage, runs = copied
    _change(storage, "UPDATE runs SET status = 'RUNNING' WHERE run_uuid = ?", runs["parent"])
    with (storage.root / "locks" / "study.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert check_storage(storage.root).findings == []
    assert _found(check_storage(storage.root)) == [("run", True)]
    with (storage.root / "locks" / "study.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert check_storage(storage.root, repair=True).findings == []
    assert check_storage(storage.root, repair=True).left == 0
    client = MlflowClient(storage.tracking_uri)
    assert client.get_run(runs["parent"]).info.status == "KILLED"
    assert check_storage(storage.root).findings == []


def test_runs_without_a_trial_or_a_study_are_named(copied: tuple[Storage, dict[str, str]]) -> None:
    """A variant that is infeasible needs no trial; a deleted parent hides what is below it."""
    storage, runs = copied
    _change(storage, "DELETE FROM tags WHERE key = ? AND run_uuid = ?", record.TRIAL_ID, runs["trial"])
    assert _found(check_storage(storage.root)) == [("run", False)]
    _change(storage, "UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = ?", runs["parent"])
    found = check_storage(storage.root).findings
    assert [finding.kind for finding in found] == ["run", "run", "run"]
    assert f"mlflow runs restore --run-id {runs['parent']}" in found[-1].remedy


def test_what_is_made_again_is_removed(copied: tuple[Storage, dict[str, str]]) -> None:
    """Damaged features, what was never finished, damaged checkpoints; features that are whole stay."""
    storage, runs = copied
    whole, damaged = add_features(storage, "a-b-2"), add_features(storage, "c-d-2")
    (damaged / "index.json").write_text("{}")
    (storage.features / ".unfinished-1").mkdir()
    (storage.outbox("study") / ".unreadable-1").mkdir()
    checkpoint = storage.checkpoints("study") / "0123456789abcdef" / "3"
    checkpoint.mkdir(parents=True)
    (checkpoint / "state.json").write_text("1")
    seal(checkpoint)
    (checkpoint / "state.json").write_text("2")
    assert _found(check_storage(storage.root)) == [("features", True), *[("leftover", True)] * 3]
    assert check_storage(storage.root, repair=True).left == 0
    assert (whole.is_dir(), damaged.exists(), checkpoint.exists()) == (True, False, False)
    assert check_storage(storage.root).findings == []
    assert (storage.artifacts / "study" / runs["trial"]).is_dir()


def test_results_on_their_way_and_files_of_no_run_are_only_named(copied: tuple[Storage, dict[str, str]]) -> None:
    """Nothing that was trained is ever removed."""
    storage, _ = copied
    for name in ("one", "two"):
        folder = storage.outbox("study") / name
        folder.mkdir()
        (folder / "outcome.json").write_text("{}")
        seal(folder)
    (storage.outbox("study") / "two" / "outcome.json").write_text("[]")
    stray = storage.artifacts / "study" / ("0" * 32)
    stray.mkdir()
    found = check_storage(storage.root, repair=True)
    assert _found(found) == [("leftover", False), ("outbox", False), ("outbox", False)]
    assert "1 finished trial waiting" in found.findings[2].what
    assert stray.is_dir()
    assert (storage.outbox("study") / "two").is_dir()


def test_a_damaged_database_is_said_and_nothing_else_believed(copied: tuple[Storage, dict[str, str]]) -> None:
    """Pages of zeros in its middle."""
    storage, _ = copied
    file = storage.root / "mlflow.db"
    content = bytearray(file.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 65536] = bytes(65536)
    file.write_bytes(content)
    found = check_storage(storage.root, repair=True)
    assert _found(found) == [("database", False)]
    assert file.read_bytes() == content


def test_a_folder_that_is_no_storage_is_refused(tmp_path: Path) -> None:
    """Nothing is made there."""
    with pytest.raises(StorageError, match="found none at"):
        check_storage(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
