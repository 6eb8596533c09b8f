"""Recordings that are the same bytes: counted, named, and never on two sides of a split."""

import json
import shutil
from pathlib import Path

import numpy as np
import soundfile

from soundproof.search_spaces.specs import Cut, GroupSplit, ManifestSpeech
from soundproof.trainables.corpora.recorded.class_folders import open_class_folders
from soundproof.trainables.corpora.recorded.clip_files import LabelledClipsCorpus
from soundproof.trainables.corpora.recorded.identical import Copy, identical_remarks, identical_sets, joined_groups
from soundproof.trainables.corpora.recorded.manifest import open_manifest
from soundproof.trainables.training.data.splitting import draw_partitions


def _noise(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.random.default_rng(seed).uniform(-0.5, 0.5, 800), 8000)


def _tree(folder: Path) -> Path:
    """Two classes of six recordings each."""
    for number in range(12):
        _noise(folder / ("cat" if number < 6 else "dog") / f"{number}.wav", number)
    return folder


def _open(folder: Path) -> LabelledClipsCorpus:
    return open_class_folders(folder, Cut(seconds=0.1))


def _copy(name: str, digest: str, *, target: str = "a", speaker: str | None = None, group: str = "") -> Copy:
    return Copy(name=name, target=target, speaker=speaker, group=group or name, digest=digest)


def test_a_corpus_without_copies_is_as_it_was(tmp_path: Path) -> None:
    """The content is that of names, labels and bytes alone, so that trials keep their ids."""
    corpus = _open(_tree(tmp_path))
    assert corpus.remarks == ()
    assert [example.recording for example in corpus.examples] == [example.key for example in corpus.examples]
    assert _open(_tree(tmp_path / "again")).spec == corpus.spec


def test_copies_are_on_one_side_for_every_seed(tmp_path: Path) -> None:
    """A folder unpacked twice; without the joining, copies part for most seeds."""
    folder = _tree(tmp_path)
    shutil.copytree(folder / "cat", folder / "cat" / "copy")
    corpus = _open(folder)
    (remark,) = corpus.remarks
    assert remark.kind == "identical"
    assert "6 recordings of 18 are copies of another" in remark.text
    assert "cat/0.wav = cat/copy/0.wav" in remark.text
    for seed in range(6):
        sides = draw_partitions(corpus.examples, GroupSplit(), seed, by_class=True)
        names = [{Path(corpus.examples[index].key).name for index in side} for side in (sides.train, sides.validation)]
        assert not names[0] & names[1]


def test_copies_of_two_classes_contradict_each_other(tmp_path: Path) -> None:
    """They are counted apart, since one of them is wrong."""
    folder = _tree(tmp_path)
    shutil.copy(folder / "cat" / "0.wav", folder / "dog" / "mislabelled.wav")
    copies, contradicting = _open(folder).remarks
    assert "1 recording of 13 is a copy of another" in copies.text
    assert contradicting.kind == "contradicting"
    assert (
        "1 set of identical recordings is of different classes (cat/0.wav = dog/mislabelled.wav)" in contradicting.text
    )


def test_copies_that_are_most_of_a_class_are_told_of(tmp_path: Path) -> None:
    """No side could hold them, so they stay where they are."""
    folder = _tree(tmp_path)
    for number in range(3):
        _noise(folder / "owl" / f"{number}.wav", 99)
    (remark,) = _open(folder).remarks
    assert "but for 1 set of different speakers, or of more than half of a class: leave copies out" in remark.text


def test_utterances_without_speaker_are_joined_and_others_are_told_of(tmp_path: Path) -> None:
    """Of different speakers copies stay where these are, and the content says that groups changed."""

    def opened(**fields: str) -> tuple[str, list[str], str]:
        lines = [{"audio": f"{number}.wav", "text": "one", **fields} for number in range(4)]
        if fields:
            lines[2]["speaker"] = "other"
        path = tmp_path / "list.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
        corpus = open_manifest(path, ManifestSpeech())
        return corpus.spec.content, [example.recording for example in corpus.examples], corpus.remarks[-1].text

    for number in range(4):
        _noise(tmp_path / f"{number}.wav", number)
    shutil.copy(tmp_path / "0.wav", tmp_path / "2.wav")
    assert opened()[1] == ["0.wav", "1.wav", "0.wav", "3.wav"]
    _, recordings, text = opened(speaker="anna")
    assert recordings == ["0.wav", "1.wav", "2.wav", "3.wav"]
    assert "but for 1 set of different speakers" in text


def test_groups_are_joined_as_wholes() -> None:
    """Also by way of a third; a copy within a group joins nothing, nor does one of a speaker."""
    copies = [
        _copy("1", "x", group="a"),
        _copy("2", "x", group="b"),
        _copy("3", "y", group="b"),
        _copy("4", "y", group="c"),
        _copy("5", "z", group="d"),
        _copy("6", "z", group="d"),
        _copy("7", "x", speaker="s", group="e"),
    ]
    assert joined_groups(copies, "transcripts") == {"b": "a", "c": "a"}
    assert [[copy.name for copy in same] for same in identical_sets(copies)] == [
        ["1", "2", "7"],
        ["3", "4"],
        ["5", "6"],
    ]
    assert list(identical_remarks([_copy("1", "x"), _copy("2", "y")], "classes")) == []
