"""Versions of what trained a trial: written as tags and read back, with the commit of a real checkout."""

import importlib.metadata
import platform
import subprocess
from pathlib import Path

from soundproof.common.provenance import CHANGES, LIBRARIES, Provenance, commit_of, installed


def test_versions_are_those_of_this_environment() -> None:
    """Python and each library, with their names; the tags read back as the same."""
    made = installed()
    versions = dict(made.libraries)
    assert versions.pop("python") == platform.python_version()
    assert versions == {name: importlib.metadata.version(name) for name in LIBRARIES if name != "python"}
    assert Provenance.of(made.tags) == made
    assert f"PyTorch {versions['torch']}, torchaudio {versions['torchaudio']}, Ray {versions['ray']}" in made.text


def test_they_are_found_out_once(monkeypatch) -> None:
    """Every trial of a driver asks: no process is started for the second."""
    made = installed()
    monkeypatch.setattr(subprocess, "run", None)
    assert installed() is made


def test_a_run_may_say_nothing() -> None:
    """Runs of earlier versions name Soundproof's own version alone, or not even that."""
    assert Provenance.of({}).text == "Soundproof of an unrecorded version, libraries whose versions are not recorded"
    assert Provenance.of(Provenance(version="0.1.0").tags) == Provenance(version="0.1.0")


def test_a_commit_says_whether_files_differ(tmp_path: Path) -> None:
    """None without a checkout, then the commit, then the commit with changes."""
    assert commit_of(tmp_path) is None

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init")
    (tmp_path / "code.py").write_text("1")
    git("add", "code.py")
    git("commit", "-m", "one")
    head = git("rev-parse", "HEAD")
    assert commit_of(tmp_path) == head
    (tmp_path / "code.py").write_text("2")
    assert commit_of(tmp_path) == head + CHANGES


def test_what_is_installed_names_the_commit_of_its_checkout() -> None:
    """These tests run in one, unless somebody runs them on an unpacked archive."""
    root = Path(__file__).resolve().parents[2]
    if (root / ".git").exists():
        assert installed().commit == commit_of(root) is not None
