"""Recordings of one sound that are not the same bytes: found, told from what merely sounds alike, and named."""

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import lfilter, resample_poly

from soundproof.common.machine_notes import own_folder
from soundproof.search_spaces.presets import PRESETS
from soundproof.trainables.corpora import choose_corpus, open_corpus
from soundproof.trainables.corpora.recorded.near_duplicates import NearDuplicates, Sound, find_near_duplicates
from soundproof.trainables.corpora.recorded.tables.parts import Part

RATE = 44_100
SECONDS = 2


def _sound(seed: int) -> np.ndarray:
    """Noise through drawn resonances that swells and fades: as unlike another one as recordings are."""
    drawn = np.random.default_rng(seed)
    noise = drawn.normal(size=SECONDS * RATE)
    swelling = np.interp(np.linspace(0, 1, len(noise)), np.linspace(0, 1, 12), drawn.uniform(0.05, 1, 12))
    for hertz in drawn.uniform(200, 4000, 3):
        turn = 2 * np.pi * hertz / RATE
        noise = noise + 0.2 * lfilter([1.0], [1.0, -2 * 0.99 * np.cos(turn), 0.99**2], noise)
    found = noise * swelling
    return found / np.abs(found).max() / 2


def _later(samples: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(round(0.3 * RATE)), samples])[: len(samples)]


def _write(path: Path, samples: np.ndarray, rate: int = RATE, **form: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, **form)
    return path


def _write_mp3(path: Path, samples: np.ndarray) -> Path:
    """At 64 kbit/s, as the level makes it at this rate."""
    return _write(path, samples, format="MP3", bitrate_mode="CONSTANT", compression_level=0.889)


def _sounds(*paths: Path) -> list[Sound]:
    return [Sound(name=path.name, target="a", group=path.name, side=None, path=path) for path in paths]


def _names(found: NearDuplicates) -> list[list[str]]:
    return [[sound.name for sound in same] for same in found.sets]


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Eight recordings of different sounds."""
    folder = tmp_path_factory.mktemp("originals")
    return [_write(folder / f"{seed}.wav", _sound(seed)) for seed in range(8)]


def test_a_copy_is_found_whatever_was_done_to_it(originals: list[Path], tmp_path: Path) -> None:
    """Compressed, softer, later, at another rate, turned over, and the first three together; the rest is unlike."""
    sound = _sound(3)
    copies = [
        _write_mp3(tmp_path / "compressed.mp3", sound),
        _write(tmp_path / "softer.wav", sound / 2),
        _write(tmp_path / "later.wav", _later(sound)),
        _write(tmp_path / "slower.wav", resample_poly(sound, 160, 441), 16_000),
        _write(tmp_path / "turned.wav", -sound),
        _write_mp3(tmp_path / "together.mp3", _later(sound / 2)),
    ]
    for copy in copies:
        assert _names(find_near_duplicates(_sounds(*originals, copy))) == [sorted(["3.wav", copy.name])]
    together = find_near_duplicates(_sounds(*originals, *copies))
    assert _names(together) == [sorted(["3.wav", *(copy.name for copy in copies)])]
    (remark,) = together.remarks("transcripts")
    assert remark.kind == "near-duplicates"


def test_copies_of_the_same_bytes_are_no_finding_of_their_own(originals: list[Path], tmp_path: Path) -> None:
    """`identical` tells of them."""
    copy = tmp_path / "again.wav"
    copy.write_bytes(originals[0].read_bytes())
    found = find_near_duplicates(_sounds(*originals, copy))
    assert found == NearDuplicates(sets=(), compared=9, total=9)
    assert list(found.remarks("classes")) == []


def test_sounds_of_one_kind_are_not_one_sound(tmp_path: Path) -> None:
    """Tones, silences, noises, chords of one pitch in other phases; and files in which there is nothing to compare."""
    time = np.arange(RATE) / RATE
    drawn = np.random.default_rng(0)
    tones = {hertz: 0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (200, 213, 250, 440, 442, 880)}
    paths = [_write(tmp_path / f"tone{hertz}.wav", tone) for hertz, tone in tones.items()]
    paths += [_write(tmp_path / f"silence{number}.wav", np.zeros(RATE + number)) for number in range(3)]
    paths += [_write(tmp_path / f"noise{number}.wav", drawn.uniform(-0.5, 0.5, RATE)) for number in range(5)]
    for number in range(4):
        voices = [np.sin(2 * np.pi * 110 * k * time + drawn.uniform(0, 7)) / k for k in range(1, 20)]
        paths.append(_write(tmp_path / f"chord{number}.wav", 0.2 * np.sum(voices, axis=0) * np.exp(-3 * time)))
    paths += [_write(tmp_path / f"click{number}.wav", np.full(2, 0.1 * number), 8000) for number in range(3)]
    paths += [_write(tmp_path / f"low{number}.wav", drawn.uniform(-0.5, 0.5, 900), 2000) for number in range(2)]
    assert _names(find_near_duplicates(_sounds(*paths))) == []


def test_parts_of_one_file_that_lie_over_each_other_are_found(tmp_path: Path) -> None:
    """Half a second of shift between two of three parts."""
    path = _write(tmp_path / "long.wav", np.concatenate([_sound(1), _sound(2)]))
    parts = [Part(0.0, 1.5), Part(0.5, 1.5), Part(2.0, 1.5)]
    sounds = [Sound(name=one.suffix, target="a", group="g", side=None, path=path, part=one) for one in parts]
    found = find_near_duplicates(sounds)
    assert _names(found) == [["#0.000-1.500", "#0.500-2.000"]]
    (remark,) = found.remarks("classes")
    assert remark.text.endswith("all of one group, fold or partition, on one side of a split by these")


def test_a_large_corpus_is_compared_in_part_and_that_is_said(originals: list[Path], tmp_path: Path) -> None:
    """Eight seconds of sound are four of the files."""
    copies = [_write(tmp_path / path.name, _sound(number) / 2) for number, path in enumerate(originals)]
    sounds = [sound for pair in zip(originals, copies, strict=True) for sound in _sounds(*pair)]
    found = find_near_duplicates(sounds, most_seconds=31.9)
    assert (found.compared, found.total) == (15, 16)
    assert len(found.sets) == 7
    (remark,) = found.remarks("classes")
    assert remark.text.startswith("7 recordings of 15 compared, of 16 are the sound of another")
    assert "; and 4 more)" in remark.text


def test_a_corpus_says_what_its_near_duplicates_are(originals: list[Path], tmp_path: Path) -> None:
    """In a folder of classes: in another class, at most one is right; groups, and so content, stay as they were."""
    for number, path in enumerate(originals):
        _write(tmp_path / ("cat" if number < 4 else "dog") / path.name, _sound(number))
    choice = choose_corpus(f"folder:{tmp_path}", "sounds")
    before = open_corpus(choice, PRESETS["sounds"]["smoke"], only_looked_at=True)
    assert [remark for remark in before.remarks if "near" in remark.kind] == []
    _write_mp3(tmp_path / "dog" / "copy.mp3", _later(_sound(0) / 2))
    after = open_corpus(choice, PRESETS["sounds"]["smoke"], only_looked_at=True)
    copies, contradicting = (remark for remark in after.remarks if "near" in remark.kind)
    told, where = copies.text.split("; ")
    assert told.startswith("1 recording of 9 is the sound of another but for level, compression, rate or shift")
    assert told.endswith("(cat/0.wav ~ dog/copy.mp3)")
    assert where.startswith("1 set is of different groups, which nothing keeps on one side of a split")
    assert contradicting.text == (
        "1 set of near-duplicates is of different classes (cat/0.wav ~ dog/copy.mp3): at most one of these is right"
    )
    groups = {example.key: example.recording for example in after.examples}
    assert groups["cat/0.wav"] != groups["dog/copy.mp3"]


def test_a_fixed_side_is_named(originals: list[Path], tmp_path: Path) -> None:
    """One recording for training, the same one softer for the test."""
    copy = _write(tmp_path / "copy.wav", _sound(0) / 2)
    paths = {originals[0]: "train", copy: "test"}
    sounds = [Sound(name=p.name, target="a", group="g", side=side, path=p) for p, side in paths.items()]
    (remark,) = find_near_duplicates(sounds).remarks("transcripts")
    assert "1 set is in more than one fold or partition of the corpus: what is tested" in remark.text
    sounds = [replace(sound, side="fold 2", group=sound.name) for sound in sounds]
    (remark,) = find_near_duplicates(sounds).remarks("transcripts")
    assert remark.text.endswith("all of one group, fold or partition, on one side of a split by these")


def test_what_a_machine_has_found_is_found_once(
    originals: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note is believed until a file is written to; one that makes no sense is not."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    copy = _write(tmp_path / "copy.wav", _sound(0) / 2)
    sounds = _sounds(*originals[:3], copy)
    assert _names(find_near_duplicates(sounds)) == [["0.wav", "copy.wav"]]
    (note,) = (own_folder() / "near-duplicates").iterdir()
    note.write_text("[]")
    assert _names(find_near_duplicates(sounds)) == []
    for text in ("", "{}{", "[[0, 4]]", "[[0]]", "3"):
        note.write_text(text)
        assert _names(find_near_duplicates(sounds)) == [["0.wav", "copy.wav"]]
    note.write_text("[]")
    _write(copy, _sound(1) / 2)
    assert _names(find_near_duplicates(sounds)) == [["1.wav", "copy.wav"]]


def test_nothing_is_told_of_sounds_above_what_is_compared(tmp_path: Path) -> None:
    """Tones of other pitches, as of crickets: below half of the rate only their edges and rounding are left."""
    time = np.arange(RATE) / RATE
    tones = [0.3 * np.sin(2 * np.pi * hertz * time) for hertz in (3090, 3180, 3270, 5000)]
    files = [_write(tmp_path / f"{number}.wav", tone, subtype="PCM_16") for number, tone in enumerate(tones)]
    assert _names(find_near_duplicates(_sounds(*files))) == []
