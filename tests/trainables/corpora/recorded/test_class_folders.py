"""A folder per class: any names, any depth, any of the usual formats."""

import os
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.class_folders import open_class_folders

CUT = Cut(seconds=0.1)


def write(path: Path) -> None:
    """A short tone in the format that the ending of `path` tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        form = {"aif": "AIFF", "aiff": "AIFF"}.get(path.suffix[1:].lower(), path.suffix[1:].upper())
        period = (
            10 + zlib.crc32(os.fsencode(f"{path.parent.name}/{path.name}")) % 100_003 / 10_000
        )  # no file is a copy of another
        soundfile.write(file, 0.5 * np.sin(np.arange(4410) / period), 44100, format=form)


def make(folder: Path, *names: str) -> Path:
    """Two whole classes, and files called `names`."""
    for name in ("bell/1.wav", "bell/2.wav", "bell/3.wav", "drum/1.wav", "drum/2.wav", "drum/3.wav", *names):
        write(folder / name)
    return folder


def test_files_are_found_in_every_format_at_any_depth(tmp_path):
    """The class is the first folder; the key and the recording are the path below the root."""
    names = ("drum/a/b/4.flac", "drum/a/5.ogg", "drum/6.mp3", "drum/7.aif", "drum/8.AIFF", "drum/9.au")
    corpus = open_class_folders(make(tmp_path, *names), CUT)
    assert corpus.spec.classes == ("bell", "drum")
    assert corpus.spec.dataset == "folder"
    targets = {example.key: example.target for example in corpus.examples}
    assert all(targets[name] == "drum" for name in names)
    assert all(example.recording == example.key for example in corpus.examples)
    assert {len(clip) for clip in corpus.waveforms(range(len(targets)), 16000)} == {1600}


def test_what_is_hidden_is_passed_over(tmp_path):
    """The leavings of other programs are neither classes nor recordings."""
    make(tmp_path, ".cache/1.wav", "drum/.4.wav", "drum/.old/5.wav")
    (tmp_path / "drum/._1.wav").write_bytes(b"resource fork")
    (tmp_path / "README.md").write_text("about")
    assert len(open_class_folders(tmp_path, CUT).examples) == 6


def test_links_may_lead_outside(tmp_path):
    """A class can be a link to where the files really are."""
    make(tmp_path / "real", "gong/1.wav", "gong/2.wav", "gong/3.wav")
    make(tmp_path / "tree")
    (tmp_path / "tree/gong").symlink_to(tmp_path / "real/gong")
    corpus = open_class_folders(tmp_path / "tree", CUT)
    assert corpus.spec.classes == ("bell", "drum", "gong")
    assert next(corpus.waveforms([len(corpus.examples) - 1], 8000)).any()


@pytest.mark.parametrize(
    "name", ["käfer", "a b", "100%", "{x}", "#1", "'", '"', "-rf", "猫", "a\nb", os.fsdecode(b"k\xff")]
)
def test_any_name_is_a_class(tmp_path, name):
    """Class and file names are the user's text; they come through spec and JSON, and no message chokes on them."""
    make(tmp_path, *(f"{name}/{name}{number}.wav" for number in range(3)))
    corpus = open_class_folders(tmp_path, CUT)
    assert type(corpus.spec).from_json(corpus.spec.to_json()) == corpus.spec
    assert len(corpus.spec.classes) == 3
    assert {example.target for example in corpus.examples} == set(corpus.spec.classes)
    assert all(example.key.encode() for example in corpus.examples)
    (tmp_path / name / f"{name}1.wav").write_text("no sound")
    with pytest.raises(CorpusError) as seen:
        open_class_folders(tmp_path, CUT)
    assert str(seen.value).encode()
    assert len(str(seen.value).splitlines()) == 3


def test_a_file_outside_every_class_is_a_problem(tmp_path):
    """It says where the file belongs, and can be skipped."""
    write(make(tmp_path) / "stray.wav")
    with pytest.raises(CorpusError, match="stray.wav: must lie in the folder of its class"):
        open_class_folders(tmp_path, CUT)
    assert len(open_class_folders(tmp_path, CUT, skip_broken=True).skipped) == 1


def test_a_folder_without_audio_is_a_problem(tmp_path):
    """A class in a format that is not read must not be lost silently."""
    (make(tmp_path) / "gong").mkdir()
    (tmp_path / "gong/1.txt").write_bytes(b"1")
    with pytest.raises(CorpusError, match=r"gong/: expected audio files \(.wav .*got none"):
        open_class_folders(tmp_path, CUT)
    assert open_class_folders(tmp_path, CUT, skip_broken=True).spec.classes == ("bell", "drum")


def test_a_class_with_one_example_is_an_error(tmp_path):
    """It names the class and how many it needs, whether or not broken files may be skipped."""
    make(tmp_path, "gong/1.wav")
    for skip_broken in (False, True):
        with pytest.raises(CorpusError, match=r"class gong: expected at least 3 recordings.*got 1"):
            open_class_folders(tmp_path, CUT, skip_broken=skip_broken)


def test_an_empty_folder_and_a_folder_too_high_are_errors(tmp_path):
    """Both say that at least two classes are expected, and which were found."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(CorpusError, match="at least two classes, got none"):
        open_class_folders(tmp_path / "empty", CUT)
    make(tmp_path / "high/set")
    with pytest.raises(CorpusError, match="at least two classes, got set"):
        open_class_folders(tmp_path / "high", CUT)
    with pytest.raises(CorpusError, match="expected a folder for each class.*got nothing there"):
        open_class_folders(tmp_path / "gone", CUT)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("train", "test"), r"sides of a split \(test, train\): audio-folder:PATH"),
        (("Train", "dev", "eval"), "sides of a split"),
        (tuple(f"fold{number}" for number in range(1, 11)), r"folds \(fold1, .*urbansound8k:PATH"),
    ],
)
def test_sides_of_a_split_and_folds_are_no_classes(tmp_path, names, words):
    """What a network would learn to tell apart there is nothing; the layout that has them is named."""
    for name in names:
        for number in range(3):
            write(tmp_path / name / f"{number}.wav")
    with pytest.raises(CorpusError, match=words):
        open_class_folders(tmp_path, CUT)


def test_a_train_beside_a_dog_is_a_vehicle(tmp_path):
    """Only where all folders are called as sides are they taken for them; other files are counted by ending."""
    make(tmp_path, *(f"train/{number}.wav" for number in range(3)))
    for name in ("train/notes.txt", "bell/a.json", "bell/b.json"):
        (tmp_path / name).write_text("x")
    corpus = open_class_folders(tmp_path, CUT)
    assert corpus.spec.classes == ("bell", "drum", "train")
    assert [remark.text.split(" in its")[0] for remark in corpus.remarks] == ["2 files with .json", "1 file with .txt"]
