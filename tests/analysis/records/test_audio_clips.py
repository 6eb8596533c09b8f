"""Clips of audio among the artifacts of a trial: those that are there, are audio, and fit into a page."""

import base64
from dataclasses import replace

import pytest

from soundproof.analysis.records import artifacts as module
from soundproof.analysis.records.artifacts import Artifacts, audio_clips

FLAC, WAV = b"fLaC" + b"\0" * 40, b"RIFF" + b"\1" * 60


@pytest.fixture
def kept(make, tmp_path):
    """Two trials; the second one left clips of every sort. Gives the artifacts and the trials."""
    records = make(losses=((10.0, 11.0),)).records
    trials = [replace(trial, artifact_uri=str(tmp_path / str(number))) for number, trial in enumerate(records.trials)]
    (tmp_path / "0").mkdir()
    folder = tmp_path / "1" / "audio" / "speaker"
    folder.mkdir(parents=True)
    (folder / "one.flac").write_bytes(FLAC)
    (folder / "two.wav").write_bytes(WAV)
    (folder / "false.wav").write_bytes(b"<script>")
    (folder / "large.wav").write_bytes(WAV + bytes(module.LARGEST_BYTES))
    return Artifacts(replace(records, tracking_uri="sqlite://", trials=tuple(trials))), trials


def test_clips_are_found_and_others_passed_over(kept):
    """FLAC and WAV by their keys; what is missing, too large, no audio, or outside of the folder is not shown."""
    keys = ["speaker/one", "speaker/two", "speaker/false", "speaker/large", "speaker/none", "../0/x"]
    clips = audio_clips(*kept, keys)
    assert list(clips) == ["speaker/one", "speaker/two"]
    assert clips["speaker/one"] == "data:audio/flac;base64," + base64.b64encode(FLAC).decode()
    assert clips["speaker/two"].startswith("data:audio/wav;base64,")


def test_clips_together_stay_within_a_page(kept, monkeypatch):
    """Once there is no room for a clip, smaller ones after it may still have some."""
    monkeypatch.setattr(module, "MOST_BYTES", len(FLAC))
    assert list(audio_clips(*kept, ["speaker/two", "speaker/one"])) == ["speaker/one"]


def test_trials_without_audio_have_none(kept):
    """Nothing is asked for file by file where there is no folder."""
    artifacts, trials = kept
    assert audio_clips(artifacts, trials[:1], ["speaker/one"]) == {}
