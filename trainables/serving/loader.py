"""What MLflow calls to load a registered network, and what that is asked.

Tensors and JSON are read, nothing is unpickled. Rows hold the bytes of an audio file, or samples and their rate.
"""

import base64
import binascii
import math
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd
import soundfile
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST
from safetensors import SafetensorError
from safetensors.torch import load_file

from soundproof.common import record
from soundproof.common.digests import DamagedError, Sealed
from soundproof.common.errors import UserError
from soundproof.search_spaces.custom import load_source
from soundproof.search_spaces.specs import Trial
from soundproof.search_spaces.user_code.sources import source_of_files
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.prediction.answers import FilePrediction, predict_file
from soundproof.trainables.prediction.recorded import PredictionError, RecordedTrial
from soundproof.trainables.prediction.trained import Trained, rebuild

AUDIO, SAMPLES, RATE = "audio", "samples", "sample_rate_hz"
_RATES = range(1_000, 1_000_000)


class QuestionError(UserError, MlflowException):
    """A request or a row of it cannot be answered. The message says which, what was expected, and what was given.

    MLflow's server answers with the message of its own exceptions alone, and with the status that they carry: 400.
    """

    def __init__(self, message: str) -> None:
        MlflowException.__init__(self, message, error_code=BAD_REQUEST)


def check_columns(columns: Collection[str]) -> None:
    """Of a request: MLflow leaves out those that a model does not know. Raises `QuestionError`."""
    if AUDIO not in columns and SAMPLES not in columns:
        raise QuestionError(
            f"a request must have the column {AUDIO!r} (the bytes of a WAV, FLAC, Ogg or MP3 file in base64) or the "
            f"columns {SAMPLES!r} and {RATE!r}, and has neither: check how they are spelt, others are ignored"
        )


def write_audio(row: Mapping[str, Any], number: int, folder: Path) -> Path:
    """The audio of row `number`, the first being 1, as a file in `folder`. Raises `QuestionError`.

    Samples are written as they are, 32-bit floats, so that a file and its samples get the same answer.
    """
    audio, samples, rate = (_given(row, name) for name in (AUDIO, SAMPLES, RATE))
    path = folder / f"{number}.audio"
    if (audio is None) == (samples is None):
        raise QuestionError(
            f"row {number} must have either {AUDIO!r} (the bytes of a WAV, FLAC, Ogg or MP3 file in base64) or "
            f"{SAMPLES!r} with {RATE!r}, and has {'neither' if audio is None else 'both'}"
        )
    if audio is not None:
        path.write_bytes(_decoded(audio, number))
        return path
    if rate is None or not math.isfinite(rate) or rate != int(rate) or int(rate) not in _RATES:
        raise QuestionError(
            f"{RATE!r} of row {number} must be a whole number from {_RATES.start} to {_RATES.stop - 1}, got {rate!r}"
        )
    soundfile.write(path, _numbers(samples, number), int(rate), format="WAV", subtype="FLOAT")
    return path


def _given(row: Mapping[str, Any], name: str) -> Any:
    """The value of a column; None where the row leaves it out, which a data frame shows as a number that is none."""
    value = row.get(name)
    return None if isinstance(value, float) and math.isnan(value) else value


def _numbers(samples: Any, number: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    try:
        values = np.asarray(samples, dtype=np.float32)
    except (TypeError, ValueError):
        values = np.full(1, np.nan, dtype=np.float32)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise QuestionError(f"{SAMPLES!r} of row {number} must be one list of finite numbers from -1 to 1: one channel")
    return values


def _decoded(text: str, number: int) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise QuestionError(f"{AUDIO!r} of row {number} must be base64 (RFC 4648): {error}") from error


class AudioModel:
    """Answers rows about audio: a transcript each, a class with its probability, or a value."""

    def __init__(self, trained: Trained) -> None:
        self.trained = trained

    def predict(self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """One row of answers for each row asked, as `write_audio` wants them. Raises `QuestionError`.

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
        if answer.value is not None:
            return {"value": answer.value, "seconds": answer.seconds}
        return {"class": answer.text, "probability": answer.probability, "seconds": answer.seconds}


def load_model(folder: Path) -> AudioModel:
    """The network that `registering` left in `folder`.

    Raises `PredictionError` where it does not fit this version, or a file is not what was registered.
    """
    try:
        Sealed.of(folder).check()
    except DamagedError as error:
        raise PredictionError(
            f"the model cannot be asked: {error}. Register its trial again, or put the file back as it was"
        ) from error
    for file in sorted((folder / record.CUSTOM_ARTIFACTS).glob("*.py")):
        beside = folder / record.BESIDE_ARTIFACTS
        files: dict[PurePath, str] = {
            path.relative_to(beside): path.read_text("utf-8") for path in sorted(beside.rglob("*.py"))
        }
        load_source(source_of_files(file.name, file.read_text("utf-8"), files))
    trial = Trial.from_json((folder / record.TRIAL_ARTIFACT).read_bytes())
    try:
        weights = load_file(folder / record.WEIGHTS_ARTIFACT)
    except SafetensorError as error:
        raise PredictionError(f"the weights of the model cannot be read: {error}. Register its trial again") from error
    return AudioModel(rebuild(RecordedTrial(trial_id=trial.trial_id, trial=trial, weights=weights)))


def _load_pyfunc(data_path: str) -> AudioModel:
    """As MLflow calls it by name."""
    return load_model(Path(data_path))
