"""LibriSpeech's layout: transcripts and recordings find each other, subsets are the split, and nothing is dropped."""

import os
import pickle
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import GroupSplit, LibriSpeech, SpecError
from soundproof.trainables.corpora import parse_corpus
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.librispeech import open_librispeech
from soundproof.trainables.training.data.splitting import draw_partitions

RATE_HZ = 8000
SPEC = LibriSpeech()
SUBSETS = {"train-clean-100": ("11", "12"), "dev-clean": ("21", "22"), "test-clean": ("31", "32")}
SPOKEN = ("HE'S HERE", "WHERE", "THERE HE GOES")


def make_chapter(folder: Path, speaker: str, *, ending: str = "flac", seconds: float = 0.1) -> None:
    """One chapter of a speaker, three utterances told apart by their level."""
    chapter = folder / speaker / "7"
    chapter.mkdir(parents=True)
    lines = []
    for number, text in enumerate(SPOKEN):
        key = f"{speaker}-7-{number:04d}"
        soundfile.write(chapter / f"{key}.{ending}", np.full(round(seconds * RATE_HZ), (1 + number) / 8), RATE_HZ)
        lines.append(f"{key} {text}\n")
    (chapter / f"{speaker}-7.trans.txt").write_text("".join(lines))


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Three subsets of two speakers each, with what is published beside them."""
    folder = tmp_path / "LibriSpeech"
    for subset, speakers in SUBSETS.items():
        for speaker in speakers:
            make_chapter(folder / subset, speaker)
    (folder / "SPEAKERS.TXT").write_text(";ID  |SEX| SUBSET           |MINUTES| NAME\n")
    return folder


def sides(folder: Path) -> dict[str | None, int]:
    """How many utterances each partition has."""
    return dict(Counter(example.partition for example in open_librispeech(folder, SPEC).examples))


def refusal(folder: Path, spec: LibriSpeech = SPEC, *, skip_broken: bool = False) -> str:
    """The message with which the folder is refused."""
    with pytest.raises(CorpusError) as seen:
        open_librispeech(folder, spec, skip_broken)
    return str(seen.value)


def test_published_subsets_are_the_split(library: Path) -> None:
    """Transcripts in lower case with their apostrophes, speakers from the ids, sound from the file of the same name."""
    corpus = open_librispeech(library, SPEC)
    assert sides(library) == {"train": 6, "validation": 6, "test": 6}
    first = corpus.examples[0]
    assert (first.key, first.target, first.speaker, first.partition) == ("11-7-0000", "he's here", "11", "train")
    assert next(corpus.waveforms([2], RATE_HZ)) == pytest.approx(np.full(800, 3 / 8), abs=1e-3)
    assert open_librispeech(library.parent, SPEC).spec == corpus.spec
    assert pickle.loads(pickle.dumps(corpus)) == corpus


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("test", {"train": 6, "validation": 6}),
        ("dev", {None: 6, "test": 6}),
        ("train", {None: 6, "test": 6}),
    ],
)
def test_subsets_split_as_far_as_they_can(library: Path, missing: str, expected: dict[Any, int]) -> None:
    """What nobody trains on or validates with is left to the split, by speakers."""
    next(library.glob(f"{missing}-*")).rename(library.parent / "elsewhere")
    assert sides(library) == expected


def test_one_subset_is_divided_by_speakers(library: Path) -> None:
    """Named by itself or the only one there; a split draws whole speakers."""
    make_chapter(library / "dev-clean", "23")
    corpus = open_librispeech(library / "dev-clean", SPEC)
    assert {example.partition for example in corpus.examples} == {None}
    parts = draw_partitions(corpus.examples, GroupSplit(), 0, by_class=False)
    speakers = [{corpus.examples[index].speaker for index in side} for side in (parts.train, parts.validation)]
    assert [len(who) for who in speakers] == [1, 1]
    assert speakers[0] != speakers[1]


def test_converted_trees_are_read(tmp_path: Path) -> None:
    """WAV in the place of FLAC."""
    make_chapter(tmp_path, "11", ending="wav")
    assert [path.suffix for path in open_librispeech(tmp_path, SPEC).paths] == [".wav"] * 3


def test_a_limit_draws_by_its_seed(library: Path) -> None:
    """So many utterances, of any subset; the same again, others with another seed, and each another corpus."""
    drawn = [open_librispeech(library, LibriSpeech(utterances=5, seed=seed)) for seed in (0, 0, 1)]
    keys = [[example.key for example in corpus.examples] for corpus in drawn]
    assert [len(those) for those in keys] == [5, 5, 5]
    assert keys[0] == keys[1] != keys[2]
    whole = open_librispeech(library, SPEC).spec
    assert len({corpus.spec.digest() for corpus in drawn} | {whole.digest()}) == 3
    assert open_librispeech(library, drawn[0].spec).spec == drawn[0].spec


def test_a_limit_of_hours_lets_in_what_reaches_it(library: Path) -> None:
    """Utterances of a tenth of a second: ten of them take a second."""
    assert len(open_librispeech(library, LibriSpeech(hours=0.9999 / 3600)).examples) == 10
    assert re.search("at least 1 hours, got 0.0005: ask for less", refusal(library, LibriSpeech(hours=1.0)))


def test_of_a_limit_only_what_is_drawn_is_examined(library: Path) -> None:
    """A broken file that nobody hears is no hindrance; the others of LibriSpeech are not decoded either."""
    kept = {path.name for path in open_librispeech(library, LibriSpeech(utterances=5)).paths}
    for path in library.rglob("*.flac"):
        if path.name not in kept:
            path.write_bytes(b"")
    assert len(open_librispeech(library, LibriSpeech(utterances=5)).examples) == 5


@pytest.mark.parametrize("limits", [{"utterances": 0}, {"hours": 0.0}, {"utterances": 3, "hours": 1.0}, {"seed": -1}])
def test_limits_that_cannot_be_are_refused(limits: dict[str, Any]) -> None:
    """None, and two at once."""
    with pytest.raises(SpecError, match=f"got .*{next(iter(limits.values()))}"):
        LibriSpeech(**limits)


def remove(path: Path) -> None:
    """Take a recording away."""
    path.unlink()


def forget(path: Path) -> None:
    """Take the transcript of a recording away."""
    transcript = next(path.parent.glob("*.txt"))
    lines = transcript.read_text().splitlines(keepends=True)
    transcript.write_text("".join(line for line in lines if not line.startswith(path.stem)))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (remove, r"11-7.trans.txt:2: expected 11-7-0001.flac or .wav beside the transcript, got none: copy it again"),
        (forget, r"11-7-0001.flac: expected its transcript in SPEAKER-CHAPTER.trans.txt beside it, got none: add"),
        (lambda path: os.truncate(path, 60), r"11-7.trans.txt:2: .*11-7-0001.flac: "),
        (lambda path: path.rename(path.parents[2] / path.name), r"11-7.trans.txt:2: expected .*\n.*11-7-0001.flac: "),
    ],
)
def test_what_lacks_its_other_half_is_refused_or_counted(
    library: Path, damage: Callable[[Path], Any], words: str
) -> None:
    """A line, a recording: named with the remedy, or left out by request and still named."""
    damage(library / "train-clean-100/11/7/11-7-0001.flac")
    message = refusal(library)
    assert re.search(words, message)
    assert "--skip-broken" in message
    corpus = open_librispeech(library, SPEC, skip_broken=True)
    assert len(corpus.examples) == 17
    assert re.search(words, "\n".join(corpus.skipped))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("11-7-0003", "expected an id that begins with 11-7- and what is said, as in 84-.*, got '11-7-0003': correct"),
        ("12-7-0003 ELSEWHERE", "begins with 11-7- .*got '12-7-0003 ELSEWHERE'"),
        ("11-7-../0003 OUTSIDE", "begins with 11-7- "),
        ("11-7-0003 GRÖSSE, 3", r"'3' \(U\+0033\), 'ö' \(U\+00F6\)"),
        ("11-7-0002 AGAIN", "11-7-0002 is an id of train-clean-100/11/7/11-7.trans.txt:3 too: keep one"),
    ],
)
@pytest.mark.parametrize("skip_broken", [False, True])
def test_a_wrong_line_is_an_error_with_its_number(library: Path, line: str, words: str, skip_broken: bool) -> None:
    """Nothing but recordings may be skipped."""
    transcript = library / "train-clean-100/11/7/11-7.trans.txt"
    transcript.write_text(f"{transcript.read_text()}\n{line}\n", encoding="utf-8")
    message = refusal(library, skip_broken=skip_broken)
    assert re.search(rf": 1 problem in .*\n  train-clean-100/11/7/11-7.trans.txt:5: .*{words}", message)


def test_two_files_of_one_id_are_refused(library: Path) -> None:
    """In two formats, and in two subsets: nobody knows which is meant."""
    soundfile.write(library / "dev-clean/21/7/21-7-0000.wav", np.zeros(9), RATE_HZ)
    assert "expected one recording of 21-7-0000, got 21-7-0000.flac and 21-7-0000.wav: keep one" in refusal(library)
    (library / "dev-clean/21/7/21-7-0000.wav").unlink()
    make_chapter(library / "dev-other", "31")
    assert "31-7-0000 is an id of dev-other/31/7/31-7.trans.txt:1 too" in refusal(library)


def test_other_places_are_refused(library: Path) -> None:
    """No utterance, no folder, a speaker beside the subsets, a transcript of nobody, bytes that are no text."""
    (library / "empty").mkdir()
    assert "got no utterance: give the folder" in refusal(library / "empty", skip_broken=True)
    assert "got nothing there" in refusal(library / "none")
    make_chapter(library, "99")
    assert "99/7/99-7.trans.txt:1: expected it in a folder train-*, dev-* or test-*" in refusal(library)
    (library / "99/7/99-7.trans.txt").write_bytes(b"99-7-0000 \xff")
    assert "99/7/99-7.trans.txt: must be UTF-8, got byte 10 that is not" in refusal(library)
    (library / "99/7/99-7.trans.txt").rename(library / "99/7/99.trans.txt")
    assert "99/7/99.trans.txt: must be named SPEAKER-CHAPTER.trans.txt: rename it" in refusal(library)


@pytest.mark.parametrize(
    ("text", "label", "limit"),
    [
        ("librispeech:data/LibriSpeech", "librispeech", SPEC),
        ("librispeech:data/LibriSpeech/dev-clean/", "librispeech-dev-clean", SPEC),
        ("librispeech-2023-utterances:data", "librispeech-2023-utterances", LibriSpeech(utterances=2023)),
        ("librispeech-05-utterances-seed-00:data", "librispeech-5-utterances", LibriSpeech(utterances=5)),
        (
            "librispeech-2.50-hours-seed-7:dev-clean",
            "librispeech-2.5-hours-seed-7-dev-clean",
            LibriSpeech(hours=2.5, seed=7),
        ),
    ],
)
def test_names_hold_the_limit(text: str, label: str, limit: LibriSpeech) -> None:
    """So that the record tells parts from the whole."""
    choice = parse_corpus(text)
    assert (choice.name, choice.label, choice.limit) == ("librispeech", label, limit)


@pytest.mark.parametrize("name", ["librispeech-2023", "librispeech-1e3-hours", "librispeech-5-hours-seed-"])
def test_other_names_of_parts_are_refused(name: str) -> None:
    """With what they look like."""
    with pytest.raises(CorpusError, match=f"called librispeech-2023-utterances or .*, got '{name}'"):
        parse_corpus(f"{name}:data")


def test_describe_counts_and_refuses(library: Path, tmp_path: Path, soundproof_here: Callable[..., Any]) -> None:
    """From the command line: counts of the split, what is left out, and an exit status of 2 without a traceback."""
    remove(library / "train-clean-100/11/7/11-7-0001.flac")
    out = ("--preset", "smoke", "--out", tmp_path / "out")
    done = soundproof_here("describe", f"librispeech:{library}", *out)
    assert done.returncode == 0, done.stderr
    assert re.search(r"│ all +│ +17 │ +17 │ .*│ +5 │ +6 │ +6 │", done.stdout)
    assert "Left out: 1 recording;" in done.stdout
    done = soundproof_here("describe", f"librispeech-99-utterances:{library}", *out)
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected at least 99 utterances, got 17: ask for less, or leave out the limit" in " ".join(
        done.stderr.split()
    )
    done = soundproof_here("describe", f"librispeech-0-utterances:{library}", *out)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
