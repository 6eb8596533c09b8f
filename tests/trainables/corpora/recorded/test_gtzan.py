"""GTZAN: tracks by genre, pieces that stay together, and the one file that is broken as published."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.gtzan import open_gtzan

RATE_HZ = 22050
CUT = Cut(seconds=0.1, per_recording=3)


def make(folder: Path, ending: str = "wav") -> Path:
    """Two genres of four tracks of 0.3 s."""
    for genre in ("blues", "jazz"):
        (folder / genre).mkdir(parents=True)
        for number in range(51, 55):
            soundfile.write(folder / genre / f"{genre}.{number:05d}.{ending}", np.full(6615, 0.5), RATE_HZ)
    return folder


@pytest.mark.parametrize("place", [".", "genres", "genres_original", "Data/genres_original"])
@pytest.mark.parametrize("ending", ["wav", "au"])
def test_tracks_are_found_in_every_release(tmp_path, place, ending):
    """With or without a folder around the genres, as WAV or AU; pieces of a track share its identity."""
    make(tmp_path / place, ending)
    (tmp_path / "images_original/blues").mkdir(parents=True, exist_ok=True)
    if place == ".":
        (tmp_path / "images_original/blues").rmdir()
    corpus = open_gtzan(tmp_path, CUT)
    assert corpus.spec.dataset == "gtzan"
    assert corpus.spec.classes == ("blues", "jazz")
    assert Counter(example.recording for example in corpus.examples)[f"jazz.00054.{ending}"] == 3
    assert corpus.examples[1].key == f"blues/blues.00051.{ending}#1"
    assert len(corpus.examples) == 24


def test_the_broken_track_is_named_and_counted(tmp_path):
    """As published, jazz.00054 is no audio: an error with its name, and one skipped recording where that is allowed."""
    make(tmp_path)
    (tmp_path / "jazz/jazz.00054.wav").write_bytes(bytes(1000))
    with pytest.raises(CorpusError, match=r"1 problem in 8 recordings:\n  jazz/jazz.00054.wav: must be audio"):
        open_gtzan(tmp_path, CUT)
    corpus = open_gtzan(tmp_path, CUT, skip_broken=True)
    assert len(corpus.skipped) == 1
    assert corpus.skipped[0].startswith("jazz/jazz.00054.wav: ")
    assert Counter(example.target for example in corpus.examples) == {"blues": 12, "jazz": 9}


@pytest.mark.parametrize("name", ["blues.00054.wav", "jazz.54.wav", "my song.mp3"])
def test_a_misnamed_track_is_a_problem(tmp_path, name):
    """A track of another genre's name, or of no such name, is not guessed at."""
    make(tmp_path)
    (tmp_path / "jazz/jazz.00054.wav").rename(tmp_path / "jazz" / name)
    with pytest.raises(CorpusError, match=rf"jazz/{name}: must be named as in jazz.00001.wav"):
        open_gtzan(tmp_path, CUT)


def test_another_folder_is_no_gtzan(tmp_path):
    """The message says what was expected."""
    with pytest.raises(CorpusError, match="expected GTZAN, a folder for each genre with tracks named as in jazz/"):
        open_gtzan(tmp_path, CUT)
    with pytest.raises(CorpusError, match="got nothing there"):
        open_gtzan(tmp_path / "gone", CUT)
