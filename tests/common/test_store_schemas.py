"""A store of another MLflow is read without being changed, and written to by nobody who was not told."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient
from older_schemas import as_older

from soundproof.analysis.records.finding import reading
from soundproof.common.store_schemas import SchemaError, before_writing, foreign, to_read
from soundproof.common.tracking_stores import sqlite_uri


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of an older MLflow with a run that has a tag and a file."""
    folder = tmp_path_factory.mktemp("older")
    file = folder / "mlflow.db"
    client = MlflowClient(sqlite_uri(file))
    experiment = client.create_experiment("study", str(folder / "artifacts" / "study"))
    run = client.create_run(experiment, tags={"soundproof.kind": "study"})
    client.log_text(run.info.run_id, "kept", "note.txt")
    assert foreign(file) is None
    assert to_read(sqlite_uri(file)) == sqlite_uri(file)
    as_older(file)
    return file


def test_reading_changes_nothing(older: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a report reads is a copy, made once, beside which the files lie; the store stays as it is, to the byte."""
    before, names = older.read_bytes(), sorted(os.listdir(older.parent))
    assert foreign(older) == "older"
    with reading(sqlite_uri(older)) as client:
        found = client.get_experiment_by_name("study")
        assert found is not None
        (run,) = client.search_runs([found.experiment_id])
        assert run.data.tags["soundproof.kind"] == "study"
    copy = to_read(sqlite_uri(older))
    assert copy != sqlite_uri(older)
    assert to_read(sqlite_uri(older)) == copy
    assert (Path(copy.removeprefix("sqlite:///")).parent / "artifacts" / "study").is_dir()
    assert caplog.text.count("a copy of it is read") == 1
    assert older.read_bytes() == before
    assert sorted(os.listdir(older.parent)) == names


def test_writing_says_how_to_keep_a_copy(older: Path) -> None:
    """The error has the two commands; nothing is touched."""
    before = older.read_bytes()
    with pytest.raises(
        SchemaError, match=rf"cp {older} {older}\.before\n  mlflow db upgrade sqlite:///{older}"
    ) as raised:
        before_writing(sqlite_uri(older))
    assert "for good" in str(raised.value)
    assert older.read_bytes() == before


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    """To read and to write alike: what is in it, this MLflow does not know."""
    file = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('0123456789ab')")
    assert foreign(file) == "newer"
    for use in (before_writing, to_read):
        with pytest.raises(SchemaError, match="made by a newer MLflow than the one here"):
            use(sqlite_uri(file))


def test_what_is_no_store_is_left_to_mlflow(tmp_path: Path) -> None:
    """A file of text, a file that is not there, a server."""
    (tmp_path / "text.db").write_text("no database")
    for name in ("text.db", "none.db"):
        assert foreign(tmp_path / name) is None
        assert to_read(sqlite_uri(tmp_path / name)) == sqlite_uri(tmp_path / name)
    assert to_read("http://127.0.0.1:1") == "http://127.0.0.1:1"
