"""What a trained network says of files is what its trial recorded, whatever the files are like."""

import io
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from rich.console import Console

from soundproof.search_spaces.specs import RawWaveform
from soundproof.trainables.prediction.answers import least_transcribed
from soundproof.trainables.prediction.predictions import (
    Predictions,
    failure_lines,
    file_tables,
    predict,
    predict_by_each,
    predict_with,
    prediction_table,
)
from soundproof.trainables.prediction.recorded import PredictionError
from soundproof.trainables.prediction.trained import Trained, load_trained
from soundproof.trainables.training.data.normalisation import Normalisation

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def classifier(keywords) -> Trained:
    """The trained classifier, loaded from its record."""
    return load_trained(keywords.uri, keywords.trial.trial_id)


@pytest.fixture(scope="module")
def transcriber(speech) -> Trained:
    """The trained transcriber, loaded from its record."""
    return load_trained(speech.uri, speech.trial.trial_id)


def _tone(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    return np.repeat(tone[:, None], channels, axis=1)


def _shown(predictions: Predictions) -> str:
    console = Console(width=400, file=io.StringIO())
    console.print(prediction_table(predictions))
    return console.file.getvalue()


def test_clips_of_the_corpus_get_what_the_trial_recorded(keywords, classifier: Trained, tmp_path: Path) -> None:
    """Class and probability of every tenth test clip, from a file at the native rate, are those in predictions.json."""
    for number, row in enumerate(keywords.rows[::10]):
        found = predict_with(classifier, [keywords.write(row, tmp_path / f"{number}.wav")])
        (prediction,) = found.files
        assert prediction.text == row["hypothesis"]
        assert prediction.probability == pytest.approx(row["probability"], abs=1e-4)
        assert prediction.votes == 1
        assert len(prediction.windows) == 1
        assert prediction.seconds == pytest.approx(keywords.trial.corpus.cut.seconds)


def test_utterances_of_the_corpus_get_what_the_trial_recorded(speech, transcriber: Trained, tmp_path: Path) -> None:
    """The transcript of every test utterance is that in predictions.json."""
    files = [speech.write(row, tmp_path / f"{number}.wav") for number, row in enumerate(speech.rows)]
    found = predict_with(transcriber, files)
    assert [prediction.text for prediction in found.files] == [row["hypothesis"] for row in speech.rows]
    assert all(prediction.probability is None for prediction in found.files)


def test_a_long_file_is_the_mean_of_its_windows(keywords, classifier: Trained, tmp_path: Path) -> None:
    """Clips joined to one file vote as they do alone; the whole has the class of the highest mean probability."""
    rows = keywords.rows[:5]
    parts = [keywords.write(row, tmp_path / "part.wav") and soundfile.read(tmp_path / "part.wav")[0] for row in rows]
    soundfile.write(tmp_path / "long.wav", np.concatenate(parts), 22050, subtype="FLOAT")
    (whole,) = predict_with(classifier, [tmp_path / "long.wav"]).files
    # Resampling sees across the seams, so that numbers near them differ a little from those of single clips.
    assert [window.text for window in whole.windows] == [row["hypothesis"] for row in rows]
    said = [window.probability for window in whole.windows]
    assert said == pytest.approx([row["probability"] for row in rows], abs=0.02)
    assert [window.start_seconds for window in whole.windows] == [0, 1, 2, 3, 4]
    assert whole.votes == sum(row["hypothesis"] == whole.text for row in rows) / 5
    plain = whole.to_plain()
    assert plain["windows"][3] == {"start_seconds": 3, "class": rows[3]["hypothesis"], "probability": said[3]}


def test_the_probability_of_a_file_is_the_mean(classifier: Trained, tmp_path: Path) -> None:
    """A hand-made network that is sure of one class twice and of another once gives two thirds to the first."""

    class Loudness(torch.nn.Module):
        def forward(self, values):
            loud = values.flatten(1).square().mean(1) > 0.05
            logits = torch.full((len(values), 12), -50.0)
            logits[:, 0], logits[loud, 0], logits[loud, 3] = 0.0, -50.0, 0.0
            return logits

    trial = replace(classifier.trial, features=RawWaveform(sample_rate_hz=8000))
    plain = Normalisation.none(1, torch.device("cpu"))
    trained = replace(classifier, trial=trial, network=Loudness(), normalisation=plain, device=torch.device("cpu"))
    loudness = np.repeat([0.9, 0.01, 0.9], 8000)
    soundfile.write(tmp_path / "a.wav", loudness, 8000)
    (prediction,) = predict_with(trained, [tmp_path / "a.wav"]).files
    assert prediction.text == trial.corpus.classes[3]
    assert prediction.probability == pytest.approx(2 / 3)
    assert prediction.votes == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("8-bit.wav", (11025, 1, "PCM_U8")),
        ("24-bit.wav", (44100, 1, "PCM_24")),
        ("stereo.wav", (48000, 2, "PCM_16")),
        ("fast.wav", (192000, 1, "PCM_16")),
        ("lossless.flac", (22050, 1, "PCM_16")),
        ("lossy.ogg", (44100, 2, "VORBIS")),
    ],
)
def test_any_container_and_rate_is_heard(
    classifier: Trained, transcriber: Trained, tmp_path: Path, name: str, form: tuple[int, int, str]
) -> None:
    """A tone of 2.4 s is two windows and 2.4 s long, whatever holds it; both kinds of network answer."""
    rate, channels, subtype = form
    soundfile.write(tmp_path / name, _tone(2.4, rate, channels), rate, subtype=subtype)
    for trained, windows in ((classifier, 2), (transcriber, 1)):
        (prediction,) = predict_with(trained, [tmp_path / name]).files
        assert len(prediction.windows) == windows
        assert prediction.seconds == pytest.approx(2.4, abs=0.001)


def test_bad_files_are_named_and_the_others_answered(classifier: Trained, tmp_path: Path) -> None:
    """Text called .wav, no bytes, no samples, no file and a folder each get a reason; the good file its class."""
    (tmp_path / "text.wav").write_text("hello")
    (tmp_path / "nothing.wav").touch()
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 8000)
    soundfile.write(tmp_path / "[red]good[red].wav", _tone(0.2, 8000), 8000)
    bad = {"text.wav": "must be audio", "nothing.wav": "empty", "empty.wav": "empty", "gone.wav": "does not exist"}
    files = [tmp_path / name for name in [*bad, "[red]good[red].wav"]] + [tmp_path]
    found = predict_with(classifier, files)
    assert [Path(failure.file).name for failure in found.failed] == [*bad, tmp_path.name]
    for failure, reason in zip(found.failed, [*bad.values(), "folder"], strict=True):
        assert reason in failure.reason
    assert [Path(prediction.file).name for prediction in found.files] == ["[red]good[red].wav"]
    assert "[red]good[red].wav" in _shown(found).replace("│", "").replace("\n", "").replace(
        " ", ""
    ) or "[red]" in _shown(found)
    assert failure_lines(found)[3] == f"error: {tmp_path / 'gone.wav'}: does not exist: check the path"
    json.dumps(found.to_plain(), allow_nan=False)


def test_speech_that_is_too_short_is_refused(transcriber: Trained, tmp_path: Path) -> None:
    """The reason says the least length; a file of that length is transcribed, one sample less is not."""
    trial = transcriber.trial
    rate, least = trial.features.sample_rate_hz, least_transcribed(trial.network, trial.features)
    for name, samples in (("short.wav", least - 1), ("long.wav", least)):
        soundfile.write(tmp_path / name, _tone(samples / rate, rate), rate)
    found = predict_with(transcriber, [tmp_path / "short.wav", tmp_path / "long.wav"])
    assert [Path(prediction.file).name for prediction in found.files] == ["long.wav"]
    assert f"at least {least / rate:.3f} s" in found.failed[0].reason
    assert "short.wav" in found.failed[0].file


def test_long_speech_is_joined_from_its_pieces(speech, transcriber: Trained, tmp_path: Path) -> None:
    """A minute of speech with pauses is transcribed in pieces; nothing said is lost."""
    parts = []
    for row in speech.rows * 6:
        speech.write(row, tmp_path / "part.wav")
        parts += [soundfile.read(tmp_path / "part.wav")[0], np.zeros(22050)]
        if sum(map(len, parts)) > 60 * 22050:
            break
    soundfile.write(tmp_path / "minute.wav", np.concatenate(parts), 22050, subtype="FLOAT")
    (prediction,) = predict_with(transcriber, [tmp_path / "minute.wav"]).files
    assert len(prediction.windows) >= 3
    assert prediction.text == " ".join(window.text for window in prediction.windows if window.text)


def test_a_name_that_is_no_text_can_be_printed(classifier: Trained, tmp_path: Path) -> None:
    """Control characters and bytes that are not UTF-8 are written out."""
    path = tmp_path / "a\x1b[31m\udcff.wav"
    soundfile.write(tmp_path / "a.wav", _tone(1, 8000), 8000)
    shutil.move(tmp_path / "a.wav", path)
    found = predict_with(classifier, [path])
    json.dumps(found.to_plain(), ensure_ascii=False).encode()
    assert "\x1b" not in _shown(found)
    assert "\\x1b[31m\\udcff.wav" in found.files[0].file


@pytest.mark.slow
def test_a_fresh_process_needs_the_record_alone(keywords, storage: Path, tmp_path: Path) -> None:
    """By a shortened id, in another folder, without corpus, features or outbox; Ray is not loaded."""
    row = keywords.rows[0]
    path = keywords.write(row, tmp_path / "clip.wav")
    shutil.rmtree(storage / "features-keywords")
    code = (
        "import json, sys; from pathlib import Path\n"
        "from soundproof.trainables.prediction import predict\n"
        "found = predict(sys.argv[1], sys.argv[2], [Path(sys.argv[3])])\n"
        "assert not {'ray', 'optuna', 'plotly'} & sys.modules.keys(), 'heavy'\n"
        "print(json.dumps(found.to_plain()))\n"
    )
    arguments = [keywords.uri, keywords.trial.trial_id[:6].upper(), str(path)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
    )
    plain = json.loads(done.stdout)
    assert plain["trial"] == keywords.trial.trial_id
    assert plain["task"] == "classification"
    assert plain["predictions"][0]["class"] == row["hypothesis"]
    assert done.stderr == ""


def test_predict_loads_and_answers(keywords, tmp_path: Path) -> None:
    """The one function of the command line, from id and files to JSON values."""
    path = keywords.write(keywords.rows[0], tmp_path / "clip.wav")
    plain = predict(keywords.uri, keywords.trial.trial_id, [path]).to_plain()
    assert plain["predictions"][0]["class"] == keywords.rows[0]["hypothesis"]
    assert plain["failed"] == []


def test_a_file_is_answered_by_each_trial(keywords, classifier: Trained, tmp_path: Path) -> None:
    """A table for each file that could be read, a row in it for each trial; a broken file is named once."""
    good, bad = keywords.write(keywords.rows[0], tmp_path / "[red]clip[red].wav"), tmp_path / "gone.wav"
    twin = replace(classifier, trial_id="a" * 16, variant="[bold]b[bold]", trial=replace(classifier.trial, seed=7))
    every = [predict_with(trained, [good, bad]) for trained in (classifier, twin)]
    console = Console(width=400, file=io.StringIO())
    tables = file_tables(every)
    console.print(*tables)
    said = keywords.rows[0]["hypothesis"]
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in console.file.getvalue().splitlines() if "│" in line
    ]
    assert len(tables) == 1
    assert [row[:4] for row in rows] == [
        [keywords.trial.trial_id, classifier.variant, "0", said],
        ["a" * 16, "[bold]b[bold]", "7", said],
    ]
    assert failure_lines(*every) == [f"error: {bad}: does not exist: check the path"]


def test_trials_of_two_tasks_are_not_asked_together(keywords, speech, tmp_path: Path) -> None:
    """The error says which is of which; the same trial twice is asked once."""
    clip, ids = (
        keywords.write(keywords.rows[0], tmp_path / "clip.wav"),
        (keywords.trial.trial_id, speech.trial.trial_id),
    )
    with pytest.raises(PredictionError, match=f"{ids[0]} is of classification and {ids[1]} is of transcription"):
        predict_by_each(keywords.uri, ids, [clip])
    assert len(predict_by_each(keywords.uri, [ids[0], ids[0][:8]], [clip])) == 1


def test_the_command_asks_several_trials(keywords, speech, soundproof_here, tmp_path: Path) -> None:
    """With one trial the JSON is that trial's; with `--trial` a list; trials that do not fit are refused."""
    clip = keywords.write(keywords.rows[0], tmp_path / "clip.wav")
    asked = ("predict", keywords.trial.trial_id, clip, "--tracking-uri", keywords.uri)
    one, several = (soundproof_here(*asked, *more, "--json") for more in ((), ("--trial", keywords.trial.trial_id)))
    assert json.loads(several.stdout) == [json.loads(one.stdout)]
    assert keywords.rows[0]["hypothesis"] in soundproof_here(*asked, "--trial", keywords.trial.trial_id).stdout
    refused = soundproof_here(*asked, "--trial", speech.trial.trial_id)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "must be of one task" in refused.stderr
