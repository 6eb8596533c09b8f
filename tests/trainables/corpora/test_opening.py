"""Corpora by name: what the record calls them."""

from pathlib import Path

import pytest

from soundproof.trainables.corpora import parse_corpus


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("synthetic-speech", "synthetic-speech"),
        ("esc10:data/ESC-50-master", "esc10"),
        ("manifest:calls/all.v2.jsonl", "manifest-all.v2"),
        ("manifest:data/train_corpus.json+data/valid_corpus.json", "manifest-train_corpus+valid_corpus"),
        ("folder:data/voices", "folder-voices"),
        ("folder:voices/", "folder-voices"),
        ("folder:voices.v1", "folder-voices.v1"),
        ("folder:voices.v2", "folder-voices.v2"),
        ("folder:voices/../my birds", "folder-my birds"),
        ("folder:My Clips", "folder-My Clips"),
        ("folder:ann's", "folder-ann's"),
        ("folder:/", "folder"),
    ],
)
def test_a_label_tells_corpora_apart(text: str, label: str) -> None:
    """A manifest goes by its file's name without the ending; a folder's name has no ending, only dots."""
    assert parse_corpus(text).label == label


@pytest.mark.parametrize(("text", "label"), [("folder:.", "folder-birds"), ("folder:calls/..", "folder-birds")])
def test_a_relative_folder_has_the_name_that_it_has_elsewhere(
    text: str, label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dots in place of a name stand for a folder that has one."""
    (tmp_path / "birds" / "calls").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "birds")
    assert parse_corpus(text).label == label


@pytest.mark.parametrize("kind", ["folder", "manifest"])
@pytest.mark.parametrize("name", ['ann\'s "own" clips', "x" * 240, "音" * 80, "clips\udcff"])
def test_a_label_may_stand_in_the_record_and_in_names_of_files(kind: str, name: str) -> None:
    """What cannot is changed as little as may be, and the labels of two places stay apart."""
    label, other = parse_corpus(f"{kind}:{name}").label, parse_corpus(f"{kind}:{name}2").label
    assert label.startswith(f"{kind}-{name[:5]}")
    assert len(label.encode()) <= 60
    assert not {"'", '"'} <= set(label)
    assert label != other
