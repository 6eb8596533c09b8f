"""Caches whose files are no longer what was written: made again, said, and never believed."""

import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from soundproof.common.digests import CHUNK_BYTES, DIGESTS, DamagedError, Sealed, seal
from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.specs import CorpusSpec, LogSpectrogram
from soundproof.trainables.corpora.corpus import Example, Waveform
from soundproof.trainables.features import load, prepare, verified
from soundproof.trainables.features.cache import fault_of

FEATURES = LogSpectrogram(sample_rate_hz=8000)


@dataclass(frozen=True)
class Noise:
    """Forty examples of a second or more, whose features are made at once."""

    spec: CorpusSpec = PRESETS["speech"]["smoke"].corpus
    skipped: tuple[str, ...] = ()

    @property
    def examples(self) -> Sequence[Example]:
        return tuple(Example(key=f"noise-{n}", target="a", recording=f"noise-{n}") for n in range(40))

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        for index in indices:
            yield np.random.default_rng(index).standard_normal(sample_rate_hz + 100 * index).astype(np.float32)


CORPUS = Noise()


@pytest.fixture(autouse=True)
def own_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a machine that has read nothing yet."""
    (tmp_path / "machine").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "machine"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Features of more than one chunk."""
    entry = prepare(CORPUS, FEATURES, tmp_path_factory.mktemp("made"), workers=1)
    assert (entry / "frames.npy").stat().st_size > CHUNK_BYTES
    return entry


@pytest.fixture
def entry(made: Path, tmp_path: Path) -> Path:
    """The same for one test."""
    return Path(shutil.copytree(made, tmp_path / "cache" / made.name))


def _punch_hole(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(300_000)
        file.write(bytes(2**20))


def _flip_exponents(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1 - len(content) // 2 // 4 * 4] ^= 0x40
    path.write_bytes(content)


def _flip_one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("frames.npy", _punch_hole),
        ("frames.npy", _flip_exponents),
        ("moments.npy", _flip_exponents),
        ("index.json", _flip_one_bit),
        (DIGESTS, _flip_one_bit),
    ],
)
def test_damaged_features_are_made_again_and_it_is_said(
    file: str, damage: Callable[[Path], None], made: Path, entry: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Byte for byte as they were, with one line that names the file."""
    assert prepare(CORPUS, FEATURES, entry.parent, workers=1) == entry
    assert not caplog.messages
    damage(entry / file)
    assert (entry / file).read_bytes() != (made / file).read_bytes()
    assert prepare(CORPUS, FEATURES, entry.parent, workers=1) == entry
    assert {path.name: path.read_bytes() for path in entry.iterdir()} == {
        path.name: path.read_bytes() for path in made.iterdir()
    }
    (line,) = caplog.messages
    assert line.startswith(str(entry))
    assert line.endswith("These features are made again")
    assert list(entry.parent.iterdir()) == [entry]


def test_damaged_features_are_not_trained_with(entry: Path) -> None:
    """Who maps them, having no corpus to make them of, is told what is broken."""
    _flip_exponents(entry / "frames.npy")
    with pytest.raises(DamagedError, match="frames.npy is not what was written there, somewhere in bytes "):
        load(entry)


def test_features_of_an_earlier_version_are_made_again(entry: Path, caplog: pytest.LogCaptureFixture) -> None:
    """They have no digests: whoever has no corpus believes them, and whoever has one makes them again."""
    (entry / DIGESTS).unlink()
    assert len(load(entry).examples) == len(CORPUS.examples)
    prepare(CORPUS, FEATURES, entry.parent, workers=1)
    assert Sealed.of(entry).files is not None
    assert "has no digests" in caplog.messages[0]


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files that are compared with their digests, as often as they are."""
    found: list[str] = []
    check = Sealed.check

    def counted(sealed: Sealed, *names: str) -> None:
        found.extend(names)
        check(sealed, *names)

    monkeypatch.setattr(Sealed, "check", counted)
    return found


def test_a_machine_compares_once_for_each_state(
    entry: Path, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight who ask at once wait for one; a file that was written to, and another start of the machine, are new."""
    together = [threading.Thread(target=load, args=(entry,)) for _ in range(8)]
    for thread in together:
        thread.start()
    for thread in together:
        thread.join()
    assert readings == ["frames.npy"]
    frames = entry / "frames.npy"
    times = frames.stat()
    frames.write_bytes(frames.read_bytes())
    os.utime(frames, ns=(times.st_atime_ns, times.st_mtime_ns))
    for _ in range(2):
        load(entry)
    assert readings == ["frames.npy"] * 2
    monkeypatch.setattr(verified, "_start_of_machine", lambda: "another")
    load(entry)
    assert readings == ["frames.npy"] * 3


def test_what_was_found_damaged_is_not_noted_as_good(entry: Path, readings: list[str]) -> None:
    """Whoever comes next finds the same."""
    _punch_hole(entry / "frames.npy")
    for _ in range(2):
        with pytest.raises(DamagedError):
            load(entry)
    assert readings == ["frames.npy"] * 2


def test_without_room_for_notes_all_compare(
    entry: Path, readings: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A TMPDIR that takes nothing costs time, and no run."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    for _ in range(2):
        assert np.isfinite(load(entry).frames).all()
    assert readings == ["frames.npy"] * 2


def test_nothing_is_said_of_features_as_they_were(entry: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at the level of information."""
    with caplog.at_level(logging.INFO):
        prepare(CORPUS, FEATURES, entry.parent, workers=1)
    assert not caplog.messages


@pytest.mark.parametrize("name", ["moments.npy", "frames.npy"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"'shape': (", b"'shape': (99999"),
        (b"{'descr'", b"{({'desc"),
        (b"{'descr'", b"{'descr''"),
        (b"(", b"(" * 400),
        (b"'<f", b"L'<f"),
    ],
)
def test_a_header_that_claims_more_than_there_is_costs_nothing(entry: Path, name: str, old: bytes, new: bytes) -> None:
    """Although its digest says that it is what was written: the entry is made again."""
    content = (entry / name).read_bytes()
    (entry / name).write_bytes(content[:10] + content[10:128].replace(old, new)[:118] + content[128:])
    seal(entry, mapped=["frames.npy"])
    fault = fault_of(entry)
    assert fault is not None
    assert "cannot be read whole" in fault
