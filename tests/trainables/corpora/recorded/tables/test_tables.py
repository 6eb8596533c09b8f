"""Tables as other programs write them: the same corpus, whatever the form and the names."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut, LabelledClips, ManifestSpeech, TaggedClips
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.hearing import measure_hearing
from soundproof.trainables.corpora.recorded.labelled_manifest import open_labelled_manifest
from soundproof.trainables.corpora.recorded.manifest import open_manifest
from soundproof.trainables.corpora.recorded.tables import parse_columns

RATE = 8000
CUT = Cut(seconds=0.25)
ROWS: list[dict[str, Any]] = [
    {"audio": f"{number}.wav", "label": ("dog", "siren")[number % 2], "speaker": number % 3, "fold": number % 4 + 1}
    for number in range(8)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight recordings of half a second, told apart by level, below three folders."""
    for number in range(8):
        for name in (f"{number}.wav", f"clips/{number}.wav", f"wavs/{number}.wav"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            soundfile.write(tmp_path / name, np.full(RATE // 2, (number + 1) / 16), RATE)
    return tmp_path


def _in_every_form(folder: Path) -> list[Path]:
    table = pd.DataFrame(ROWS)
    lines = "\n".join(json.dumps(row) for row in ROWS)
    (folder / "a.jsonl").write_text(lines)
    (folder / "b.json").write_text(json.dumps(ROWS, indent=1))
    table.to_csv(folder / "c.csv")
    table.to_csv(folder / "d.tsv", sep="\t", index=False)
    table.to_csv(folder / "e.txt", sep=";", index=False)
    table.to_parquet(folder / "f.parquet")
    forms = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".wav")
    for path in forms:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
    return [*forms, *(path.with_name(path.name + ".gz") for path in forms)]


def test_one_corpus_in_every_form(folder: Path) -> None:
    """Six forms, gzipped or not, as pandas and json write them: numbers are names, and the content is one."""
    opened = [open_labelled_manifest(path, CUT) for path in _in_every_form(folder)]
    assert len(opened) == 12
    assert len({corpus.spec for corpus in opened}) == 1
    spec = opened[0].spec
    assert isinstance(spec, LabelledClips)
    assert (spec.dataset, spec.classes) == ("manifest", ("dog", "siren"))
    assert [example.speaker for example in opened[0].examples[:4]] == ["0", "1", "2", "0"]
    assert [example.fold for example in opened[0].examples[:4]] == [1, 2, 3, 4]


def test_names_of_others_are_known(folder: Path) -> None:
    """Speech as NeMo, Common Voice, LJSpeech and SpeechBrain list it."""
    (folder / "nemo.json").write_text(
        "\n".join(json.dumps({"audio_filepath": f"{n}.wav", "text": "one", "duration": 0.5}) for n in range(3))
    )
    (folder / "cv.tsv").write_text(
        "client_id\tpath\tsentence\tup_votes\tsegment\n"
        'ann\t0.wav\t"It\u2019s one!\t2\t\nben\t1.wav\tCaf\u00e9, two\t3\t\n'
    )
    (folder / "metadata.csv").write_text("0|No. 1, sir|Number one, sir\n1|two|two\n")
    (folder / "sb.csv").write_text("ID,duration,wav,spk_id,wrd\nx,0.5,$data_root/0.wav,12,one\ny,0.5,1.wav,13,two\n")
    nemo, voice, book, brain = (
        open_manifest(folder / name, ManifestSpeech()) for name in ("nemo.json", "cv.tsv", "metadata.csv", "sb.csv")
    )
    assert [example.target for example in nemo.examples] == ["one"] * 3
    assert [(one.target, one.speaker) for one in voice.examples] == [("it's one", "ann"), ("cafe two", "ben")]
    assert voice.paths[0] == folder / "clips/0.wav" or voice.paths[0] == folder / "0.wav"
    assert [remark.kind for remark in voice.remarks] == ["transcripts rewritten"]
    assert ([one.target for one in book.examples], book.paths[0].parent) == (["number one sir", "two"], folder / "wavs")
    assert [(one.target, one.speaker) for one in brain.examples] == [("one", "12"), ("two", "13")]


def test_columns_are_what_the_user_says(folder: Path) -> None:
    """Any names will do; what is taken for nothing is said; a wrong option names the right ones."""
    (folder / "mine.csv").write_text(
        "where,what,mood\n" + "".join(f"{n}.wav,{('dog', 'siren')[n % 2]},x\n" for n in range(8))
    )
    with pytest.raises(CorpusError, match=r'\(8\): .*"audio" is missing(.|\n)*--columns audio='):
        open_labelled_manifest(folder / "mine.csv", CUT)
    corpus = open_labelled_manifest(folder / "mine.csv", CUT, columns=parse_columns("audio=where,label=what"))
    assert corpus.spec.classes == ("dog", "siren")
    assert "taken for nothing: mood" in corpus.remarks[0].text
    for wrong in ("audio", "audio=", "sound=x", "audio=a,audio=b"):
        with pytest.raises(CorpusError, match="--columns expects FIELD=COLUMN"):
            parse_columns(wrong)


def test_parts_of_a_file_are_recordings(folder: Path) -> None:
    """A start and a duration cut nothing on the disk: each part sounds like itself, and is heard as long as it is."""
    ramp = np.repeat(np.arange(1, 9) / 16, RATE // 2)
    soundfile.write(folder / "long.wav", ramp, RATE)
    rows = [{"audio": "long.wav", "start": n / 2, "duration": 0.5} for n in range(8)]
    labels = [row | {"label": ("dog", "siren")[n % 2], "group": str(n)} for n, row in enumerate(rows)]
    (folder / "clips.jsonl").write_text("\n".join(map(json.dumps, labels)))
    (folder / "text.jsonl").write_text("\n".join(json.dumps(row | {"text": "one"}) for row in rows))
    clips = open_labelled_manifest(folder / "clips.jsonl", CUT)
    speech = open_manifest(folder / "text.jsonl", ManifestSpeech())
    assert (len(clips.examples), clips.examples[1].key) == (8, "long.wav#0.500-1.000")
    assert {one.recording for one in speech.examples} == {"long.wav"}
    for corpus, length in ((clips, RATE // 4), (speech, RATE // 2)):
        waveforms = list(corpus.waveforms(range(8), RATE))
        assert [len(waveform) for waveform in waveforms] == [length] * 8
        assert [float(waveform.mean()) for waveform in waveforms] == pytest.approx(np.arange(1, 9) / 16, abs=1e-3)
    heard = measure_hearing(clips)
    assert (heard.recordings, heard.seconds, heard.heard_seconds) == (8, 4.0, 2.0)
    (folder / "clips.jsonl").write_text("\n".join(map(json.dumps, [*labels, labels[0]])))
    with pytest.raises(CorpusError, match=r"listed once, got .*long\.wav of line 1 again"):
        open_labelled_manifest(folder / "clips.jsonl", CUT)


def test_several_labels_and_joined_tables(folder: Path) -> None:
    """FSD50K's table has several labels; tables joined by plus signs lie beside the first."""
    for name, numbers in (("train", range(4)), ("dev", range(4, 6)), ("test", range(6, 8))):
        body = "".join(f'{n},"dog,{("bark", "siren")[n % 2]}",/m/1\n' for n in numbers)
        (folder / f"{name}.csv").write_text(f"fname,labels,mids\n{body}")
    corpus = open_labelled_manifest(Path(f"{folder}/train.csv+dev.csv+test.csv"), CUT)
    assert isinstance(corpus.spec, TaggedClips)
    assert corpus.spec.classes == ("bark", "dog", "siren")
    assert [one.partition for one in corpus.examples] == ["train"] * 4 + ["validation"] * 2 + ["test"] * 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"audio,label\n0.wav\n", r"a\.csv:2: must have 2 cells, as the line of names has, got 1"),
        ("a.csv", b"audio,audio\n", "a.csv:1: names must differ"),
        ("a.csv", b"0.wav,dog\n1.wav,dog\n", "expected the names of the columns, such as audio,label,speaker"),
        ("a.csv", b'audio,label\n"0.wav,dog\n', "must be a table of cells"),
        ("a.csv", b"audio,label\n\xe9,dog\n", r"a\.csv:2: must be UTF-8, got byte 0xe9 at column 1"),
        (
            "a.json",
            b'[{"audio": "0.wav",\n "label" "dog"}]',
            r"a\.json:2: must be a JSON array, got an error at column",
        ),
        ("a.json", b"[1]", r"a\.json: entry 1: must be an object, got int"),
        ("a.parquet", b"PAR1nothing", "must be Parquet"),
        ("a.csv.gz", gzip.compress(b"audio,label\n" * 99, mtime=0)[:-9], "must be a whole gzip file"),
    ],
)
def test_what_is_no_table_is_told(folder: Path, name: str, content: bytes, words: str) -> None:
    """File, place and remedy, of every form."""
    (folder / name).write_bytes(content)
    with pytest.raises(CorpusError, match=words):
        open_labelled_manifest(folder / name, CUT)


def test_samples_of_a_file_are_not_passed_over(folder: Path) -> None:
    """SpeechBrain's start and stop say what is meant: without them all of the file would be heard for each row."""
    (folder / "parts.csv").write_text(
        "ID,duration,wav,start,stop,wrd\nx,0.1,0.wav,0,1600,one\ny,0.1,0.wav,1600,3200,two\n"
    )
    with pytest.raises(CorpusError, match="start and stop in a table of SpeechBrain count samples"):
        open_manifest(folder / "parts.csv", ManifestSpeech())
