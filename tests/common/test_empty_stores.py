"""Stores that are copied instead of made: the same as MLflow makes, each with a place of its own."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from mlflow import MlflowClient

from soundproof.common.empty_stores import copy_to, keep, kept_store
from soundproof.common.tracking_stores import opening, sqlite_uri


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that nothing was put into yet, and a current folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _made(file: Path) -> MlflowClient:
    with opening(sqlite_uri(file)):
        return MlflowClient(sqlite_uri(file))


def _schema(file: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(file)) as store:
        kinds = store.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        return [*kinds, *store.execute("SELECT version_num FROM alembic_version").fetchall()]


def test_the_second_store_is_a_copy_of_what_mlflow_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same tables; runs of neither; the first experiment is where the second store was made."""
    first = _made(home / "first.db")
    kept = kept_store()
    assert kept is not None
    assert kept.parent == home / "cache" / "soundproof"
    first.create_run(first.create_experiment("mine"))
    (home / "elsewhere").mkdir()
    monkeypatch.chdir(home / "elsewhere")
    copy_to(home / "second.db")
    assert _schema(home / "second.db") == _schema(home / "first.db")
    second = _made(home / "second.db")
    assert [experiment.name for experiment in second.search_experiments()] == ["Default"]
    assert second.get_experiment("0").artifact_location.startswith(str(home / "elsewhere"))
    assert second.search_runs(["0"]) == []
    modes = {stat.S_IMODE((home / name).stat().st_mode) for name in ("first.db", "second.db")}
    assert len(modes) == 1
    assert sorted(path.name for path in home.glob("*.db")) == ["first.db", "second.db"]


@pytest.mark.parametrize("kept_as", ["nothing", "no database", "a store with runs", "a folder"])
def test_what_is_kept_wrong_is_left_alone(home: Path, kept_as: str) -> None:
    """MLflow makes the tables then, as if nothing were kept."""
    kept = kept_store()
    assert kept is not None
    kept.parent.mkdir(parents=True)
    if kept_as == "no database":
        kept.write_bytes(b"SQLite format 3\x00" + bytes(200))
    elif kept_as == "a store with runs":
        with closing(sqlite3.connect(kept)) as store:
            store.execute("CREATE TABLE experiments (name TEXT)")
            store.execute("CREATE TABLE alembic_version (version_num TEXT)")
            store.execute("INSERT INTO experiments VALUES ('one')")
            store.commit()
    elif kept_as == "a folder":
        kept.mkdir()
    copy_to(home / "store.db")
    assert not (home / "store.db").exists()


def test_a_store_that_is_there_is_never_replaced(home: Path) -> None:
    """Whatever is in it; and what is no store is never kept."""
    _made(home / "first.db")
    (home / "other.db").write_text("something of somebody's")
    copy_to(home / "other.db")
    assert (home / "other.db").read_text() == "something of somebody's"
    kept = kept_store()
    assert kept is not None
    kept.unlink()
    keep(home / "other.db")
    assert not kept.exists()


def test_without_a_home_nothing_is_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is complained of: so it is in containers."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    _made(home / "first.db")
    kept = kept_store()
    assert kept is not None
    assert not kept.exists()
