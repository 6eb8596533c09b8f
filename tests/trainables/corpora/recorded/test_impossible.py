"""One utterance that is too short for its transcript: named, counted, and left out where that is asked for."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.arithmetic import frames_needed
from soundproof.search_spaces.corpus_names import DEFAULT_CORPORA
from soundproof.search_spaces.presets import PRESETS
from soundproof.search_spaces.specs import ManifestSpeech
from soundproof.trainables.corpora import choose_corpus, open_corpus
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.impossible import Spoken
from soundproof.trainables.corpora.recorded.manifest import open_manifest

TEXT = "one two three four"


def _listed(folder: Path, *seconds: float) -> Path:
    lines = []
    for number, length in enumerate(seconds):
        sound = np.random.default_rng(number).uniform(-0.5, 0.5, round(length * 8000))
        soundfile.write(folder / f"{number}.wav", sound, 8000)
        lines.append(json.dumps({"audio": f"{number}.wav", "text": TEXT}))
    path = folder / "cv.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_it_is_named_with_file_and_line(tmp_path: Path) -> None:
    """And how many documented networks it makes infeasible, with what to do."""
    (remark,) = open_manifest(_listed(tmp_path, 2.0, 0.3, 2.0), ManifestSpeech()).remarks
    assert remark.kind == "impossible"
    assert "1 utterance of 3 with too little sound for the transcript: 54 of 112 documented networks" in remark.text
    assert f"{tmp_path / 'cv.jsonl'}:2: 0.30 s for a transcript of 18 characters" in remark.text
    assert "--skip-impossible" in remark.text


def test_it_is_left_out_on_request(tmp_path: Path) -> None:
    """The corpus is then the one that has never had it, and its remark says what is missing."""
    path = _listed(tmp_path, 2.0, 0.3, 2.0)
    corpus = open_manifest(path, ManifestSpeech(), skip_impossible=True)
    assert [example.key for example in corpus.examples] == ["0.wav", "2.wav"]
    assert "1 utterance of 3 with too little sound for the transcript left out, as asked" in corpus.remarks[0].text
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[2]]), encoding="utf-8")
    without = open_manifest(path, ManifestSpeech(), skip_impossible=True)
    assert (without.spec, without.remarks) == (corpus.spec, ())


def test_where_nothing_is_left_all_are_named(tmp_path: Path) -> None:
    """Instead of a corpus of nothing."""
    with pytest.raises(CorpusError, match=r"expected usable recordings, got none:\n.*cv.jsonl:1: 0.30 s"):
        open_manifest(_listed(tmp_path, 0.3), ManifestSpeech(), skip_impossible=True)


def test_classes_have_no_transcript() -> None:
    """The option is refused where it would do nothing."""
    choice = choose_corpus(DEFAULT_CORPORA["sounds"], "sounds")
    with pytest.raises(CorpusError, match="--skip-impossible is for utterances"):
        open_corpus(choice, PRESETS["sounds"]["smoke"], skip_impossible=True)


@pytest.mark.parametrize(("seconds", "impossible"), [(0.46, True), (0.48, False)])
def test_the_documented_convolution_decides(seconds: float, impossible: bool) -> None:
    """A kernel of 11 frames, every second one: 18 characters need 45 frames of 20 ms, 10 ms apart, which are 0.46 s."""
    assert Spoken(listed="", text=TEXT, seconds=seconds, needed=frames_needed(TEXT)).impossible == impossible
