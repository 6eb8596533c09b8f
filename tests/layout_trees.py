"""Made-up trees of published layouts, small but whole, and what was put into each.

Classes are tones of a pitch of their own, so that a network has something to learn, and no two files are the same.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from soundproof.search_spaces.studies import Domain

RATE = 8000
SECONDS = 1.0
PITCHES = (400.0, 1500.0)
TEXT = "In five, say: \u201cgo\u201d."
SPOKEN = "in five say go"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """A layout: who makes it in a folder, and its examples by label, or by partition for speech."""

    make: Callable[[Path], None]
    domain: Domain
    holds: Mapping[str | None, int]
    speakers: int = 0
    """How many are named."""
    tested: int = 0
    """How many are marked as the test."""
    with_several_labels: int = 0

    @property
    def examples(self) -> int:
        """How many were put in."""
        return self.with_several_labels or sum(self.holds.values())


def _sound(path: Path, pitch: float = 400.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(zlib.crc32(path.name.encode()))
    time = np.arange(int(RATE * SECONDS)) / RATE
    tone = np.sin(2 * np.pi * pitch * time) / 3 + random.normal(0, 0.01, len(time))
    soundfile.write(path, tone, RATE, format="NIST" if path.suffix in (".sph", ".WAV") else None)


def _write(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _urbansound8k(root: Path) -> None:
    rows = ["slice_file_name,fsID,start,end,salience,fold,classID,class"]
    for number in range(30):
        name, kind = f"{number}-3-0-0.wav", number // 3 % 2
        _sound(root / "audio" / f"fold{number % 3 + 1}" / name, PITCHES[kind])
        rows.append(f"{name},{number},50.0,51.0,1,{number % 3 + 1},{kind},{('dog_bark', 'siren')[kind]}")
    _write(root / "metadata" / "UrbanSound8K.csv", *rows)


def _fsd50k(root: Path) -> None:
    for kind, numbers in (("dev", range(24)), ("eval", range(24, 32))):
        head = "fname,labels,mids,split" if kind == "dev" else "fname,labels,mids"
        rows = [head]
        for number in numbers:
            _sound(root / f"FSD50K.{kind}_audio" / f"{number}.wav", PITCHES[number % 2])
            split = ("," + ("val" if number % 3 == 0 else "train")) if kind == "dev" else ""
            rows.append(f'{number},"{("Bark", "Meow")[number % 2]},Animal","/m/1,/m/2"{split}')
        _write(root / "FSD50K.ground_truth" / f"{kind}.csv", *rows)


def _ravdess(root: Path) -> None:
    for actor in range(1, 9):
        for emotion, pitch in (5, PITCHES[0]), (8, PITCHES[1]):
            _sound(root / f"Actor_{actor:02d}" / f"03-01-0{emotion}-01-01-01-{actor:02d}.wav", pitch)


def _crema_d(root: Path) -> None:
    for actor in range(1001, 1009):
        for emotion, pitch in ("ANG", PITCHES[0]), ("SAD", PITCHES[1]):
            _sound(root / "AudioWAV" / f"{actor}_DFA_{emotion}_XX.wav", pitch)
    _sound(root / "AudioWAV" / "odd.wav")


def _audio_folder(root: Path) -> None:
    for side in ("train", "test"):
        for kind, pitch in ("dog", PITCHES[0]), ("siren", PITCHES[1]):
            for number in range(8):
                _sound(root / side / kind / f"{side}-{kind}-{number}.wav", pitch)


def _common_voice(root: Path) -> None:
    columns = (
        "client_id path sentence_id sentence sentence_domain up_votes down_votes age gender accents variant locale"
    )
    head = "	".join([*columns.split(), "segment"])  # of release 17 and later; earlier ones have fewer
    for kind, numbers in (("train", range(8)), ("dev", range(8, 12)), ("test", range(12, 15))):
        for number in numbers:
            _sound(root / "clips" / f"common_voice_en_{number}.wav")
        rows = [f"{n:x}\tcommon_voice_en_{n}.wav\t{n:x}0\t{TEXT}\t\t2\t0\t\t\t\t\ten\t" for n in numbers]
        _write(root / f"{kind}.tsv", head, *rows)


def _ljspeech(root: Path) -> None:
    for number in range(12):
        _sound(root / "wavs" / f"LJ001-{number:04d}.wav")
    _write(root / "metadata.csv", *(f"LJ001-{n:04d}|In 5, say: go|{TEXT}" for n in range(12)))


def _librispeech(root: Path) -> None:
    for part, readers in (("train-clean-100", (103, 1034)), ("dev-clean", (84,)), ("test-clean", (61,))):
        for reader in readers:
            folder = root / part / str(reader) / "1240"
            for number in range(4):
                _sound(folder / f"{reader}-1240-{number:04d}.flac")
            lines = (f"{reader}-1240-{number:04d} {SPOKEN.upper()}" for number in range(4))
            _write(folder / f"{reader}-1240.trans.txt", *lines)


def _kaldi(root: Path) -> None:
    speakers = [f"s{number}" for number in range(6)]
    for speaker in speakers:
        _sound(root / f"{speaker}.wav")
    parts = [(speaker, part) for speaker in speakers for part in (1, 2)]
    _write(root / "wav.scp", *(f"rec-{speaker} {root / speaker}.wav" for speaker in speakers))
    _write(root / "text", *(f"{speaker}-{part} GO" for speaker, part in parts))
    _write(root / "utt2spk", *(f"{speaker}-{part} {speaker}" for speaker, part in parts))
    _write(root / "segments", *(f"{s}-{part} rec-{s} {(part - 1) / 2} {part / 2}" for s, part in parts))


def _an4(root: Path) -> None:
    for kind, folder, speakers in (
        ("train", "an4_clstk", ("fash", "mblw", "mcfl", "fjlp")),
        ("test", "an4test_clstk", ("fcaw", "mmxg")),
    ):
        texts = []
        for speaker in speakers:
            for number in (251, 252):
                _sound(root / "wav" / folder / speaker / f"an{number}-{speaker}-b.sph")
                texts.append(f"<s> {SPOKEN.upper()} </s> (an{number}-{speaker}-b)")
        _write(root / "etc" / f"an4_{kind}.transcription", *texts)


def _timit(root: Path) -> None:
    for side, speakers in ("TRAIN", ("FCJF0", "FDAW0", "MCPM0", "MDAC0")), ("TEST", ("MDAB0", "FAKS0")):
        for speaker in speakers:
            for sentence in ("SA1", "SX37"):
                folder = root / "data" / side / "DR1" / speaker
                _sound(folder / f"{sentence}.WAV")
                _write(folder / f"{sentence}.TXT", f"0 {int(RATE * SECONDS)} {TEXT}")
                _write(folder / f"{sentence}.WRD", "0 4000 in", f"4000 {int(RATE * SECONDS)} five")
                _write(folder / f"{sentence}.PHN", "0 4000 h#", f"4000 {int(RATE * SECONDS)} iy")


def _lhotse(root: Path) -> None:
    for part, numbers in (("train", range(8)), ("dev", range(8, 11)), ("test", range(11, 14))):
        cuts = []
        for number in numbers:
            path = root / "audio" / f"{number}.wav"
            _sound(path)
            cuts.append(json.dumps(_cut(number, path)))
        (root / f"mine_cuts_{part}.jsonl.gz").write_bytes(gzip.compress("\n".join(cuts).encode()))


def _cut(number: int, path: Path) -> dict[str, object]:
    """A cut of the second half of a recording, in the words of lhotse's documentation."""
    name = f"rec-{number}"
    return {
        "id": f"cut-{number}",
        "start": SECONDS / 2,
        "duration": SECONDS / 2,
        "channel": 0,
        "supervisions": [
            {
                "id": f"sup-{number}",
                "recording_id": name,
                "start": 0.0,
                "duration": SECONDS / 2,
                "channel": 0,
                "text": "Go!",
                "speaker": f"s{number}",
            }
        ],
        "recording": {
            "id": name,
            "sources": [{"type": "file", "channels": [0], "source": str(path)}],
            "sampling_rate": RATE,
            "num_samples": int(RATE * SECONDS),
            "duration": SECONDS,
            "channel_ids": [0],
        },
        "type": "MonoCut",
    }


TREES: Mapping[str, Tree] = {
    "urbansound8k": Tree(make=_urbansound8k, domain="sounds", holds={"dog_bark": 15, "siren": 15}),
    "fsd50k": Tree(
        make=_fsd50k, domain="sounds", holds={"Animal": 32, "Bark": 16, "Meow": 16}, tested=8, with_several_labels=32
    ),
    "ravdess": Tree(make=_ravdess, domain="sounds", holds={"angry": 8, "surprised": 8}, speakers=8),
    "crema-d": Tree(make=_crema_d, domain="sounds", holds={"anger": 8, "sad": 8}, speakers=8),
    "audio-folder": Tree(make=_audio_folder, domain="sounds", holds={"dog": 16, "siren": 16}, tested=16),
    "common-voice": Tree(
        make=_common_voice, domain="speech", holds={"train": 8, "validation": 4, "test": 3}, tested=3, speakers=15
    ),
    "librispeech": Tree(
        make=_librispeech, domain="speech", holds={"train": 8, "validation": 4, "test": 4}, tested=4, speakers=4
    ),
    "ljspeech": Tree(make=_ljspeech, domain="speech", holds={None: 12}),
    "kaldi": Tree(make=_kaldi, domain="speech", holds={None: 12}, speakers=6),
    "lhotse": Tree(
        make=_lhotse, domain="speech", holds={"train": 8, "validation": 3, "test": 3}, tested=3, speakers=14
    ),
    "an4": Tree(make=_an4, domain="speech", holds={None: 8, "test": 4}, tested=4, speakers=6),
    "timit": Tree(make=_timit, domain="speech", holds={None: 8, "test": 4}, tested=4, speakers=6),
}
"""By the names that the command line has for them."""
