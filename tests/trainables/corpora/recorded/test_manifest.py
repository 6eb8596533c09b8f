"""Manifests: whatever is wrong with one is reported at once, by line, and what is right is read."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from soundproof.search_spaces.alphabet import CHARACTERS
from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.specs import ManifestSpeech
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.manifest import open_manifest

PROJECT = Path(__file__).resolve().parents[4]
RATE_HZ = 8000
SPEC = ManifestSpeech()


def level(number: int) -> float:
    """What the samples of the recording with this number are."""
    return (number + 1) / 16


def make_audio(folder: Path, names: list[str]) -> None:
    """Half a second for each name, told apart by level."""
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / name, np.full(RATE_HZ // 2, level(number)), RATE_HZ)


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    """A manifest of the lines, objects as JSON, strings as they are."""
    path = folder / "manifest.jsonl"
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the recordings a.wav, b.wav and clips/c.wav."""
    make_audio(tmp_path, ["a.wav", "b.wav", "clips/c.wav"])
    return tmp_path


def line(audio: str = "a.wav", text: str = "one two", **fields: Any) -> dict[str, Any]:
    """A line that is right unless the arguments make it wrong."""
    return {"audio": audio, "text": text, **fields}


def refusal(path: Path, skip_broken: bool = False) -> str:
    """The message with which the manifest is refused."""
    with pytest.raises(CorpusError) as seen:
        open_manifest(path, SPEC, skip_broken)
    return str(seen.value)


def test_a_manifest_is_read(folder: Path):
    """Fields arrive where they belong, optional ones may be missing or null, and audio lies beside the manifest."""
    path = write(
        folder,
        line("clips/c.wav", "it's three", speaker="carl", duration=0.5, partition="test"),
        "",
        line("b.wav", "two", speaker=None, duration=None, partition=None),
        "   ",
        line("a.wav", "one"),
    )
    corpus = open_manifest(path, SPEC)
    assert [(utterance.key, utterance.target) for utterance in corpus.examples] == [
        ("a.wav", "one"),
        ("b.wav", "two"),
        ("clips/c.wav", "it's three"),
    ]
    assert [utterance.speaker for utterance in corpus.examples] == [None, None, "carl"]
    assert [utterance.partition for utterance in corpus.examples] == [None, None, "test"]
    assert [utterance.recording for utterance in corpus.examples] == ["a.wav", "b.wav", "clips/c.wav"]
    assert corpus.skipped == ()
    assert re.fullmatch("[0-9a-f]{16}", corpus.spec.content)


def test_waveforms_come_in_the_order_asked_for(folder: Path):
    """Each utterance sounds like its own file, at the rate asked for, and nothing is read before it is asked for."""
    corpus = open_manifest(write(folder, line("a.wav"), line("b.wav"), line("clips/c.wav")), SPEC)
    waveforms = corpus.waveforms([2, 0, 2], 16000)
    for number, waveform in zip((2, 0, 2), waveforms, strict=True):
        assert (waveform.dtype, len(waveform)) == (np.float32, 8000)
        assert waveform[4000] == pytest.approx(level(number), abs=1e-3)
    (folder / "a.wav").unlink()
    later = corpus.waveforms([0], 16000)
    with pytest.raises(CorpusError, match=r"a\.wav: does not exist"):
        next(later)


def test_windows_files_are_read(folder: Path):
    """A byte order mark and carriage returns, as editors leave them, are no part of the JSON."""
    path = folder / "manifest.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(line()).encode() + b"\r\n\r\n" + json.dumps(line("b.wav")).encode())
    assert len(open_manifest(path, SPEC).examples) == 2


def test_line_separators_within_a_name_do_not_break_the_line(folder: Path):
    """U+2028 may stand unescaped in JSON: only a newline ends a line."""
    make_audio(folder, ["a\u2028b.wav"])
    path = folder / "manifest.jsonl"
    path.write_text(json.dumps(line("a\u2028b.wav"), ensure_ascii=False), encoding="utf-8")
    assert open_manifest(path, SPEC).examples[0].key == "a\u2028b.wav"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('{"audio": "b.wav", "text": "two"', r"must be JSON, got an error at column 33 \("),
        ("b.wav two", r"must be JSON, got an error at column 1 \("),
        ('{"audio": "b.wav", "text": "two", "duration": NaN}', "NaN is not a JSON number"),
        ('{"audio": "b.wav", "text": "two", "text": "three"}', "names must differ, got 'audio', 'text', 'text'"),
        ("[" * 100_000, "must be JSON"),
        ('["b.wav", "two"]', "must be an object, got list"),
        ('"b.wav"', "must be an object, got str"),
        ("null", "must be an object, got NoneType"),
        ({"text": "two"}, 'field "audio" is missing'),
        ({"audio": "b.wav"}, 'field "text" is missing'),
        (line("b.wav", audio_filepath="b.wav"), 'unknown field "audio_filepath", expected audio, text, label'),
        (line(audio=7), 'field "audio" must be a path that is not empty, got 7'),
        (line(audio=" "), 'field "audio" must be a path that is not empty, got " "'),
        (line(audio=None), 'field "audio" must be a path that is not empty, got null'),
        (line("b.wav", text=["two"]), r'field "text" must be a text that is not empty, got \["two"\]'),
        (line("b.wav", text=""), 'field "text" must be a text that is not empty, got ""'),
        (line("b.wav", text="  "), 'field "text" must be a text that is not empty'),
        (line("b.wav", text="Two"), r"'T' \(U\+0054\).*write lower case"),
        (line("b.wav", text="two, 3"), r"',' \(U\+002C\), '3' \(U\+0033\)"),
        (line("b.wav", text="größe"), r"'ß' \(U\+00DF\), 'ö' \(U\+00F6\)"),
        (line("b.wav", text="\ud800"), r"\(U\+D800\)"),
        (line("b.wav", speaker=True), 'field "speaker" must be a name that is not empty, got true'),
        (line("b.wav", fold=0), 'field "fold" must be a whole number from 1 on, got 0'),
        (line("b.wav", fold=1.5), "a whole number from 1 on, got 1.5"),
        (line("b.wav", start=0.6), r"must lie within the audio, got 0.6 s and .* of 0\.500 s"),
        (line("b.wav", start=0.2, duration=0.5), "must lie within the audio"),
        (line("b.wav", start=0.2, duration=0), "must lie within the audio"),
        (line("b.wav", speaker=""), 'field "speaker" must be a name that is not empty, got ""'),
        (line("b.wav", duration="0.5"), 'field "duration" must be a number of seconds, 0 or more, got "0.5"'),
        (line("b.wav", duration=-1), "0 or more, got -1"),
        (line("b.wav", duration=True), "0 or more, got true"),
        (line("b.wav", duration=10**400), r"0 or more, got 10+\.\.\."),
        (line("b.wav", partition="held"), 'field "partition" must be one of train, validation, test, got "held"'),
        (line("b.wav", partition=[]), r'field "partition" must be one of train, validation, test, got \[\]'),
        (line("b.wav", duration=0.7), r"within 10% or 0\.1 s, got 0\.7 s for .*b\.wav of 0\.500 s: correct it"),
        (line("b.wav", duration=0.39), r"got 0\.39 s"),
        (line("b.wav", duration=0), r"got 0 s"),
        (line("./clips/../a.wav"), r"listed once, got .*a\.wav of line 1 again"),
    ],
)
@pytest.mark.parametrize("skip_broken", [False, True])
def test_a_wrong_line_is_an_error_with_its_number(folder: Path, wrong: Any, words: str, skip_broken: bool):
    """Nothing but audio may be skipped: what the manifest itself says wrongly is refused either way."""
    path = write(folder, line("a.wav"), "", wrong)
    message = refusal(path, skip_broken)
    assert message.startswith(f"{path}: 1 problem in 2 lines:\n  {path}:3: ")
    assert re.search(words, message)


def test_bytes_that_are_not_utf8_are_named(folder: Path):
    """The line, the column and the byte."""
    path = folder / "manifest.jsonl"
    path.write_bytes(json.dumps(line()).encode() + b'\n{"audio": "\xe9.wav", "text": "two"}\n')
    assert f"{path}:2: must be UTF-8, got byte 0xe9 at column 12: save it as UTF-8" in refusal(path)


def cut(path: Path) -> None:
    """Leave the first half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (Path.unlink, "does not exist"),
        (cut, "cut short"),
        (lambda path: path.write_bytes(b""), "empty: expected audio"),
        (lambda path: soundfile.write(path, np.zeros(0), RATE_HZ), "empty: expected at least one frame"),
        (lambda path: path.write_text("a note"), "must be audio"),
        (lambda path: soundfile.write(path, np.full(9, np.nan), RATE_HZ, subtype="FLOAT"), "samples must be finite"),
    ],
)
def test_broken_audio_is_an_error_unless_it_may_be_skipped(folder: Path, damage: Callable[[Path], Any], words: str):
    """Refused with file and line; with skip_broken the same sentence is listed and the others are the corpus."""
    path = write(folder, line("a.wav"), line("b.wav"))
    damage(folder / "b.wav")
    sentence = f"{path}:2: {folder / 'b.wav'}: {words}"
    message = refusal(path)
    assert sentence in message
    assert "--skip-broken" in message
    corpus = open_manifest(path, SPEC, skip_broken=True)
    assert [utterance.key for utterance in corpus.examples] == ["a.wav"]
    assert len(corpus.skipped) == 1
    assert corpus.skipped[0].startswith(sentence)
    assert corpus.spec == open_manifest(write(folder, line("a.wav")), SPEC).spec


def test_all_problems_are_reported_at_once(folder: Path):
    """Several on one line, and audio beside text: one run shows all that is to be done."""
    path = write(folder, line("none.wav", "Two", speaker=[], extra=0), "nonsense", line("a.wav", ""))
    message = refusal(path)
    assert message.startswith(f"{path}: 6 problems in 3 lines:")
    assert [message.count(f"\n  {path}:{number}: ") for number in (1, 2, 3)] == [4, 1, 1]


def test_many_problems_are_counted(folder: Path):
    """A problem is told once, with its lines and their number."""
    path = write(folder, *["nonsense"] * 25, line("a.wav", "One"), line("b.wav", "Two"))
    message = refusal(path)
    assert message.startswith(f"{path}: 2 problems in 27 lines:\n")
    assert f"{path}: lines 1, 2, 3, 4, 5 and 20 more (25): must be JSON" in message
    assert f'{path}: lines 26, 27 (2): field "text": ' in message
    assert "'O' (U+004F), 'T' (U+0054)" in message


def test_a_manifest_without_usable_lines_is_refused(folder: Path):
    """Missing, a folder, empty, or with nothing left after skipping: each says what is expected."""
    assert "cannot be read (No such file or directory)" in refusal(folder / "none.jsonl")
    assert "got a folder: give the file" in refusal(folder)
    assert "got an empty file" in refusal(write(folder, "", "  "))
    assert "expected usable recordings, got none" in refusal(write(folder, line("none.wav")), skip_broken=True)


@pytest.mark.parametrize("stated", [0.4, 0.5, 0.6])
def test_durations_may_be_rounded(folder: Path, stated: float):
    """A tenth of a second more or less is rounding, not another recording."""
    assert open_manifest(write(folder, line(duration=stated)), SPEC).examples


def test_a_link_to_a_listed_file_is_the_same_audio(folder: Path):
    """Another name for the same file does not make a second recording."""
    (folder / "link.wav").symlink_to(folder / "a.wav")
    assert "of line 1 again" in refusal(write(folder, line("a.wav"), line("link.wav")))


def test_content_does_not_depend_on_place_form_or_order(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    """Moved, with absolute paths, from a manifest that lies elsewhere, reordered, with durations: the same corpus."""
    reference = open_manifest(write(folder, line("a.wav"), line("clips/c.wav", "three")), SPEC)
    moved = tmp_path_factory.mktemp("elsewhere") / "deeper"
    shutil.copytree(folder, moved)
    aside = moved / "lists"
    aside.mkdir()
    manifests = [
        write(moved, line("clips/c.wav", "three", duration=0.5), line("a.wav")),
        write(aside, line("../a.wav"), line(str(moved / "clips" / "c.wav"), "three")),
        write(tmp_path_factory.mktemp("far"), line(str(moved / "a.wav")), line(str(moved / "clips/c.wav"), "three")),
    ]
    for manifest in manifests:
        other = open_manifest(manifest, SPEC)
        assert (other.spec, other.examples) == (reference.spec, reference.examples)


@pytest.mark.parametrize(
    "changed",
    [{"text": "one too"}, {"speaker": "ben"}, {"speaker": None}, {"partition": "train"}, {"audio": "clips/c.wav"}],
)
def test_content_sees_every_change(folder: Path, changed: dict[str, Any]):
    """Transcript, speaker, partition or another recording: another corpus."""
    contents = {
        open_manifest(write(folder, line("b.wav"), line(speaker="anna") | change), SPEC).spec.content
        for change in ({}, changed)
    }
    assert len(contents) == 2


def test_changed_audio_is_another_corpus(folder: Path):
    """One file written anew changes the content, and a spec that names the old content is not opened."""
    path = write(folder, line("a.wav"), line("b.wav"))
    before = open_manifest(path, SPEC).spec
    assert open_manifest(path, before).spec == before
    make_audio(folder, ["b.wav"])
    with pytest.raises(CorpusError, match=f"expected the recordings with content {before.content}, got "):
        open_manifest(path, before)


def test_relative_manifests_are_found_from_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch):
    """A relative path works, and the corpus still finds its audio after the directory has changed."""
    write(folder, line())
    monkeypatch.chdir(folder)
    corpus = open_manifest(Path("manifest.jsonl"), SPEC)
    monkeypatch.chdir(os.sep)
    assert len(next(corpus.waveforms([0], RATE_HZ))) == RATE_HZ // 2


def test_manifests_of_each_partition_are_joined(folder: Path):
    """As the documents have them: `key` in place of `audio`, and who trains, validates or tests by the order."""
    names = []
    for name, audio in (("train", "a.wav"), ("validation", "b.wav"), ("test", "clips/c.wav")):
        write(folder, {"key": audio, "duration": 0.5, "text": name}).rename(folder / f"{name}.json")
        names.append(str(folder / f"{name}.json"))
    joined = Path("+".join(names))
    corpus = open_manifest(joined, SPEC)
    assert [(example.key, example.partition) for example in corpus.examples] == [
        ("a.wav", "train"),
        ("b.wav", "validation"),
        ("clips/c.wav", "test"),
    ]
    two = open_manifest(Path(f"{names[0]}+{names[1]}"), SPEC)
    assert [example.partition for example in two.examples] == ["train", "validation"]
    assert "expected up to three manifests, to train+to validate+to test, got 4" in refusal(
        Path(f"{joined}+{names[0]}")
    )
    assert f"{folder}/none.json: expected a manifest" in refusal(Path(f"{names[0]}+{folder}/none.json"))


def test_joined_manifests_contradict_each_other_by_name(folder: Path):
    """A recording of both files, a partition that the place denies: with file and line."""
    train = write(folder, line("a.wav"), line("b.wav", partition="test")).rename(folder / "train.json")
    validation = write(folder, line("clips/c.wav"), line("./a.wav")).rename(folder / "validation.json")
    message = refusal(Path(f"{train}+{validation}"))
    assert f'{train}:2: field "partition" must be train in this manifest: correct or remove it' in message
    assert f"{validation}:2: every recording is to be listed once, got {folder}/a.wav of {train}:1 again" in message
    train.rename(folder / "a+b.json")
    write(folder, line("a.wav")).rename(folder / "a+b.json")
    assert len(open_manifest(folder / "a+b.json", SPEC).examples) == 1


def test_what_other_programs_call_the_audio(folder: Path):
    """The name is another, the corpus the same."""
    contents = {
        open_manifest(write(folder, {name: "a.wav", "text": "one"}), SPEC).spec.content
        for name in ("audio", "key", "audio_filepath")
    }
    assert len(contents) == 1


_FIELDS = st.dictionaries(
    st.sampled_from(["audio", "text", "speaker", "duration", "partition", "other"]),
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_FIELDS.map(json.dumps) | st.text(max_size=20), min_size=1, max_size=4), st.booleans())
def test_arbitrary_lines_never_raise_anything_else(tmp_path_factory: pytest.TempPathFactory, lines, skip_broken):
    """Whatever the lines hold, without any audio the answer is a corpus error that names the manifest."""
    path = tmp_path_factory.mktemp("fuzz") / "manifest.jsonl"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    assert refusal(path, skip_broken).startswith(f"{path}: ")


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(st.text(CHARACTERS, min_size=1).filter(str.strip), min_size=1, max_size=5),
    speakers=st.lists(st.none() | st.text(min_size=1).filter(str.strip), min_size=5, max_size=5),
)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, texts, speakers):
    """Every text of the alphabet and every speaker's name comes back unchanged, in the order of the file names."""
    folder = tmp_path_factory.mktemp("round")
    names = [f"{number}.wav" for number in range(len(texts))]
    make_audio(folder, names)
    lines = [line(name, text, speaker=who) for name, text, who in zip(names, texts, speakers, strict=False)]
    corpus = open_manifest(write(folder, *reversed(lines)), SPEC)
    assert [(example.target, example.speaker) for example in corpus.examples] == list(
        zip(texts, speakers, strict=False)
    )


def test_the_corpus_is_small_and_can_be_pickled(folder: Path):
    """Workers get paths and transcripts, not the sound."""
    corpus = open_manifest(write(folder, line("a.wav"), line("b.wav")), SPEC)
    pickled = pickle.dumps(corpus)
    assert len(pickled) < 2000
    assert pickle.loads(pickled) == corpus


def test_opening_does_not_import_torch(folder: Path):
    """A manifest is checked before anything heavy is loaded."""
    program = (
        "import sys; from pathlib import Path; from soundproof.search_spaces.specs import ManifestSpeech; "
        "from soundproof.trainables.corpora.recorded.manifest import open_manifest; "
        f"open_manifest(Path({str(write(folder, line()))!r}), ManifestSpeech()); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)


@pytest.mark.parametrize("text", ["Straße über", "γάτος", "привет", "हिन्दी में", "今天天气很好"])
def test_texts_in_any_language(folder: Path, text: str):
    """Refused with the remedy, and taken with it: composed, with single spaces, one content however typed."""
    typed = unicodedata.normalize("NFD", text).replace(" ", "  ")
    path = write(folder, line(text=typed))
    assert "--alphabet corpus" in refusal(path)
    corpus = open_manifest(path, SPEC, alphabet=AlphabetChoice.parse("corpus"))
    assert corpus.examples[0].target == text
    composed = write(folder, line(text=text))
    assert open_manifest(composed, SPEC, alphabet=AlphabetChoice.parse("corpus")).spec == corpus.spec


def test_english_texts_are_the_same_corpus_with_any_alphabet(folder: Path):
    """So that features are shared."""
    path = write(folder, line("a.wav", "it's one"), line("b.wav", "two"))
    assert open_manifest(path, SPEC, alphabet=AlphabetChoice.parse("corpus")).spec == open_manifest(path, SPEC).spec


def test_units_decide_which_utterances_are_impossible(folder: Path):
    """Half a second holds 19 characters after the usual convolution, and as many units, which are longer."""
    texts = ["hundert hundert hundert", "hundert"]
    path = write(folder, *(line(name, text) for name, text in zip(("a.wav", "b.wav"), texts, strict=True)))
    kinds = {
        text: [remark.kind for remark in open_manifest(path, SPEC, alphabet=AlphabetChoice.parse(text)).remarks]
        for text in ("english", "corpus", "byte-pair:15")
    }
    assert kinds == {"english": ["impossible"], "corpus": ["impossible"], "byte-pair:15": []}
