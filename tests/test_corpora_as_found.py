"""Corpora as people have them, asked for by the command line: each is read whole, or said to be what it is.

Every test makes a small corpus with one thing about it that was once passed over, and reads what `describe` tells.
"""

import gzip
import json
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from flac_files import rice_flac

from soundproof.search_spaces import PRESETS, expand
from soundproof.search_spaces.custom import load_file
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.corpora import choose_corpus, open_corpus

RATE = 8000
DATA = Path(__file__).parent / "data" / "audio"
Command = Callable[..., subprocess.CompletedProcess[str]]
Describe = Callable[..., dict[str, Any]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def describe(soundproof_here: Command, tmp_path: Path) -> Describe:
    """What `describe` tells of a corpus, as data."""

    def ask(corpus: str, *options: str) -> dict[str, Any]:
        ended = soundproof_here("describe", corpus, *options, "--out", tmp_path / "page", "--json")
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return ask


@pytest.fixture
def refusal(soundproof_here: Command, tmp_path: Path) -> Callable[..., str]:
    """Why a command refuses, on one line."""

    def ask(*arguments: str | Path) -> str:
        ended = soundproof_here(*arguments, "--storage", tmp_path / "storage")
        assert ended.returncode == 2, ended.stdout
        return " ".join(ended.stderr.split())

    return ask


def _noise(seconds: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.3, 0.3, round(seconds * RATE))


def _record(path: Path, seconds: float = 1.0) -> Path:
    """A recording like no other, by its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, _noise(seconds, zlib.crc32(str(path).encode())), RATE)
    return path


def _rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _told(description: Mapping[str, Any]) -> dict[str, str]:
    """What has to be known of the corpus, by its kind."""
    return {remark["kind"]: remark["text"] for remark in description["remarks"]}


def test_flac_past_full_scale(tmp_path: Path, describe: Describe) -> None:
    """A sample of +32,768 in 16 bits: left out with its cause, since a copy is no better."""
    for word in ("low", "high"):
        for take in range(4):
            _record(tmp_path / "flac" / word / f"{take}.flac")
    loud = np.round(np.sin(np.arange(4096) / 20) * 32_768).astype(np.int64)
    (tmp_path / "flac" / "low" / "loud.flac").write_bytes(rice_flac(loud))
    (skipped,) = describe(f"folder:{tmp_path / 'flac'}", "--domain", "keywords")["skipped"]
    assert "low/loud.flac" in skipped
    assert "A copy is no better: encode its source again with samples clipped" in skipped


def test_heavy_speaker(tmp_path: Path, describe: Describe) -> None:
    """One of six speakers has most utterances: said, with the sides that seeds have."""
    speakers = ["jackson"] * 30 + ["george", "lucas", "nicolas", "theo", "yweweler"] * 2
    rows = [
        {"audio": _record(tmp_path / f"{number}.wav").name, "text": "one two", "speaker": speaker}
        for number, speaker in enumerate(speakers)
    ]
    told = _told(describe(f"manifest:{_rows(tmp_path / 'heavy.jsonl', rows)}"))
    assert told["heavy"].startswith("jackson, one of 6 speakers, has 30 of 40 utterances (75%)")
    assert "it trains for every seed" in told["heavy"]


def test_labelled_manifest(tmp_path: Path, describe: Describe, refusal: Callable[..., str]) -> None:
    """A list of labels, speakers and folds is a corpus of classes; a folder of folds is not."""
    rows = [
        {
            "audio": str(_record(tmp_path / "audio" / f"fold{number % 3 + 1}" / f"{number}.wav").relative_to(tmp_path)),
            "label": ("siren", "dog_bark")[number % 2],
            "speaker": number % 4,
            "fold": number % 3 + 1,
        }
        for number in range(24)
    ]
    described = describe(f"manifest:{_rows(tmp_path / 'list.jsonl', rows)}", "--domain", "sounds")
    assert {label["name"]: label["examples"] for label in described["classes"]} == {"dog_bark": 12, "siren": 12}
    why = refusal("describe", f"folder:{tmp_path / 'audio'}", "--domain", "sounds")
    assert "got folds (fold1, fold2, fold3)" in why


def test_manifests_of_others(tmp_path: Path, refusal: Callable[..., str]) -> None:
    """NeMo's names, numbers for speakers, segments, one JSON array, gzip; and one problem told once."""
    rows = [{"audio": _record(tmp_path / f"{number}.wav").name, "text": "one"} for number in range(8)]
    nemo = [{"audio_filepath": row["audio"], "text": row["text"], "duration": 1.0} for row in rows]
    numbers = [row | {"speaker": number % 4} for number, row in enumerate(rows)]
    segments = [row | {"offset": start, "duration": 0.3} for row in rows for start in (0.0, 0.35, 0.7)]
    lists = {
        _rows(tmp_path / "nemo.jsonl", nemo): 8,
        _rows(tmp_path / "numbers.jsonl", numbers): 8,
        _rows(tmp_path / "segments.jsonl", segments): 24,
        tmp_path / "array.json": 8,
        tmp_path / "manifest.jsonl.gz": 8,
    }
    (tmp_path / "array.json").write_text(json.dumps(rows, indent=1))
    (tmp_path / "manifest.jsonl.gz").write_bytes(gzip.compress(json.dumps(rows[0]).encode() + b"\n" * 2))
    with gzip.open(tmp_path / "manifest.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    for path, utterances in lists.items():
        opened = open_corpus(choose_corpus(f"manifest:{path}", "speech"), PRESETS["speech"]["quick"])
        assert len(opened.examples) == utterances, path.name
    wrong = _rows(tmp_path / "wrong.jsonl", [row | {"duration": 2.0} for row in nemo])
    why = refusal("describe", f"manifest:{wrong}")
    assert "1 problem in 8 lines" in why
    assert "lines 1, 2, 3, 4, 5 and 3 more (8)" in why


def test_mp3_without_length_header(tmp_path: Path, describe: Describe) -> None:
    """Nothing was promised, so nothing is missing: every file is read to its end."""
    for word in ("one", "two"):
        for take, name in enumerate(("piped.mp3", "constant.mp3", "variable.mp3")):
            (tmp_path / "mp3" / word).mkdir(parents=True, exist_ok=True)
            shutil.copy(DATA / name, tmp_path / "mp3" / word / f"{take}.mp3")
    described = describe(f"folder:{tmp_path / 'mp3'}", "--domain", "keywords")
    assert (described["total"]["recordings"], described["skipped"]) == (6, [])


def test_one_impossible_utterance(tmp_path: Path, describe: Describe) -> None:
    """It is named by its line, with what it keeps from being trained; and how it is left out."""
    rows = [
        {"audio": _record(tmp_path / f"{number}.wav", 0.3 if number == 3 else 2.0).name, "text": "one two three four"}
        for number in range(12)
    ]
    manifest = _rows(tmp_path / "cv.jsonl", rows)
    told = _told(describe(f"manifest:{manifest}"))
    assert told["impossible"].startswith("1 utterance of 12 with too little sound for the transcript")
    assert f"{manifest}:4: 0.30 s for a transcript of 18 characters" in told["impossible"]
    assert told["impossible"].endswith("or leave such out with --skip-impossible")


def test_other_audio_endings(tmp_path: Path, describe: Describe) -> None:
    """What is no audio to us is counted and named by its ending, and what is read is taken."""
    for word in ("one", "two"):
        for take in range(4):
            _record(tmp_path / "calls" / word / f"{take}.wav")
        shutil.copy(DATA / "piped.mp3", tmp_path / "calls" / word / "phone.mp3")
        (tmp_path / "calls" / word / "call.xyz").write_bytes(b"sound of some kind")
    described = describe(f"folder:{tmp_path / 'calls'}", "--domain", "keywords")
    assert described["total"]["examples"] == 10
    assert ".xyz" in json.dumps(described)


def test_preset_replaces_batch_size(tmp_path: Path) -> None:
    """Variants that differ in their batches alone train with these at every preset."""
    study = tmp_path / "batches.py"
    study.write_text(_BATCHES)
    (declared,) = load_file(study).studies
    for preset in PRESETS["keywords"].values():
        trials = expand(declared, preset, preset.corpus, GroupSplit(), (0,))
        assert {one.variant_id: one.trial.recipe.batch_size for one in trials} == {"batches/256": 256, "batches/4": 4}


def test_reasons_lost(tmp_path: Path, refusal: Callable[..., str]) -> None:
    """A class whose recordings are all broken is refused with the reason of each."""
    for word in ("zero", "one", "two"):
        for take in range(4):
            _record(tmp_path / "words" / word / f"{take}.wav")
    for take in range(4):
        file = tmp_path / "words" / "one" / f"{take}.wav"
        file.write_bytes(file.read_bytes()[: 0 if take == 0 else 500])
    corpus = f"folder:{tmp_path / 'words'}"
    run = ("run", "speech-commands", "--skip-broken", "--preset", "smoke", "--corpus", corpus)
    for why in (refusal("describe", corpus, "--domain", "keywords"), refusal(*run)):
        assert "class one: expected at least 3 recordings" in why
        assert "one/0.wav: empty" in why
        assert all(f"one/{take}.wav: cut short" in why for take in range(1, 4))


def test_single_speaker_speech(tmp_path: Path, refusal: Callable[..., str]) -> None:
    """One speaker cannot be split by speakers: what helps is said."""
    rows = [
        {"audio": _record(tmp_path / f"{number}.wav", 3.0).name, "text": f"sentence {letter}", "speaker": "lj"}
        for number, letter in enumerate("abcdefghij")
    ]
    manifest = _rows(tmp_path / "lj.jsonl", rows)
    why = refusal(
        *("run", "asr-time-distributed-dense", "--corpus", f"manifest:{manifest}"),
        *("--preset", "smoke", "--seeds", "1"),
    )
    assert "10 examples in 1 group" in why
    assert "leave out who speaks" in why
    assert "--split random" in why


def test_suspicious_recordings(tmp_path: Path, describe: Describe) -> None:
    """Copies within and across classes, silence, channels that cancel, and sentences of every side."""
    clips = tmp_path / "clips"
    for word in ("zero", "one", "two"):
        for take in range(4):
            _record(clips / word / f"{take}.wav")
    shutil.copytree(clips / "zero", clips / "zero" / "copy")
    shutil.copy(clips / "one" / "0.wav", clips / "two" / "mislabelled.wav")
    soundfile.write(clips / "zero" / "mute.wav", np.zeros(RATE), RATE)
    sound = _noise(1.0, 1)
    soundfile.write(clips / "one" / "cancels.wav", np.stack([sound, -sound], axis=1), RATE)
    told = _told(describe(f"folder:{clips}", "--domain", "keywords"))
    assert told["identical"].startswith("5 recordings of 19 are copies of another")
    assert "(one/0.wav = two/mislabelled.wav)" in told["contradicting"]
    assert "(zero/mute.wav)" in told["silent"]
    assert "(one/cancels.wav)" in told["cancelling"]
    rows = [
        {"audio": str(file), "text": file.parent.name, "speaker": f"speaker {file.stem}"}
        for file in sorted(clips.glob("*/?.wav"))
    ]
    told = _told(describe(f"manifest:{_rows(tmp_path / 'prompts.jsonl', rows)}"))
    assert told["same transcripts"].startswith("12 of 12 utterances have a transcript that others have, too")


def test_word_after_the_first_second(tmp_path: Path, describe: Describe, refusal: Callable[..., str]) -> None:
    """What is not heard is said; where that is most of it, somebody has to choose first."""
    for number, word in enumerate(("zero", "one")):
        for take in range(4):
            sound = np.random.default_rng(take).normal(0, 0.001, 3 * RATE)
            sound[int(1.2 * RATE) : int(1.7 * RATE)] += _noise(0.5, 10 * number + take)
            (tmp_path / "late" / word).mkdir(parents=True, exist_ok=True)
            soundfile.write(tmp_path / "late" / word / f"{take}.wav", sound, RATE)
    corpus = f"folder:{tmp_path / 'late'}"
    told = _told(describe(corpus, "--domain", "keywords"))
    assert told["not heard"].startswith("8 of 8 recordings are longer than what is heard of them, the first 1 s")
    why = refusal("run", "speech-commands", "--corpus", corpus, "--preset", "quick", "--seeds", "2")
    assert "--clip-place loudest" in why
    assert "not heard" not in _told(describe(corpus, "--domain", "keywords", "--clip-place", "whole"))


_BATCHES = '''
from dataclasses import dataclass
from torch import nn
from soundproof.common import record
from soundproof.search_spaces.claims import Better
from soundproof.search_spaces.custom import ClassifierNetwork
from soundproof.search_spaces.specs import Adam, MelSpectrogram, Recipe
from soundproof.search_spaces.studies import Absolute, Level, Study, Variant

@dataclass(frozen=True)
class Net(ClassifierNetwork):
    """A layer."""
    width: int = 8
    def build(self, frames, dimensions, classes):
        return nn.Sequential(nn.Flatten(), nn.Linear(frames * dimensions, self.width), nn.Linear(self.width, classes))

def variant(batch):
    return Variant(id=f"batches/{batch}", levels=(Level(factor="batch size", value=str(batch)),), network=Net().spec(),
        features=MelSpectrogram(sample_rate_hz=16000, window_samples=400, hop_samples=160, mel_bands=40),
        recipe=Recipe(optimizer=Adam(learning_rate=0.001), batch_size=batch), epochs=30)

STUDY = Study(id="batches", domain="keywords", question="Batches of 4 or of 256?", source="mine",
    baseline="batches/256", variants=(variant(256), variant(4)), margin=Absolute(value=0.02),
    metric=record.best(record.VALIDATION_ACCURACY),
    claims=(Better(text="Batches of 4 are better.", source="mine", pairs=(("batches/4", "batches/256"),)),))
'''
