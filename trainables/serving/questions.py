"""What a served model is asked: rows with the bytes of an audio file, or with samples and their rate."""

import base64
import binascii
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST

from soundproof.common.errors import UserError

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
