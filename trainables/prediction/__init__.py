"""What a trained network answers to new audio, by the id of its trial alone.

Neither the corpus nor the cache of features is needed: the record holds the trial, its weights and its normalisation.
"""

import soundproof.common.library_settings  # noqa: F401
from soundproof.trainables.prediction.predictions import (
    Predictions,
    failure_lines,
    file_tables,
    predict,
    predict_by_each,
    prediction_table,
)
from soundproof.trainables.prediction.recorded import PredictionError

__all__ = [
    "PredictionError",
    "Predictions",
    "failure_lines",
    "file_tables",
    "predict",
    "predict_by_each",
    "prediction_table",
]
