"""Utterances kept as audio beside their transcripts."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.common import record
from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.specs import CorpusSpec, GroupSplit
from soundproof.trainables.corpora.corpus import CorpusError, Example, Waveform
from soundproof.trainables.sweeps.outbox import audio_clips
from soundproof.trainables.sweeps.outbox.audio_clips import add_audio
from soundproof.trainables.sweeps.outbox.results import TrialResult, collect, leave
from soundproof.trainables.training.engine import Outcome

PRESET = PRESETS["speech"]["smoke"]
TRIAL = next(iter(expand(find_study("asr-merge-mode"), PRESET, PRESET.corpus, GroupSplit(), (0,)))).trial
RATE = TRIAL.features.sample_rate_hz
KEYS = ("a", "folder/b", "../outside", "broken", "not asked")


@dataclass
class _Tones:
    """A second of another tone for each key."""

    spec: CorpusSpec = PRESET.corpus
    examples: Sequence[Example] = tuple(Example(key=key, target="x", recording=key) for key in KEYS)
    skipped: Sequence[str] = field(default_factory=tuple)

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        for index in indices:
            if KEYS[index] == "broken":
                raise CorpusError("it is gone")
            yield np.sin(np.arange(sample_rate_hz) * (0.01 + index / 10)).astype(np.float32) / 2


def _left(folder: Path, seed: int = 0) -> TrialResult:
    rows = [{"key": key, "reference": "x", "hypothesis": "y", "cer": 1.0} for key in (*KEYS[:4], "unknown")]
    outcome = Outcome(
        status="completed", reason=None, metrics={}, weights=None, predictions={"validation": rows, "test": rows}
    )
    return collect(leave(folder, replace(TRIAL, seed=seed), outcome, [], "cpu"))


def test_validation_utterances_are_kept_by_their_keys(tmp_path: Path) -> None:
    """Each is the corpus's own audio; what is broken, unknown, or would lie outside is left out."""
    trial_result = _left(tmp_path)
    add_audio(_Tones(), trial_result)
    folder = trial_result.artifacts / record.AUDIO_ARTIFACTS
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.flac")} == {"a.flac", "folder/b.flac"}
    assert not list(tmp_path.rglob("outside*"))
    for index, key in enumerate(KEYS[:2]):
        found, rate = soundfile.read(folder / f"{key}.flac")
        assert rate == RATE
        (original,) = _Tones().waveforms([index], RATE)
        assert np.abs(found - original).max() < 1e-4


def test_one_seed_has_audio(tmp_path: Path) -> None:
    """The others say the same words."""
    trial_result = _left(tmp_path, seed=1)
    add_audio(_Tones(), trial_result)
    assert not (trial_result.artifacts / record.AUDIO_ARTIFACTS).exists()
    assert json.loads((trial_result.artifacts / record.PREDICTIONS_ARTIFACT).read_text())["validation"]


def test_a_long_clip_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page has room for short ones."""
    monkeypatch.setattr(audio_clips, "LARGEST_BYTES", 100)
    trial_result = _left(tmp_path)
    add_audio(_Tones(), trial_result)
    assert not list(trial_result.artifacts.rglob("*.flac"))


def test_a_full_disk_leaves_the_trial_without_audio(tmp_path: Path) -> None:
    """Its numbers are recorded all the same, and no half file is among its artifacts."""
    trial_result = _left(tmp_path)
    command = [sys.executable, "-c", _ON_A_FULL_DISK, str(trial_result.artifacts)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert (trial_result.artifacts / record.PREDICTIONS_ARTIFACT).exists()
    assert not list(trial_result.artifacts.rglob("*.flac"))


_ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from soundproof.trainables.sweeps.outbox import audio_clips

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
noise = [((index * 7919) % 1000) / 1000 for index in range(16000)]
audio_clips._write(Path(sys.argv[1]) / "audio", "a", noise, 8000)
"""
