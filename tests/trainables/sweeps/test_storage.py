"""The storage: what cannot be one is refused before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import make_url

from trainables.sweeps.storage import Storage, StorageError


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
