"""A network that answers values, asked about files: in the user's units, in tables, in JSON and as a model."""

import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import soundfile
import torch
from rich.console import Console
from valued_clips import write_valued_clips

from soundproof.search_spaces.specs import Adam, Budget, Cut, GroupSplit, MelSpectrogram, Recipe, Trial
from soundproof.search_spaces.specs.classifiers import FrameCnn, SoundBlock
from soundproof.trainables.corpora.recorded.labelled_manifest import open_labelled_manifest
from soundproof.trainables.explanation.explain import ExplanationError, refuse_other_answers
from soundproof.trainables.features import load, prepare
from soundproof.trainables.prediction.predictions import predict_with, prediction_table
from soundproof.trainables.prediction.recorded import PredictionError, RecordedTrial
from soundproof.trainables.prediction.trained import Trained, rebuild
from soundproof.trainables.serving.form import signature
from soundproof.trainables.serving.loader import AudioModel
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

CPU = torch.device("cpu")


@dataclass
class Sample:
    """A trained network, what it said of its test clips, and where these lie."""

    trained: Trained
    recorded: RecordedTrial
    rows: list[dict[str, object]]
    folder: Path


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Of a few epochs: what it says need not be right."""
    folder = tmp_path_factory.mktemp("values")
    features = MelSpectrogram(sample_rate_hz=8000, window_samples=256, hop_samples=256, mel_bands=32)
    corpus = open_labelled_manifest(write_valued_clips(folder, 20), Cut(seconds=1.0))
    trial = Trial(
        corpus=corpus.spec,
        split=GroupSplit(),
        features=features,
        network=FrameCnn(blocks=(SoundBlock(filters=4, kernel_size=3, sublayers=()),), dense=(4,), classes=1),
        recipe=Recipe(optimizer=Adam(learning_rate=0.01), batch_size=8),
        budget=Budget(epochs=3, preset="smoke"),
        seed=0,
    )
    training = Training(trial, FeatureData(load(prepare(corpus, features, folder / "features", workers=1)), CPU))
    while training.status is None:
        training.run_epoch()
    outcome = training.finish()
    assert outcome.weights is not None
    recorded = RecordedTrial(trial_id=trial.trial_id, trial=trial, weights=outcome.weights)
    return Sample(rebuild(recorded, CPU), recorded, outcome.predictions["test"], folder)


def test_files_get_the_values_that_the_trial_recorded(sample: Sample) -> None:
    """In the user's units: pitches from 200 to 2,000 Hz, not deviations from their mean."""
    found = predict_with(sample.trained, [sample.folder / str(row["key"]) for row in sample.rows])
    assert [file.value for file in found.files] == pytest.approx([row["value"] for row in sample.rows], rel=1e-4)
    assert all(100 < (file.value or 0) < 3000 for file in found.files)
    plain = found.to_plain()
    assert plain["task"] == "regression"
    assert plain["predictions"][0].keys() == {"file", "value", "seconds", "windows"}
    console = Console(width=400, file=io.StringIO())
    console.print(prediction_table(found))
    shown = console.file.getvalue()
    assert f"{found.files[0].value:.6g}" in shown
    assert "probability" not in shown


def test_the_value_of_a_long_file_is_the_mean_of_its_windows(sample: Sample, tmp_path: Path) -> None:
    """Silence after the last one, as in training."""
    samples, rate = soundfile.read(sample.folder / "10.wav")
    soundfile.write(tmp_path / "long.wav", [*samples, *samples, *samples[: rate // 2]], rate)
    (file,) = predict_with(sample.trained, [tmp_path / "long.wav"]).files
    values = [window.value for window in file.windows]
    assert len(values) == 3
    assert file.value == pytest.approx(sum(value or 0 for value in values) / 3)


def test_a_served_model_answers_a_number(sample: Sample) -> None:
    """Under the name that its signature promises."""
    samples, rate = soundfile.read(sample.folder / "10.wav")
    answer = AudioModel(sample.trained).predict(pd.DataFrame([{"samples": samples.tolist(), "sample_rate_hz": rate}]))
    assert list(answer.columns) == signature(sample.trained.trial).outputs.input_names() == ["value", "seconds"]
    assert answer["value"].dtype == float


def test_weights_without_their_scale_are_refused(sample: Sample) -> None:
    """They would answer deviations for hertz."""
    weights = {name: tensor for name, tensor in sample.recorded.weights.items() if not name.startswith("values.")}
    with pytest.raises(PredictionError, match="must fit its network"):
        rebuild(RecordedTrial(trial_id="x", trial=sample.trained.trial, weights=weights), CPU)


def test_no_class_is_explained(sample: Sample) -> None:
    """There is none."""
    with pytest.raises(ExplanationError, match="have a value"):
        refuse_other_answers(sample.trained.trial)
