"""Records of storages that were copied or moved lead to their own files."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from soundproof.common.artifact_places import place_of, settle


def _storage(root: Path, study: str = "study") -> Path:
    """A storage with one experiment, a run that left a file and one that left none; MLflow's columns alone."""
    files = root / "artifacts" / study / "run1" / "artifacts"
    files.mkdir(parents=True)
    (files / "trial.json").write_text(str(root))
    (root / "locks").mkdir()
    with closing(sqlite3.connect(root / "mlflow.db")) as database, database:
        database.executescript(
            "CREATE TABLE experiments (experiment_id INTEGER, artifact_location TEXT);"
            "CREATE TABLE runs (run_uuid TEXT, artifact_uri TEXT);"
        )
        database.execute("INSERT INTO experiments VALUES (0, '/elsewhere/mlruns/0')")
        database.execute("INSERT INTO experiments VALUES (1, ?)", [str(root / "artifacts" / study)])
        for run in ("run1", "run2"):
            place = root / "artifacts" / study / run / "artifacts"
            database.execute("INSERT INTO runs VALUES (?, ?)", [run, str(place)])
    return root


def _said(root: Path) -> list[str]:
    with closing(sqlite3.connect(root / "mlflow.db")) as database:
        rows = [
            *database.execute("SELECT artifact_location FROM experiments"),
            *database.execute("SELECT artifact_uri FROM runs"),
        ]
    return [place for (place,) in rows]


def _uri(root: Path) -> str:
    return f"sqlite:///{root / 'mlflow.db'}"


@pytest.mark.parametrize("study", ["study", "of/artifacts/of"])
@pytest.mark.parametrize("original_is_there", [True, False])
def test_a_copy_leads_to_its_own_files(tmp_path: Path, study: str, original_is_there: bool) -> None:
    """Reading finds them at once, and changes nothing; set right, every place of ours is below the copy."""
    original = _storage(tmp_path / "artifacts" / "original", study)
    copy = tmp_path / "copy"
    shutil.copytree(original, copy)
    if not original_is_there:
        shutil.rmtree(original)
    said = _said(copy)
    found = Path(place_of(_uri(copy), said[2]))
    assert found == copy / "artifacts" / study / "run1" / "artifacts"
    assert (found / "trial.json").is_file()
    assert _said(copy) == said
    before = _said(original) if original_is_there else None

    assert settle(_uri(copy)) == 3
    mine = copy / "artifacts" / study
    runs = [str(mine / run / "artifacts") for run in ("run1", "run2")]
    assert _said(copy) == ["/elsewhere/mlruns/0", str(mine), *runs]
    assert settle(_uri(copy)) == 0
    if before is not None:
        assert _said(original) == before


def test_a_record_without_its_files_keeps_those_of_the_original(tmp_path: Path) -> None:
    """Only the database was copied: its runs are read where they are, and new ones are written beside it."""
    original = _storage(tmp_path / "original")
    copy = tmp_path / "copy"
    (copy / "locks").mkdir(parents=True)
    shutil.copy(original / "mlflow.db", copy)
    assert place_of(_uri(copy), _said(copy)[2]) == _said(original)[2]
    settle(_uri(copy))
    assert _said(copy)[1] == str(copy / "artifacts" / "study")
    assert _said(copy)[2] == _said(original)[2]


def test_another_name_of_the_same_folder_is_no_other_place(tmp_path: Path) -> None:
    """A link, as other nodes may have one, is followed: who writes changes nothing."""
    storage = _storage(tmp_path / "storage")
    (tmp_path / "link").symlink_to(storage)
    before = _said(storage)
    assert settle(_uri(tmp_path / "link")) == 0
    assert _said(storage) == before


def test_stores_that_are_no_storage_are_left_alone(tmp_path: Path) -> None:
    """A database with files elsewhere, as a user wanted it; a server; no store at all."""
    storage = _storage(tmp_path / "original")
    shutil.copy(storage / "mlflow.db", tmp_path / "other.db")
    assert settle(f"sqlite:///{tmp_path / 'other.db'}") == 0
    assert settle("http://127.0.0.1:5000") == 0
    assert settle(f"sqlite:///{tmp_path / 'none.db'}") == 0
    assert not (tmp_path / "none.db").exists()
    assert place_of("http://127.0.0.1:5000", "/a/artifacts/b") == "/a/artifacts/b"
    assert (
        place_of(_uri(storage), "s3://bucket/artifacts/study/run1/artifacts")
        == "s3://bucket/artifacts/study/run1/artifacts"
    )


def test_no_place_leads_out_of_the_storage(tmp_path: Path) -> None:
    """Whoever wrote the record cannot make a copy read or write elsewhere by dots."""
    storage = _storage(tmp_path / "original")
    (tmp_path / "secret").mkdir()
    place = "/nowhere/artifacts/../../secret"
    assert place_of(_uri(storage), place) == place
