"""Published layouts: made-up trees, opened by name with the counts that were put in."""

from collections import Counter
from pathlib import Path

import pytest
from layout_trees import SPOKEN, TREES

from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.presets import PRESETS
from soundproof.search_spaces.specs import TaggedClips
from soundproof.trainables.corpora import Corpus, choose_corpus, open_corpus
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.layouts.transcribed import kaldi


def _open(name: str, folder: Path) -> Corpus:
    domain = TREES[name].domain
    return open_corpus(choose_corpus(f"{name}:{folder}", domain), PRESETS[domain]["smoke"])


@pytest.mark.parametrize("name", TREES)
def test_layouts_hold_what_was_put_in(tmp_path: Path, name: str) -> None:
    """By name: labels or partitions, speakers, folds, and what was not taken."""
    tree = TREES[name]
    tree.make(tmp_path)
    corpus = _open(name, tmp_path)
    speakers = {one.speaker for one in corpus.examples} - {None}
    assert len(speakers) == tree.speakers
    if tree.domain == "speech":
        assert Counter(one.partition for one in corpus.examples) == tree.holds
        assert {one.target for one in corpus.examples} <= {SPOKEN, "go"}
        return
    assert Counter(label for one in corpus.examples for label in one.labels or (one.target,)) == tree.holds
    partitions = Counter(one.partition for one in corpus.examples)
    if name == "urbansound8k":
        assert Counter(one.fold for one in corpus.examples) == {1: 10, 2: 10, 3: 10}
        assert {one.recording for one in corpus.examples} == {str(number) for number in range(30)}
    if name == "fsd50k":
        assert isinstance(corpus.spec, TaggedClips)
        assert partitions == {"train": 16, "validation": 8, "test": 8}
    if name == "audio-folder":
        assert partitions == {"train": 16, "test": 16}
    if name == "crema-d":
        assert any("1 files .wav are not taken" in remark.text for remark in corpus.remarks)


def test_commands_in_kaldi_lists_are_refused(tmp_path: Path) -> None:
    """By name, and not run."""
    TREES["kaldi"].make(tmp_path)
    script = tmp_path / "wav.scp"
    lines = (tmp_path / "wav.scp").read_text(encoding="utf-8").splitlines()
    script.write_text("\n".join([f"rec-s0 touch {tmp_path}/run; cat s0.wav |", *lines[1:], ""]), encoding="utf-8")
    rows = kaldi(tmp_path).rows
    assert {problem.rule for row in rows for problem in row.problems} == {
        "wav.scp must name files, and no command is run"
    }
    with pytest.raises(CorpusError, match=r"lines 1, 2 \(2\): wav\.scp must name files"):
        _open("kaldi", tmp_path)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", TREES)
def test_a_folder_of_something_else_is_refused(tmp_path: Path, name: str) -> None:
    """With what was expected there."""
    with pytest.raises(CorpusError, match="expected"):
        _open(name, tmp_path)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Über die Straße, „Ann“!", "über die straße ann"),
        ("हिन्दी में किताब।", "हिन्दी में किताब"),
        ("L\u2019Été, c'est fini…", "l'été c'est fini"),
    ],
)
def test_published_texts_in_other_languages(tmp_path: Path, sentence: str, expected: str) -> None:
    """In lower case and without punctuation; accents and vowel signs are kept, and it is told."""
    TREES["ljspeech"].make(tmp_path / "made")
    (tmp_path / "made" / "wavs").rename(tmp_path / "clips")
    table = f"client_id\tpath\tsentence\nann\tLJ001-0000.wav\t{sentence}\n"
    (tmp_path / "validated.tsv").write_text(table, encoding="utf-8")
    choice = choose_corpus(f"common-voice:{tmp_path}", "speech")
    corpus = open_corpus(choice, PRESETS["speech"]["smoke"], alphabet=AlphabetChoice.parse("corpus"))
    assert [example.target for example in corpus.examples] == [expected]
    (told,) = (remark.text for remark in corpus.remarks if remark.kind == "transcripts rewritten")
    assert told == "1 transcript taken in lower case, without punctuation"
