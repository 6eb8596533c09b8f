"""Nothing that has to do with sound is passed over, and reasons stand beside the refusals that follow from them."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.audio import foreign
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.class_folders import open_class_folders

DATA = Path(__file__).resolve().parents[3] / "data/audio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of four tones."""
    for hertz, name in ((20, "high"), (40, "low")):
        (tmp_path / name).mkdir()
        for take in range(4):
            soundfile.write(tmp_path / name / f"{take}.wav", 0.5 * np.sin(np.arange(4000) / (hertz + take)), 8000)
    return tmp_path


def test_other_endings_are_counted_and_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence for each ending, with the number of its files and where they lie."""
    monkeypatch.setattr(foreign, "available", lambda: False)
    for name in ("high/a.m4a", "high/b.M4A", "low/c.m4a", "low/d.mp4", "low/notes.txt"):
        shutil.copy(DATA / "phone.m4a", folder / name)
    with pytest.raises(CorpusError, match=r"\.m4a: 3 files with this ending \(2 in high/, 1 in low/\): MPEG-4 audio"):
        open_class_folders(folder, Cut(seconds=0.5))
    corpus = open_class_folders(folder, Cut(seconds=0.5), skip_broken=True)
    assert len(corpus.examples) == 8
    assert [sentence.split(":")[0] for sentence in corpus.skipped] == [".m4a", ".mp4"]


def test_other_endings_are_taken_where_they_can_be_read(folder: Path) -> None:
    """Those of libsndfile always, others with PyAV."""
    pytest.importorskip("av", reason="needs the extra ffmpeg")
    for name in ("phone.m4a", "flac.oga", "blocks.voc", "piped.caf", "sphere.sph", "layer2.mp2"):
        shutil.copy(DATA / name, folder / "low" / name)
    corpus = open_class_folders(folder, Cut(seconds=0.4))
    assert (len(corpus.examples), corpus.skipped) == (14, ())


def test_a_class_of_broken_files_is_refused_with_their_reasons(folder: Path) -> None:
    """Also where broken files are to be skipped."""
    for take, file in enumerate(sorted((folder / "low").iterdir())):
        file.write_bytes(file.read_bytes()[: 0 if take == 0 else 500])
    for skip_broken in (False, True):
        with pytest.raises(CorpusError) as seen:
            open_class_folders(folder, Cut(seconds=0.5), skip_broken=skip_broken)
        assert "low/0.wav: empty: expected audio, got 0 bytes" in str(seen.value)
        assert str(seen.value).count("cut short") == 3
