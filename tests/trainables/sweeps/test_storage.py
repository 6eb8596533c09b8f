"""The storage: what cannot be one is refused before anything is written."""

import errno
import os
from pathlib import Path

import pytest
from sqlalchemy import make_url

from soundproof.trainables.sweeps.storage import Storage, StorageError


@pytest.mark.parametrize("name", ["exp?1", "a%20b", "a%3fb", "below?/exp"])
def test_a_storage_that_its_record_would_leave_is_refused(name: str, tmp_path: Path) -> None:
    """In a database's address the path ends at a question mark, and escapes stand for characters."""
    with pytest.raises(StorageError, match="--storage expects a folder .*Name another folder") as raised:
        _ = Storage(root=tmp_path / name).tracking_uri
    assert repr(str(tmp_path / name)) in str(raised.value)


@pytest.mark.parametrize("name", ["exp", "my store", "50%", "a%b", "a#1", "a&b=c", "ann's", "größe", "a:b@c", "[1]+2"])
def test_the_address_of_the_store_leads_into_the_storage(name: str, tmp_path: Path) -> None:
    """What MLflow's database layer opens is the file in the storage, whatever that is called."""
    storage = Storage(root=tmp_path / name)
    assert make_url(storage.tracking_uri).database == str(tmp_path / name / "mlflow.db")


def test_a_file_in_the_place_of_the_storage_is_refused(tmp_path: Path) -> None:
    """The message says what was given, and nothing is made of the file."""
    root = tmp_path / "notes.txt"
    root.write_text("mine")
    for storage in (Storage(root=root), Storage(root=root / "below")):
        held = storage.exclusive("sweep")
        with pytest.raises(StorageError, match="expects a folder that can be written to, got .*name another"), held:
            pass
    assert root.read_text() == "mine"


@pytest.mark.parametrize(
    ("code", "remedy"), [(errno.EROFS, r"\(Read-only file system\): name"), (errno.ENOSPC, "free some space, or name")]
)
def test_a_place_that_takes_nothing_is_refused(
    code: int, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that may not be written, or is full, ends with the remedy for it."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(StorageError, match=remedy), Storage(root=tmp_path).exclusive("sweep"):
        pass


def test_a_sweep_that_is_held_is_refused(tmp_path: Path) -> None:
    """Two processes never write the same sweep."""
    storage = Storage(root=tmp_path / "new" / "store")
    with storage.exclusive("sweep"):
        with storage.exclusive("other"):
            pass
        with pytest.raises(StorageError, match="another process is running sweep"), storage.exclusive("sweep"):
            pass
