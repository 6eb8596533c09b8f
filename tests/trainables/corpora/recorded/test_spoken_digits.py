"""Single digits: ten words as classes, and who says each."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.audio_files import read_waveform
from soundproof.trainables.corpora.recorded.spoken_digits import DIGIT_WORDS, open_spoken_digits

FSDD = Path(__file__).resolve().parents[4] / "../shared/data/fsdd"
CUT = Cut(seconds=1.0)
needs_fsdd = pytest.mark.skipif(not FSDD.is_dir(), reason="the Free Spoken Digit Dataset is not beside the project")


def make(folder: Path) -> Path:
    """Two digits, two speakers, two takes each."""
    folder.mkdir(parents=True)
    for name in (f"{digit}_{who}_{take}.wav" for digit in (0, 7) for who in ("anna", "b_c") for take in (0, 31)):
        soundfile.write(folder / name, np.full(800, 0.5), 8000)
    return folder


@pytest.mark.parametrize("place", [".", "recordings"])
def test_names_say_digit_and_speaker(tmp_path, place):
    """Either folder can be given; the split is by speaker, so no partition is fixed."""
    make(tmp_path / "fsdd" / place)
    corpus = open_spoken_digits(tmp_path / "fsdd", CUT)
    assert corpus.spec.dataset == "fsdd-digits"
    assert corpus.spec.classes == ("seven", "zero")
    told = [
        (example.key, example.target, example.speaker, example.recording, example.partition)
        for example in corpus.examples
    ]
    assert told[0] == ("0_anna_0.wav", "zero", "anna", "0_anna_0.wav", None)
    assert told[-1] == ("7_b_c_31.wav", "seven", "b_c", "7_b_c_31.wav", None)


def test_misnamed_and_broken_files_are_named_together(tmp_path):
    """Both kinds in one message; both are left out where that is allowed."""
    folder = make(tmp_path / "fsdd")
    (folder / "seven_anna_2.wav").write_text("x")
    (folder / "7_anna_3.wav").write_text("x")
    with pytest.raises(CorpusError) as seen:
        open_spoken_digits(folder, CUT)
    assert "seven_anna_2.wav: must be named {digit}_{speaker}_{take}.wav" in str(seen.value)
    assert "7_anna_3.wav: must be audio" in str(seen.value)
    assert len(open_spoken_digits(folder, CUT, skip_broken=True).skipped) == 2


@needs_fsdd
def test_the_published_digits_are_read_whole(opened: Counter[str]):
    """3,000 files opened once, 300 of each digit and 500 of each speaker; a clip is its file and silence after it."""
    corpus = open_spoken_digits(FSDD, CUT)
    assert (len(opened), max(opened.values())) == (3000, 1)
    assert Counter(example.target for example in corpus.examples) == dict.fromkeys(DIGIT_WORDS, 300)
    speakers = Counter(example.speaker for example in corpus.examples)
    assert speakers == dict.fromkeys(("george", "jackson", "lucas", "nicolas", "theo", "yweweler"), 500)
    (clip,) = corpus.waveforms([1234], 8000)
    recording = read_waveform(FSDD / "recordings" / corpus.examples[1234].key, 8000)[:8000]
    np.testing.assert_array_equal(clip, np.pad(recording, (0, 8000 - len(recording))))
