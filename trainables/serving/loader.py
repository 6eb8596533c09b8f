"""What MLflow calls to load a registered network: tensors and JSON are read, nothing is unpickled."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from safetensors.torch import load_file

from soundproof.common import record
from soundproof.search_spaces.custom import load_source
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.corpora.recorded.audio_containers import BrokenAudioError
from soundproof.trainables.prediction.answers import FilePrediction, predict_file
from soundproof.trainables.prediction.recorded import RecordedTrial
from soundproof.trainables.prediction.trained import Trained, rebuild
from soundproof.trainables.serving.questions import QuestionError, check_columns, write_audio


class AudioModel:
    """Answers rows about audio: a transcript each, or a class with its probability."""

    def __init__(self, trained: Trained) -> None:
        self.trained = trained

    def predict(self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row of answers for each row asked, as `questions.write_audio` wants them. Raises `QuestionError`.

        `params` is part of MLflow's call, and there are none.
        """
        check_columns(model_input.columns)
        with tempfile.TemporaryDirectory(prefix="soundproof-") as folder:
            rows = model_input.to_dict(orient="records")
            return pd.DataFrame([self._answer(row, number, Path(folder)) for number, row in enumerate(rows, start=1)])

    def _answer(self, row: Mapping[str, Any], number: int, folder: Path) -> dict[str, Any]:
        path = write_audio(row, number, folder)
        try:
            return self._columns(predict_file(self.trained, path))
        except BrokenAudioError as error:
            raise QuestionError(f"the audio of row {number} cannot be read: {error.reason}") from error
        finally:
            path.unlink(missing_ok=True)

    def _columns(self, answer: FilePrediction) -> dict[str, Any]:
        if self.trained.trial.task == "transcription":
            return {"transcript": answer.text, "seconds": answer.seconds}
        return {"class": answer.text, "probability": answer.probability, "seconds": answer.seconds}


def load_model(folder: Path) -> AudioModel:
    """The network that `registering` left in `folder`. Raises `PredictionError` where it does not fit this version."""
    for file in sorted((folder / record.CUSTOM_ARTIFACTS).glob("*.py")):
        load_source(file.read_text(encoding="utf-8"), file.name)
    trial = Trial.from_json((folder / record.TRIAL_ARTIFACT).read_text(encoding="utf-8"))
    weights = load_file(folder / record.WEIGHTS_ARTIFACT)
    return AudioModel(rebuild(RecordedTrial(trial_id=trial.trial_id, trial=trial, weights=weights)))


def _load_pyfunc(data_path: str) -> AudioModel:
    """As MLflow calls it by name."""
    return load_model(Path(data_path))
