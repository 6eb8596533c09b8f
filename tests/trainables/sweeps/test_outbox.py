"""Finished trials in transit: whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from search_spaces import PRESETS, expand, find_study, preset_of, record
from search_spaces.specs import GroupSplit, Trial
from trainables.sweeps.outbox import collect, leave, waiting
from trainables.training.engine import Outcome

OUTCOME = Outcome(
    status="completed",
    reason=None,
    metrics={"best/validation/loss": 12.5},
    weights={"dense.bias": torch.arange(3.0)},
    predictions={"validation": [{"key": "k", "speaker": None, "reference": "a", "hypothesis": "<b>", "cer": 1.0}]},
)


@pytest.fixture
def trial() -> Trial:
    """Some trial."""
    preset = PRESETS["speech"]["smoke"]
    return next(expand(find_study("asr-merge-mode"), preset, preset.corpus, GroupSplit(), range(1))).trial


def test_what_is_left_is_collected(tmp_path: Path, trial: Trial) -> None:
    """Trial, metrics, history, weights and predictions arrive as they were sent."""
    history = [{"train/loss": 1.0}, {"train/loss": 0.5}]
    folder = leave(tmp_path, trial, OUTCOME, history, "cpu")
    parcel = collect(folder)
    assert (parcel.trial, parcel.status, parcel.metrics, parcel.history) == (
        trial,
        "completed",
        OUTCOME.metrics,
        history,
    )
    assert {path.name for path in parcel.artifacts.iterdir()} == {
        "predictions.json",
        "trial.json",
        "weights.safetensors",
    }
    assert torch.equal(load_file(parcel.artifacts / "weights.safetensors")["dense.bias"], torch.arange(3.0))


def test_a_classifier_leaves_its_confusion_matrix(tmp_path: Path) -> None:
    """A picture of what its test clips were taken for goes into the record."""
    study = find_study("esc-cnn-family")
    preset = preset_of(study, "smoke")
    trial = next(expand(study, preset, preset.corpus, GroupSplit(), range(1))).trial
    rows = [{"key": "k", "reference": "dog", "hypothesis": "rain", "probability": 0.4}]
    folder = leave(tmp_path, trial, replace(OUTCOME, predictions={"validation": rows, "test": rows}), [], "cpu")
    picture = (collect(folder).artifacts / record.CONFUSION_ARTIFACT).read_text()
    assert picture.startswith("<svg")
    assert ">rain<" in picture


def test_half_a_parcel_is_no_parcel(tmp_path: Path, trial: Trial) -> None:
    """What an actor was writing when it died is removed; what it had finished stays."""
    leave(tmp_path, trial, OUTCOME, [], "cpu")
    half = tmp_path / ".unfinished-x"
    half.mkdir()
    (half / "outcome.json").write_text("{")
    assert [parcel.trial for parcel in waiting(tmp_path)] == [trial]
    assert not half.exists()


def test_leaving_twice_replaces(tmp_path: Path, trial: Trial) -> None:
    """A trial that was trained again after a crash leaves one parcel."""
    leave(tmp_path, trial, OUTCOME, [], "cpu")
    leave(tmp_path, trial, OUTCOME, [{"train/loss": 1.0}], "cpu")
    (parcel,) = waiting(tmp_path)
    assert len(parcel.history) == 1
    parcel.discard()
    assert waiting(tmp_path) == []


def test_no_outbox_holds_nothing(tmp_path: Path) -> None:
    """A sweep that never ran has nothing waiting."""
    assert waiting(tmp_path / "nowhere") == []
