"""Addresses of tracking stores: where they lead, and what is there."""

import sqlite3
from pathlib import Path

import pytest

from soundproof.common.tracking_stores import sqlite_file, sqlite_uri, why_missing


@pytest.mark.parametrize(
    ("uri", "file"),
    [
        ("sqlite:////data/my store/mlflow.db", "/data/my store/mlflow.db"),
        ("sqlite:///mlflow.db", "mlflow.db"),
        ("sqlite+pysqlite:////data/mlflow.db?timeout=30", "/data/mlflow.db"),
        ("sqlite:////data/a%20b/50%/mlflow.db", "/data/a b/50%/mlflow.db"),
        ("sqlite://afile", None),
        ("postgresql://host/sqlite:///x", None),
    ],
)
def test_an_address_leads_to_its_file(uri: str, file: str | None) -> None:
    """With or without a driver, without settings, and with escapes read."""
    assert sqlite_file(uri) == (None if file is None else Path(file))


def test_only_a_database_may_be_a_store(tmp_path: Path) -> None:
    """What else lies there is named, and what is no file is left to MLflow."""
    file = tmp_path / "mlflow.db"
    uri = sqlite_uri(file)
    assert "found no such file: run a study first" in str(why_missing(uri))
    file.touch()
    assert "found a file that is no database" in str(why_missing(uri))
    assert "found what cannot be read (Is a directory)" in str(why_missing(sqlite_uri(tmp_path)))
    assert "found no such file" in str(why_missing("sqlite:////a%00b"))
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE experiments (name TEXT)")
    connection.close()
    assert why_missing(uri) is None
    assert why_missing("http://localhost:5000") is None
