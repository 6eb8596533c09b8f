"""Listings: the same everywhere, without what is hidden."""

import os

import pytest

from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.folder_listing import (
    audio_files,
    files_below,
    printable,
    require_folder,
    storable,
    subfolders,
)


def test_listings_are_sorted_and_pass_over_what_is_hidden(tmp_path):
    """Files by their endings in any case, folders apart from files."""
    for name in ("b.WAV", "a.ogg", ".c.wav", "._d.wav", "notes.txt"):
        (tmp_path / name).touch()
    for name in ("two", "one", ".git", "four.wav"):
        (tmp_path / name).mkdir()
    assert [path.name for path in audio_files(tmp_path)] == ["a.ogg", "b.WAV"]
    assert [path.name for path in subfolders(tmp_path)] == ["four.wav", "one", "two"]


def test_files_below_are_found_once_where_links_go_round(tmp_path):
    """A link to the folder above is not entered for ever; a link to files elsewhere is."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/far.flac").touch()
    (tmp_path / "tree/deep").mkdir(parents=True)
    (tmp_path / "tree/deep/near.wav").touch()
    (tmp_path / "tree/deep/up").symlink_to(tmp_path / "tree")
    (tmp_path / "tree/link").symlink_to(tmp_path / "elsewhere")
    found = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path / "tree")]
    assert found == ["tree/deep/near.wav", "tree/link/far.flac"]


@pytest.mark.parametrize(("name", "found"), [("file", "a file"), ("gone", "nothing there")])
def test_what_is_no_folder_is_named(tmp_path, name, found):
    """The message says what was expected and what is there."""
    (tmp_path / "file").touch()
    with pytest.raises(CorpusError, match=f"{name}: expected clips, got {found}"):
        require_folder(tmp_path / name, "clips")


def test_any_name_can_be_stored_and_printed():
    """Bytes that are no text and control characters come out as something that any store and terminal takes."""
    name = os.fsdecode(b"k\xffnig\n")
    assert storable(name).encode() == b"k\\udcffnig\n"
    assert printable(name) == "k\\udcffnig\\n"
    assert storable("Käfer") == printable("Käfer") == "Käfer"
