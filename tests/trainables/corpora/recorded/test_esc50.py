"""ESC-50 and ESC-10: either layout, folds as the data says, every bad row and file named."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut
from soundproof.search_spaces.specs.clips import SOUND_CLASSES
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.audio_files import inspect
from soundproof.trainables.corpora.recorded.esc50 import open_esc

ESC10 = Path(__file__).resolve().parents[4] / "../shared/data/esc10"
RATE_HZ = 8000
CUT = Cut(seconds=0.05)
COLUMNS = ("filename", "fold", "target", "category", "esc10", "src_file", "take")
needs_esc10 = pytest.mark.skipif(not ESC10.is_dir(), reason="ESC-10's recordings are not beside the project")


def write_clip(path: Path) -> None:
    """A short sound."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.full(400, 0.5), RATE_HZ)


def make_rows() -> list[dict[str, str]]:
    """Three classes, two of them ESC-10's, with a source of two takes in every fold."""
    return [
        {
            "filename": f"{fold}-{100 + fold}-{take}-{target}.wav",
            "fold": str(fold),
            "target": str(target),
            "category": category,
            "esc10": str(category != "pig"),
            "src_file": str(100 + fold),
            "take": take,
        }
        for target, category in enumerate(("dog", "sea_waves", "pig"))
        for fold in range(1, 6)
        for take in "AB"
    ]


def write_table(folder: Path, rows: list[dict[str, str]], columns=COLUMNS) -> Path:
    """The table of the repository's layout."""
    (folder / "meta").mkdir(parents=True, exist_ok=True)
    with (folder / "meta/esc50.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small dataset in the repository's layout."""
    for row in make_rows():
        write_clip(tmp_path / "audio" / row["filename"])
    return write_table(tmp_path, make_rows())


def test_the_table_says_class_fold_and_source(repository):
    """Takes of one source are one recording; a fold is what its row says."""
    corpus = open_esc("esc50", repository, CUT)
    assert corpus.spec.dataset == "esc50"
    assert corpus.spec.classes == ("dog", "pig", "sea_waves")
    assert Counter(example.fold for example in corpus.examples) == dict.fromkeys(range(1, 6), 6)
    first = corpus.examples[0]
    assert (first.key, first.target, first.recording, first.fold, first.partition) == (
        "audio/1-101-A-0.wav",
        "dog",
        "1-101",
        1,
        None,
    )


def test_esc10_is_a_part_of_the_table(repository):
    """Only rows marked as ESC-10's count; a broken file of another class is none of its business."""
    (repository / "audio/1-101-A-2.wav").write_text("a broken pig")
    corpus = open_esc("esc10", repository, CUT)
    assert corpus.spec.dataset == "esc10"
    assert corpus.spec.classes == ("dog", "sea_waves")
    assert len(corpus.examples) == 20


def test_the_animals_are_the_first_ten_classes(repository, tmp_path_factory):
    """By the names of the table and by those of class folders; of the rest a broken file is none of their business."""
    (repository / "audio/1-101-A-1.wav").write_text("broken waves")
    corpus = open_esc("esc50-animals", repository, CUT)
    assert (corpus.spec.dataset, corpus.spec.classes) == ("esc50-animals", ("dog", "pig"))
    release = make_release(tmp_path_factory.mktemp("older"), "101 - Dog", "103 - Pig", "203 - Sea waves", "110 - Crow")
    assert open_esc("esc50-animals", release, CUT).spec.classes == ("crow", "dog", "pig")


def test_a_table_with_a_mark_at_its_start_and_blanks_is_read(repository):
    """Spreadsheets write a byte order mark and Windows line ends."""
    table = repository / "meta/esc50.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes().replace(b"fold", b" fold "))
    assert len(open_esc("esc50", repository, CUT).examples) == 30


def test_a_row_that_names_a_missing_file_is_an_error(repository):
    """It names line and file; skipped, it is counted."""
    (repository / "audio/1-101-B-0.wav").unlink()
    with pytest.raises(CorpusError, match=r"meta/esc50.csv:3: audio/1-101-B-0.wav: does not exist"):
        open_esc("esc50", repository, CUT)
    corpus = open_esc("esc50", repository, CUT, skip_broken=True)
    assert (len(corpus.examples), len(corpus.skipped)) == (29, 1)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("fold", "6", "fold must be a whole number from 1 to 5, got '6'"),
        ("fold", "0", "fold must be .* got '0'"),
        ("fold", "²", "fold must be .* got '²'"),
        ("fold", "1.0", "fold must be .* got '1.0'"),
        ("fold", "", "fold must be .* got ''"),
        ("category", " ", "category is empty"),
        ("filename", "", "filename is empty"),
        ("src_file", "", "src_file is empty"),
        ("esc10", "perhaps", "esc10 must be True or False, got 'perhaps'"),
        ("filename", "1-101-B-0.wav", "audio/1-101-B-0.wav was listed before"),
    ],
)
def test_a_bad_row_is_named_by_line(repository, column, value, words):
    """Folds that are none, empty fields, files listed twice: an error even where broken files may be skipped."""
    rows = make_rows()
    rows[9][column] = value
    with pytest.raises(CorpusError, match=rf"meta/esc50.csv:11: {words}"):
        open_esc("esc50", write_table(repository, rows), CUT, skip_broken=True)


def test_all_bad_rows_and_files_are_named_at_once(repository):
    """One look shows everything that is to be mended."""
    rows = make_rows()
    rows[0]["fold"], rows[1]["category"] = "x", ""
    (repository / "audio/1-101-A-1.wav").write_text("no sound")
    with pytest.raises(CorpusError) as seen:
        open_esc("esc50", write_table(repository, rows), CUT)
    assert all(words in str(seen.value) for words in ("csv:2: fold", "csv:3: category", "csv:12: audio/1-101-A-1.wav"))


def test_missing_columns_are_named(repository):
    """Expected, given, and what to add."""
    write_table(repository, make_rows(), columns=("filename", "category", "esc10", "take"))
    with pytest.raises(CorpusError, match=r"esc50.csv:1: expected the columns .* got filename, .*: add fold, src_file"):
        open_esc("esc50", repository, CUT)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "got none: add filename"),
        (b"filename,fold,category,esc10,src_file\n", "expected a row for each clip"),
        (b"filename,fold,category,esc10,src_file\na.wav,1\n", "csv:2: category is empty"),
        (b"filename\xff", "must be UTF-8"),
    ],
)
def test_a_table_that_is_none_is_an_error(repository, content, words):
    """Empty, without rows, with short rows, in another encoding: a message, and never a traceback."""
    (repository / "meta/esc50.csv").write_bytes(content)
    with pytest.raises(CorpusError, match=words):
        open_esc("esc50", repository, CUT)


def make_release(folder: Path, *class_folders: str) -> Path:
    """ESC-10's own layout; WAV stands for Ogg, which takes longer to make."""
    for class_folder in class_folders:
        for fold in range(1, 6):
            write_clip(folder / class_folder / f"{fold}-{200 + fold}-A.wav")
    (folder / "CREDITS.md").write_text("thanks")
    return folder


def test_class_folders_carry_the_same_names_as_the_table(tmp_path):
    """Dog bark is dog in both, so that trials on either release can be told to be about the same classes."""
    corpus = open_esc("esc10", make_release(tmp_path, "001 - Dog bark", "003 - Sea waves", "010 - Fire crackling"), CUT)
    assert corpus.spec.classes == ("crackling_fire", "dog", "sea_waves")
    assert corpus.examples[0].key == "001 - Dog bark/1-201-A.wav"
    assert (corpus.examples[0].fold, corpus.examples[0].recording) == (1, "1-201")


def test_esc10_leaves_other_class_folders_alone(tmp_path):
    """In ESC-50's older release, ESC-10 is what bears its names."""
    make_release(tmp_path, "101 - Dog", "102 - Rooster", "103 - Pig")
    assert open_esc("esc10", tmp_path, CUT).spec.classes == ("dog", "rooster")
    assert open_esc("esc50", tmp_path, CUT).spec.classes == ("dog", "pig", "rooster")


def test_a_misnamed_clip_is_a_problem(tmp_path):
    """Without a fold in its name nobody knows where it belongs."""
    make_release(tmp_path, "001 - Dog bark", "002 - Rain")
    write_clip(tmp_path / "002 - Rain/9-1-A.wav")
    with pytest.raises(CorpusError, match=r"002 - Rain/9-1-A.wav: must be named FOLD-SOURCE-TAKE.ogg"):
        open_esc("esc10", tmp_path, CUT)


def test_another_folder_is_no_esc(tmp_path):
    """The message says what both layouts look like."""
    with pytest.raises(
        CorpusError, match=r'expected audio/ beside meta/esc50.csv, or a folder for each class as in "001'
    ):
        open_esc("esc10", tmp_path, CUT)


@needs_esc10
def test_the_published_release_is_read_whole(opened: Counter[str]):
    """400 files opened once, ten classes of 40, five folds of 80; no source is in two folds."""
    corpus = open_esc("esc10", ESC10, Cut(seconds=5.0))
    assert (len(opened), max(opened.values())) == (400, 1)
    assert Counter(example.target for example in corpus.examples) == dict.fromkeys(SOUND_CLASSES, 40)
    assert Counter(example.fold for example in corpus.examples) == dict.fromkeys(range(1, 6), 80)
    assert corpus.spec.classes == SOUND_CLASSES
    folds_of = {(example.recording.split("-")[1], example.fold) for example in corpus.examples}
    assert len(folds_of) == len({source for source, _ in folds_of})


@needs_esc10
def test_published_clips_of_other_lengths_are_padded_or_cut(tmp_path):
    """Whatever a file's length, the clip has 5 s; what is beyond the file's end is silence."""
    for class_folder in ("001 - Dog bark", "006 - Person sneeze"):
        (tmp_path / class_folder).symlink_to((ESC10 / class_folder).resolve())
    corpus = open_esc("esc10", tmp_path, Cut(seconds=6.0))
    index = next(index for index, example in enumerate(corpus.examples) if example.target == "sneezing")
    seconds = inspect(tmp_path / corpus.examples[index].key).duration_seconds
    (clip,) = corpus.waveforms([index], 44100)
    assert clip.shape == (6 * 44100,)
    assert not clip[round(seconds * 44100) :].any()
    assert clip[: round(seconds * 44100)].any()
