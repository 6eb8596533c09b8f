"""Studies of classification from the command line: run, report, predict, explain, describe, and how they refuse."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.search_spaces import find_study

ROOT = Path(__file__).resolve().parents[1]
STUDY = "esc-cnn-family"
VARIANTS = [variant.id for variant in find_study(STUDY).variants]
CLASSES = {"high": 3000, "low": 200, "middle": 800}
"""Pitches in hertz."""

FORMS = [
    ("8-bit.wav", 16000, 1, "PCM_U8"),
    ("24-bit.wav", 16000, 1, "PCM_24"),
    ("stereo.flac", 44100, 2, "PCM_16"),
    ("fast.wav", 192000, 1, "PCM_16"),
]
SMOKE = ("--preset", "smoke")
Command = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _fresh(*arguments: str | Path) -> str:
    """What a command prints in a process of its own."""
    command = [sys.executable, "run_search.py", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def done(soundproof_here: Command) -> Callable[..., str]:
    """What a command prints that does what it was asked."""

    def ask(*arguments: str | Path) -> str:
        ended = soundproof_here(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return ask


@pytest.fixture
def refused(soundproof_here: Command) -> Callable[..., str]:
    """What a command says on standard error that refuses."""

    def ask(*arguments: str | Path) -> str:
        ended = soundproof_here(*arguments)
        assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
        return ended.stderr

    return ask


def _tone(path: Path, hertz: float, rate_hz: int = 16000, channels: int = 1, form: str | None = None) -> Path:
    """A second of a tone; of a FLAC file two."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = 0.3 * np.sin(2 * np.pi * hertz * np.arange(rate_hz * (1 + (path.suffix == ".flac"))) / rate_hz)
    soundfile.write(path, np.stack([samples] * channels, axis=1), rate_hz, subtype=form)
    return path


def _write_classes(folder: Path) -> Path:
    """A folder for each class, each with a recording of every form."""
    for number, (name, hertz) in enumerate(CLASSES.items()):
        for place, (file, rate_hz, channels, form) in enumerate(FORMS):
            _tone(folder / name / file, hertz * (1 + 0.03 * place + 0.01 * number), rate_hz, channels, form)
    return folder


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whole recordings of three classes, in forms that differ."""
    return _write_classes(tmp_path_factory.mktemp("corpus") / "tones")


@pytest.fixture(scope="module")
def run(classes: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A whole study on them: its storage, and what it printed."""
    storage = tmp_path_factory.mktemp("storage")
    printed = _fresh(
        "run", STUDY, *SMOKE, "--seeds", "2", "--corpus", f"folder:{classes}", "--storage", storage, "--json"
    )
    return storage, json.loads(printed)


@pytest.fixture(scope="module")
def storage(run: tuple[Path, dict[str, Any]]) -> Path:
    """The storage of the study."""
    return run[0]


def _trial_id(storage: Path, seed: int) -> str:
    """The trial of the study's baseline on that seed."""
    client = MlflowClient(f"sqlite:///{storage / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(STUDY)
    assert experiment is not None
    (first, *_) = client.search_runs(
        [experiment.experiment_id], f"tags.`{record.VARIANT}` = '{VARIANTS[0]}' AND tags.`{record.SEED}` = '{seed}'"
    )
    return first.data.tags[record.TRIAL_ID]


@pytest.fixture(scope="module")
def trial_id(storage: Path) -> str:
    """A trial of the study's baseline."""
    return _trial_id(storage, seed=0)


def test_a_study_of_classes_runs_on_unlike_files(run: tuple[Path, dict[str, Any]], done: Callable[..., str]) -> None:
    """8 and 24 bits, stereo, 192 kHz: every trial ends as it should, every claim has a verdict, `report` says it too.

    Two seeds decide nothing about a difference, so no claim but one of arithmetic may be called supported.
    """
    storage, printed = run
    assert [variant["id"] for variant in printed["variants"]] == VARIANTS
    assert all(sum(variant["statuses"].values()) == variant["n"] == 2 for variant in printed["variants"])
    assert {status for variant in printed["variants"] for status in variant["statuses"]} <= record.COMPARABLE
    assert [claim["text"] for claim in printed["claims"]] == [claim.text for claim in find_study(STUDY).claims]
    assert {claim["verdict"] for claim in printed["claims"] if claim["kind"] != "Larger"} == {"undecided"}
    (remark,) = printed["corpus_remarks"]
    assert remark.startswith(
        "3 of 12 recordings are longer than what is heard of them, the first 1 s: of 15 s of sound"
    )
    assert json.loads(done("report", STUDY, "--storage", storage, "--json")) == printed


def test_predict_needs_the_id_of_a_trial_alone(storage: Path, trial_id: str, tmp_path: Path) -> None:
    """Files of any rate and length get one of the corpus's classes, the probabilities are some, in a fresh process."""
    files = [_tone(tmp_path / "new.wav", 210, rate_hz=44100), _tone(tmp_path / "new.flac", 3100, rate_hz=8000)]
    said = json.loads(_fresh("predict", trial_id, *files, "--storage", storage, "--json"))
    assert (said["trial"], said["study"], said["variant"]) == (trial_id, STUDY, VARIANTS[0])
    assert [prediction["file"] for prediction in said["predictions"]] == [str(file) for file in files]
    assert all(prediction["class"] in CLASSES for prediction in said["predictions"])
    assert all(1 / len(CLASSES) <= prediction["probability"] <= 1 for prediction in said["predictions"])
    assert said["failed"] == []


def test_two_seeds_say_what_they_hear(storage: Path, trial_id: str, tmp_path: Path, done: Callable[..., str]) -> None:
    """Side by side: a row for each, by its seed; each says of the file what it says alone."""
    other, clip = _trial_id(storage, seed=1), _tone(tmp_path / "new.wav", 210)
    where = ("--storage", storage)
    both = json.loads(done("predict", trial_id, clip, "--trial", other, *where, "--json"))
    assert both == [json.loads(done("predict", trial, clip, *where, "--json")) for trial in (trial_id, other)]
    shown = done("predict", trial_id, clip, "--trial", other, *where)
    assert [trial in shown for trial in (trial_id, other)] == [True, True]


def test_training_and_validation_accuracy_are_drawn(storage: Path, tmp_path: Path, done: Callable[..., str]) -> None:
    """Of every variant that was trained, both partitions, at every epoch."""
    where = ("--storage", storage, "--out", tmp_path / "curves.html")
    drawn = json.loads(done("curves", STUDY, "--metric", "accuracy", *where, "--json"))
    assert [curve["variant"] for curve in drawn["curves"]] == VARIANTS
    assert all(0 <= point["mean"] <= 1 for curve in drawn["curves"] for point in curve["training"]["points"])
    assert all(curve["validation"]["seeds"] == curve["training"]["seeds"] == 2 for curve in drawn["curves"])


def test_a_file_that_is_no_audio_does_not_keep_the_others(
    storage: Path, trial_id: str, tmp_path: Path, soundproof_here: Command
) -> None:
    """What could be heard is printed, what could not is named on standard error, and the status tells."""
    good, bad = _tone(tmp_path / "good.wav", 210), tmp_path / "bad.wav"
    bad.write_text("no audio at all")
    ended = soundproof_here("predict", trial_id[:8], good, bad, "--storage", storage, "--json")
    assert ended.returncode == 2
    said = json.loads(ended.stdout)
    assert [prediction["file"] for prediction in said["predictions"]] == [str(good)]
    assert [failure["file"] for failure in said["failed"]] == [str(bad)]
    assert ended.stderr.startswith(f"error: {bad}: must be audio")


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_an_unknown_trial_is_refused_with_a_hint(
    command: str, storage: Path, trial_id: str, classes: Path, refused: Callable[..., str]
) -> None:
    """One sign wrong: the trial that was meant is named."""
    wrong = trial_id[:-1] + ("0" if trial_id[-1] != "0" else "1")
    files = [classes / "low" / "8-bit.wav"] if command == "predict" else []
    error = refused(command, wrong, *files, "--storage", storage)
    assert f"has the id {wrong!r}: did you mean {trial_id} ({VARIANTS[0]}, seed 0)" in error


def test_explanations_are_drawn_and_reach_the_report(
    storage: Path, trial_id: str, tmp_path: Path, done: Callable[..., str]
) -> None:
    """The pictures lie in the folder that was named; the next report holds them, without a file beside it."""
    page = tmp_path / "report" / "report.html"
    done("report", STUDY, "--storage", storage, "--out", page.parent)
    assert "data:image/png" not in page.read_text(encoding="utf-8")
    folder = tmp_path / "pictures"
    printed = [Path(line) for line in done("explain", trial_id, "--storage", storage, "--out", folder).splitlines()]
    assert set(printed) == set(folder.iterdir())
    pictures = [file for file in printed if file.suffix == ".png"]
    assert pictures
    assert all(file.read_bytes().startswith(b"\x89PNG\r\n") for file in pictures)
    done("report", STUDY, "--storage", storage, "--out", page.parent)
    assert len(re.findall(r'src="data:image/png;base64,', page.read_text(encoding="utf-8"))) == len(pictures)


def test_describe_shows_what_is_there_and_names_what_is_broken(tmp_path: Path, done: Callable[..., str]) -> None:
    """A file that cannot be read is left out and named; the others are counted as they are, on a page too."""
    corpus, out = _write_classes(tmp_path / "tones"), tmp_path / "description"
    (corpus / "low" / "broken.wav").write_text("no audio at all")
    printed = done("describe", f"folder:{corpus}", *SMOKE, "--out", out)
    assert "low/broken.wav" in printed
    assert f"Page: {out / 'description.html'}" in printed
    assert "low/broken.wav" in (out / "description.html").read_text(encoding="utf-8")
    described = json.loads((out / "description.json").read_text(encoding="utf-8"))
    assert [(label["name"], label["recordings"]) for label in described["classes"]] == [(name, 4) for name in CLASSES]
    assert described["files"]["sample_rates_hz"] == {"16000": 6, "44100": 3, "192000": 3}
    assert described["files"]["channels"] == {"1": 9, "2": 3}
    assert len(described["skipped"]) == 1


def _text_called_wav(folder: Path) -> str:
    (_write_classes(folder) / "low" / "notes.wav").write_text("no audio at all")
    return f"folder:{folder}"


def _empty_clip(folder: Path) -> str:
    soundfile.write(_write_classes(folder) / "low" / "nothing.wav", np.zeros(0), 16000)
    return f"folder:{folder}"


def _class_with_one_recording(folder: Path) -> str:
    _tone(_write_classes(folder) / "single" / "one.wav", 500)
    return f"folder:{folder}"


def _missing_file(folder: Path) -> str:
    """ESC-50's layout: two classes of five recordings, and a row more."""
    columns = ("filename", "fold", "target", "category", "esc10", "src_file", "take")
    (folder / "meta").mkdir(parents=True)
    with (folder / "meta" / "esc50.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(columns)
        for target, (category, hertz) in enumerate((("dog", 200), ("rain", 3000))):
            for fold in range(1, 6):
                name = f"{fold}-{100 + fold}-A-{target}.wav"
                _tone(folder / "audio" / name, hertz)
                table.writerow((name, fold, target, category, "True", 100 + fold, "A"))
        table.writerow(("5-999-A-1.wav", 5, 1, "rain", "True", 999, "A"))
    return f"esc50:{folder}"


def _no_folds(folder: Path) -> str:
    return f"folder:{_write_classes(folder)}"


def _no_transcripts(folder: Path) -> str:
    return f"esc10:{folder}"


@pytest.mark.parametrize(
    ("study", "write", "options", "messages"),
    [
        (STUDY, _text_called_wav, [], ["1 problem in 13 recordings", "low/notes.wav: must be audio"]),
        (STUDY, _empty_clip, [], ["1 problem in 13 recordings", "low/nothing.wav: "]),
        (STUDY, _class_with_one_recording, [], ["class single: expected at least 3 recordings", "got 1"]),
        (STUDY, _missing_file, [], ["1 problem in 11 recordings", "meta/esc50.csv:12: audio/5-999-A-1.wav: "]),
        (STUDY, _no_folds, ["--split", "folds"], ["a split by folds", "split by groups instead"]),
        ("asr-merge-mode", _no_transcripts, [], ["needs a corpus with transcripts, got esc10"]),
    ],
)
def test_unusable_corpora_are_refused(
    study: str,
    write: Callable[[Path], str],
    options: list[str],
    messages: list[str],
    *,
    tmp_path: Path,
    refused: Callable[..., str],
) -> None:
    """What is wrong is named, file by file and class by class, before anything is written."""
    corpus, storage = write(tmp_path / "corpus"), tmp_path / "storage"
    error = refused("run", study, *SMOKE, "--corpus", corpus, *options, "--storage", storage)
    for message in messages:
        assert message in error
    assert not storage.exists()
