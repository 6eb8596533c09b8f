"""The page, the tables and the JSON of corpora whose numbers are known."""

import base64
import io
import json
import re
import wave
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from rich.console import Console
from valued_clips import write_valued_clips

from soundproof.search_spaces.specs import Cut, ManifestSpeech, SyntheticSounds
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.corpora.recorded.class_folders import open_class_folders
from soundproof.trainables.corpora.recorded.esc50 import open_esc
from soundproof.trainables.corpora.recorded.labelled_manifest import open_labelled_manifest
from soundproof.trainables.corpora.recorded.manifest import open_manifest
from soundproof.trainables.description import Description, DescriptionError, describe_corpus
from soundproof.trainables.description.examples import first_of_each
from soundproof.trainables.description.summary import CorpusSummary, Group
from soundproof.trainables.description.tables import summary_tables

ESC10 = Path(__file__).resolve().parents[4] / "shared" / "data" / "esc10"
SCRIPT, QUOTES, PLAIN = "<script>alert(1)<", "a\"b'c&[red]d", "plain"
PICTURES = ["Waveform", "Spectrum", "Log spectrogram", "Mel spectrogram", "MFCC"]


@dataclass
class _Page(HTMLParser):
    """Tags with their attributes, and the visible text."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _read(description: Description) -> _Page:
    page = _Page()
    page.feed(description.page.read_text(encoding="utf-8"))
    return page


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Clips of a second gain nothing from more."""
    torch.set_num_threads(1)


def _tone(path: Path, seconds: float, rate: int, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, np.tile(tone[:, None], (1, channels)), rate)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Description:
    """Three classes with awkward names, ten recordings of two rates, one in stereo, and one broken."""
    folder = tmp_path_factory.mktemp("corpus")
    for name, count in ((SCRIPT, 3), (QUOTES, 4), (PLAIN, 3)):
        for number in range(count):
            _tone(
                folder / name / f"{number}.wav", 0.5 + 0.25 * number, 8000 if number else 16000, 2 if number == 3 else 1
            )
    (folder / PLAIN / "broken.wav").write_bytes(b"not audio")
    corpus = open_class_folders(folder, Cut(seconds=0.5, per_recording=2), skip_broken=True)
    return describe_corpus(corpus, tmp_path_factory.mktemp("out"), name="my <corpus>")


def test_json_equals_a_count_by_hand(described: Description) -> None:
    """Recordings of 0.5, 0.75, 1.0 (and 1.25) s give 1, 1, 2 (and 2) clips of 0.5 s."""
    plain = json.loads((described.page.parent / "description.json").read_text(encoding="utf-8"))
    assert plain == described.to_plain()
    assert plain["kind"] == "classes"
    rows = {row["name"]: row for row in plain["classes"]}
    assert {name: (row["recordings"], row["examples"], row["seconds"]) for name, row in rows.items()} == {
        SCRIPT: (3, 4, 2.0),
        QUOTES: (4, 6, 3.0),
        PLAIN: (3, 4, 2.0),
    }
    assert (plain["total"]["recordings"], plain["total"]["examples"]) == (10, 14)
    assert plain["total"]["sides"] == {"left to the split": 14}
    files = plain["files"]
    assert files["sample_rates_hz"] == {"8000": 7, "16000": 3}
    assert files["channels"] == {"1": 9, "2": 1}
    assert files["seconds"] == pytest.approx(3 * (0.5 + 0.75 + 1.0) + 1.25)
    assert (files["shortest_seconds"], files["longest_seconds"]) == (0.5, 1.25)
    assert sum(files["durations"]["counts"]) == files["count"] == 10
    assert len(plain["skipped"]) == 1


def test_every_class_has_pictures_and_audio(described: Description) -> None:
    """Five pictures that decode, with what they show as alternative text, and a WAV file of the clip."""
    page = _read(described)
    images, players = page.all("img"), page.all("audio")
    for name in (SCRIPT, QUOTES, PLAIN):
        assert name in page.text
        own = [image for image in images if f"{name}/0.wav" in (image["alt"] or "")]
        assert [(image["alt"] or "").split(" of ")[0] for image in own] == PICTURES
        assert [player["aria-label"] for player in players].count(f"Example of {name}") == 1
    for image in images:
        data = (image["src"] or "").removeprefix("data:image/png;base64,")
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as picture:
            picture.load()
            assert picture.size == (int(image["width"] or 0), int(image["height"] or 0))
    for player in players:
        data = (player["src"] or "").removeprefix("data:audio/wav;base64,")
        with wave.open(io.BytesIO(base64.b64decode(data, validate=True))) as audio:
            assert (audio.getnchannels(), audio.getsampwidth(), audio.getframerate()) == (1, 2, 16000)
            assert audio.getnframes() == 8000


def test_names_are_text_and_nothing_is_loaded(described: Description) -> None:
    """No name becomes markup; every source is data; the page forbids itself scripts and the network."""
    page = _read(described)
    assert not page.all("script")
    assert not page.all("corpus")
    assert not page.all("link")
    assert "my <corpus>" in page.text
    policy = next(meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
    for _, attributes in page.tags:
        assert (attributes.get("src") or "data:").startswith("data:")
        assert not any(name.startswith("on") for name in attributes)


def test_page_shows_what_was_left_out_and_the_durations(described: Description) -> None:
    """The broken file with its reason; a histogram whose bars are those of the JSON that count something."""
    page = _read(described)
    assert any("broken.wav" in text and "must be audio" in text for text in page.text)
    counts = described.to_plain()["files"]["durations"]["counts"]
    assert len(page.all("rect")) == sum(count > 0 for count in counts)
    for fact in ("8,000 Hz (7), 16,000 Hz (3)", "mono (9), stereo (1)"):
        assert fact in page.text


def test_tables_print_names_as_they_are(described: Description) -> None:
    """Nothing in a name is read as markup of the terminal."""
    console = Console(width=160, record=True, file=io.StringIO())
    for table in described.tables():
        console.print(table)
    printed = console.export_text()
    for text in (SCRIPT, QUOTES, PLAIN, "broken.wav", "16,000 Hz (3)"):
        assert text in printed


def test_tables_show_escape_sequences_as_text() -> None:
    """A class may be called anything: none tells the terminal to do something, and the table stays straight."""
    classes = [
        Group(name=name, recordings=2, examples=2, seconds=1.0, characters=None, sides={})
        for name in ("a\x1b[31mb", "c", "all")
    ]
    summary = CorpusSummary(
        name="x\x1b[2J",
        content="",
        transcribed=False,
        sides=(),
        by_class=tuple(classes[:2]),
        by_speaker=(),
        by_side=(),
        speakers=0,
        total=classes[2],
        files=None,
        skipped=(),
    )
    written = io.StringIO()
    Console(width=160, file=written).print(*summary_tables(summary))
    title, *table = written.getvalue().rstrip().splitlines()
    assert "\x1b" not in written.getvalue()
    assert "x\\x1b[2J: clips by class" in title
    assert any("│ a\\x1b[31mb │" in line for line in table)
    assert len({len(line) for line in table}) == 1


def test_speech_is_counted_by_speaker_and_partition(tmp_path: Path) -> None:
    """Utterances, seconds and characters of each speaker; transcripts above their pictures."""
    rows = [("ab", "one two", "train"), ("ab", "three", "test"), ("cd", "four", "train")]
    lines = []
    for number, (speaker, text, partition) in enumerate(rows):
        _tone(tmp_path / f"{number}.wav", 1 + number, 8000)
        lines.append(json.dumps({"audio": f"{number}.wav", "text": text, "speaker": speaker, "partition": partition}))
    (tmp_path / "list.jsonl").write_text("\n".join(lines))
    corpus = open_manifest(tmp_path / "list.jsonl", ManifestSpeech())
    description = describe_corpus(corpus, tmp_path / "out", name="speech")
    plain = description.to_plain()
    assert plain["kind"] == "transcripts"
    assert plain["classes"] == []
    speakers = [(row["name"], row["examples"], row["seconds"], row["characters"]) for row in plain["by_speaker"]]
    assert speakers == [("ab", 2, 3.0, 12), ("cd", 1, 3.0, 4)]
    assert [(row["name"], row["examples"]) for row in plain["sides"]] == [("train", 2), ("test", 1)]
    page = _read(description)
    assert "one two" in page.text
    assert "four" in page.text
    assert len(page.all("audio")) == 2


def test_embedded_corpora_have_no_files(tmp_path: Path) -> None:
    """A corpus made by formula shows its folds, and says that there are no files; long examples are cut."""
    corpus = make_synthetic_sounds(SyntheticSounds(sources_per_fold=1, folds=3, cut=Cut(seconds=0.2)))
    description = describe_corpus(corpus, tmp_path, name="synthetic-sounds")
    plain = description.to_plain()
    assert plain["files"] is None
    assert {row["name"]: row["examples"] for row in plain["sides"]} == {"fold 1": 10, "fold 2": 10, "fold 3": 10}
    assert plain["total"]["seconds"] == pytest.approx(30 * 0.2)
    assert any("made by formula" in text for text in _read(description).text)


def test_at_most_so_many_classes_are_shown() -> None:
    """The first example of each, by name, up to the limit; one of several labels stands for all of them, once."""
    assert first_of_each([("b",), ("a",), ("b",), ("c",)], 2) == [1, 0]
    assert first_of_each([("b", "a"), ("a",), ("c", "b")], 3) == [0, 2]


def test_an_output_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file where the folder should be ends with a message that says what to do."""
    corpus = make_synthetic_sounds(SyntheticSounds(sources_per_fold=1, folds=3, cut=Cut(seconds=0.05)))
    (tmp_path / "taken").write_text("")
    with pytest.raises(DescriptionError, match="Name another folder"):
        describe_corpus(corpus, tmp_path / "taken", name="sounds")


@pytest.mark.slow
def test_real_environmental_sounds(tmp_path: Path) -> None:
    """ESC-10: ten classes of forty clips in five folds, on a page below four megabytes."""
    if not ESC10.is_dir():
        pytest.skip("ESC-10 is not beside the project")
    description = describe_corpus(open_esc("esc10", ESC10, Cut(seconds=5.0)), tmp_path, name="esc10")
    plain = description.to_plain()
    assert [row["examples"] for row in plain["classes"]] == [40] * 10
    assert [row["examples"] for row in plain["sides"]] == [80] * 5
    assert description.page.stat().st_size < 4e6
    assert len(re.findall(r"<audio ", description.page.read_text(encoding="utf-8"))) == 10


def test_values_are_described_as_numbers(tmp_path: Path) -> None:
    """Where they lie, not a class for each of them; and clips from the least to the greatest."""
    corpus = open_labelled_manifest(write_valued_clips(tmp_path / "clips", 13), Cut(seconds=1.0))
    description = describe_corpus(corpus, tmp_path / "out", name="pitches")
    plain = description.to_plain()
    assert (plain["kind"], plain["classes"]) == ("values", [])
    assert (plain["values"]["least"], plain["values"]["median"], plain["values"]["greatest"]) == (200, 1100, 2000)
    text = _read(description).text
    assert "Values" in text
    assert "Classes" not in text
    assert "A few clips, from the least value to the greatest." in " ".join(text)
    console = Console(width=200, file=io.StringIO())
    console.print(*description.tables())
    assert "pitches: values" in console.file.getvalue()
