"""Where libraries keep what they make, when neither the installation nor a home can be written to."""

import os
from pathlib import Path

import pytest

from soundproof.common import library_caches
from soundproof.common.library_caches import settle_library_caches

NAMES = ("NUMBA_CACHE_DIR", "MPLCONFIGDIR")


@pytest.fixture(autouse=True)
def nothing_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither home nor installation: files are in the place of their folders, which stops root too."""
    (tmp_path / "home").touch()
    monkeypatch.setattr(library_caches, "_COMPILED_FROM", tmp_path / "home" / "__pycache__")
    for name in (*NAMES, "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_they_lie_below_the_storage(tmp_path: Path) -> None:
    """Those named before as a makeshift too, so that the next command finds what this one has compiled."""
    settle_library_caches()
    makeshift = [os.environ[name] for name in NAMES]
    assert all(Path(place).is_dir() for place in makeshift)
    settle_library_caches(tmp_path / "store")
    assert [os.environ[name] for name in NAMES] == [
        str(tmp_path / "store" / name) for name in ("numba", "mplconfigdir")
    ]


def test_what_the_user_has_named_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it can be written to or not."""
    for name in NAMES:
        monkeypatch.setenv(name, "/user's")
    settle_library_caches(tmp_path / "store")
    assert [os.environ[name] for name in NAMES] == ["/user's", "/user's"]


def test_a_home_that_takes_files_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the libraries themselves: nothing is named to them."""
    monkeypatch.setenv("HOME", str(tmp_path / "other"))
    settle_library_caches(tmp_path / "store")
    assert [os.environ[name] for name in NAMES] == ["", ""]


def test_no_home_at_all_is_no_folder_called_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `~` stands for nothing, no folder of that name is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(library_caches.os.path, "expanduser", lambda path: path)
    settle_library_caches(tmp_path / "store")
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "store" / "numba")
    assert not (tmp_path / "~").exists()
