"""Addresses of tracking stores: where they lead, and what is there."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from soundproof.common.tracking_stores import lock_of, opening, sqlite_file, sqlite_uri, why_missing


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


_OPEN = """
import sys, time
from pathlib import Path
from mlflow.tracking import MlflowClient
from soundproof.common.tracking_stores import opening
uri, folder, name = sys.argv[1:]
(Path(folder) / name).touch()
while len(list(Path(folder).iterdir())) < 2:
    time.sleep(0.005)
with opening(uri):
    client = MlflowClient(uri)
print(client.create_experiment(name))
"""


@pytest.mark.slow
def test_two_programs_may_make_a_store_at_once(tmp_path: Path) -> None:
    """MLflow's two migrations break each other; the second waits for the first, and finds all tables."""
    ready = tmp_path / "ready"
    ready.mkdir()
    uri = sqlite_uri(tmp_path / "fresh.db")
    commands = [[sys.executable, "-c", _OPEN, uri, str(ready), name] for name in ("first", "second")]
    programs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    assert sorted(program.communicate(timeout=250)[0].strip() for program in programs) == ["1", "2"]


def test_a_store_that_is_being_made_is_waited_for(tmp_path: Path) -> None:
    """Also by who only reads; and where no lock can be had, nobody waits, since nobody makes a store."""
    uri, entered = sqlite_uri(tmp_path / "mlflow.db"), threading.Event()

    def read() -> None:
        with opening(uri, makes=False):
            entered.set()

    with opening(uri):
        reader = threading.Thread(target=read)
        reader.start()
        assert not entered.wait(0.2)
    reader.join()
    assert entered.is_set()
    with opening(sqlite_uri(tmp_path / "nowhere" / "mlflow.db")), opening("http://localhost:5000"):
        pass
    assert not (tmp_path / "nowhere").exists()
    with opening(sqlite_uri(tmp_path / "other.db"), makes=False):
        assert not lock_of(tmp_path / "other.db").exists()
