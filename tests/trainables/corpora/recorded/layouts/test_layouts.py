"""Published layouts: made-up trees, opened by name with the counts that were put in, and by torchaudio where it can."""

import shutil
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.presets import PRESETS
from soundproof.search_spaces.specs import TaggedClips
from soundproof.trainables.corpora import Corpus, choose_corpus, open_corpus
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.layouts.transcribed import kaldi

RATE = 8000


def _sound(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.sin(np.arange(RATE // 4)) / 2, RATE, format="WAV")


def _write(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _urbansound8k(root: Path) -> None:
    rows = ["slice_file_name,fsID,start,end,salience,fold,classID,class"]
    for number in range(12):
        name = f"{number}-3-0-0.wav"
        _sound(root / "audio" / f"fold{number % 3 + 1}" / name)
        rows.append(f"{name},{number},50.0,54.0,1,{number % 3 + 1},{number % 2},{('dog_bark', 'siren')[number % 2]}")
    _write(root / "metadata" / "UrbanSound8K.csv", *rows)


def _fsd50k(root: Path) -> None:
    for kind, numbers in (("dev", range(9)), ("eval", range(9, 12))):
        head = "fname,labels,mids,split" if kind == "dev" else "fname,labels,mids"
        rows = [head]
        for number in numbers:
            _sound(root / f"FSD50K.{kind}_audio" / f"{number}.wav")
            split = ("," + ("val" if number % 3 == 0 else "train")) if kind == "dev" else ""
            rows.append(f'{number},"Animal,{("Bark", "Meow")[number % 2]}","/m/1,/m/2"{split}')
        _write(root / "FSD50K.ground_truth" / f"{kind}.csv", *rows)


def _emotions(root: Path, names: list[str]) -> None:
    for name in names:
        _sound(root / name)


def _ravdess(root: Path) -> None:
    _emotions(root, [f"Actor_{a:02d}/03-01-0{e}-01-01-01-{a:02d}.wav" for a in range(1, 5) for e in (5, 8)])


def _crema_d(root: Path) -> None:
    _emotions(root, [f"AudioWAV/100{a}_DFA_{e}_XX.wav" for a in range(1, 5) for e in ("ANG", "SAD")] + ["odd.wav"])


def _audio_folder(root: Path) -> None:
    _emotions(root, [f"{s}/{c}/{n}.wav" for s in ("train", "test") for c in ("dog", "siren") for n in range(3)])


def _common_voice(root: Path) -> None:
    head = "client_id\tpath\tsentence\tup_votes\tdown_votes\tage\tgender\taccents\tlocale\tsegment"
    for kind, numbers in (("train", range(4)), ("dev", range(4, 6)), ("test", range(6, 7))):
        for number in numbers:
            _sound(root / "clips" / f"common_voice_en_{number}.wav")
        rows = [f"{n:x}\tcommon_voice_en_{n}.wav\tThe \u201cold\u201d sailor, Ann.\t2\t0\t\t\t\ten\t" for n in numbers]
        _write(root / f"{kind}.tsv", head, *rows)


def _ljspeech(root: Path) -> None:
    for number in range(5):
        _sound(root / "wavs" / f"LJ001-000{number}.wav")
    _write(root / "metadata.csv", *(f"LJ001-000{n}|In 5, say|In five, say" for n in range(5)))


def _kaldi(root: Path) -> None:
    _sound(root / "a.wav")
    _write(root / "wav.scp", "rec a.wav")
    _write(root / "text", "u1 HELLO", "u2 WORLD")
    _write(root / "utt2spk", "u1 ann", "u2 ben")
    _write(root / "segments", "u1 rec 0.0 0.1", "u2 rec 0.1 0.25")


def _an4(root: Path) -> None:
    for kind, folder, speaker in (("train", "an4_clstk", "fash"), ("test", "an4test_clstk", "fcaw")):
        _sound(root / "wav" / folder / speaker / f"an251-{speaker}-b.wav")
        _write(root / "etc" / f"an4_{kind}.transcription", f"<s> YES GO </s> (an251-{speaker}-b)")


def _timit(root: Path) -> None:
    for kind, speaker in (("TRAIN", "FCJF0"), ("TEST", "MDAB0")):
        folder = root / kind / "DR1" / speaker
        _sound(folder / "SA1.WAV")
        _write(folder / "SA1.TXT", "0 46797 She had your dark suit in greasy wash water, all year.")


SOUNDS = {
    "urbansound8k": (_urbansound8k, {"dog_bark": 6, "siren": 6}),
    "fsd50k": (_fsd50k, {"Animal": 12, "Bark": 6, "Meow": 6}),
    "ravdess": (_ravdess, {"angry": 4, "surprised": 4}),
    "crema-d": (_crema_d, {"anger": 4, "sad": 4}),
    "audio-folder": (_audio_folder, {"dog": 6, "siren": 6}),
}
SPEECH = {
    "common-voice": (_common_voice, {"train": 4, "validation": 2, "test": 1}, "the old sailor ann"),
    "ljspeech": (_ljspeech, {None: 5}, "in five say"),
    "kaldi": (_kaldi, {None: 2}, "hello"),
    "an4": (_an4, {None: 1, "test": 1}, "yes go"),
    "timit": (_timit, {None: 1, "test": 1}, "she had your dark suit in greasy wash water all year"),
}


def _open(name: str, folder: Path, domain: str) -> Corpus:
    return open_corpus(choose_corpus(f"{name}:{folder}", domain), PRESETS[domain]["smoke"])  # type: ignore[arg-type, index]


@pytest.mark.parametrize("name", SOUNDS)
def test_labelled_layouts(tmp_path: Path, name: str) -> None:
    """By name, with the labels that were put in."""
    make, expected = SOUNDS[name]
    make(tmp_path)
    corpus = _open(name, tmp_path, "sounds")
    found = Counter(label for one in corpus.examples for label in one.labels or (one.target,))
    assert found == expected
    if name == "urbansound8k":
        assert Counter(one.fold for one in corpus.examples) == {1: 4, 2: 4, 3: 4}
        assert {one.recording for one in corpus.examples} == {str(number) for number in range(12)}
    if name == "fsd50k":
        assert isinstance(corpus.spec, TaggedClips)
        assert Counter(one.partition for one in corpus.examples) == {"train": 6, "validation": 3, "test": 3}
    if name == "audio-folder":
        assert Counter(one.partition for one in corpus.examples) == {"train": 6, "test": 6}
    if name in ("ravdess", "crema-d"):
        assert len({one.speaker for one in corpus.examples}) == 4
    if name == "crema-d":
        assert any("1 files .wav are not taken" in remark.text for remark in corpus.remarks)


@pytest.mark.parametrize("name", SPEECH)
def test_transcribed_layouts(tmp_path: Path, name: str) -> None:
    """By name, with the partitions and a transcript that were put in."""
    make, expected, text = SPEECH[name]
    make(tmp_path)
    corpus = _open(name, tmp_path, "speech")
    assert Counter(one.partition for one in corpus.examples) == expected
    assert text in {one.target for one in corpus.examples}


@pytest.mark.parametrize("name", ["common-voice", "ljspeech"])
def test_torchaudio_counts_the_same(tmp_path: Path, name: str) -> None:
    """Its own readers of two of these layouts list as many recordings."""
    import_module("soundproof.trainables.audio_maths")  # imports torchaudio safely
    datasets = import_module("torchaudio.datasets")
    root = tmp_path / "LJSpeech-1.1"
    SPEECH[name][0](root)
    readers: dict[str, Callable[[], int]] = {
        "common-voice": lambda: sum(
            len(datasets.COMMONVOICE(root, f"{part}.tsv")) for part in ("train", "dev", "test")
        ),
        "ljspeech": lambda: len(datasets.LJSPEECH(tmp_path, folder_in_archive="")),
    }
    assert len(_open(name, root, "speech").examples) == readers[name]()


def test_commands_in_kaldi_lists_are_refused(tmp_path: Path) -> None:
    """By name, and not run."""
    _kaldi(tmp_path)
    _write(tmp_path / "wav.scp", f"rec touch {tmp_path}/run; sox a.wav -t wav - |")
    rows = kaldi(tmp_path).rows
    assert {problem.rule for row in rows for problem in row.problems} == {
        "wav.scp must name files, and no command is run"
    }
    with pytest.raises(CorpusError, match=r"lines 1, 2 \(2\): wav\.scp must name files"):
        _open("kaldi", tmp_path, "speech")
    assert not (tmp_path / "run").exists()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    """With what was expected there."""
    for name in (*SOUNDS, *SPEECH):
        shutil.rmtree(tmp_path, ignore_errors=True)
        tmp_path.mkdir()
        with pytest.raises(CorpusError, match="expected"):
            _open(name, tmp_path, "sounds" if name in SOUNDS else "speech")


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
    _sound(tmp_path / "clips" / "a.wav")
    _write(tmp_path / "validated.tsv", "client_id\tpath\tsentence", f"ann\ta.wav\t{sentence}")
    choice = choose_corpus(f"common-voice:{tmp_path}", "speech")
    corpus = open_corpus(choice, PRESETS["speech"]["smoke"], alphabet=AlphabetChoice.parse("corpus"))
    assert [example.target for example in corpus.examples] == [expected]
    (told,) = (remark.text for remark in corpus.remarks if remark.kind == "transcripts rewritten")
    assert told == "1 transcript are taken in lower case, without punctuation"
