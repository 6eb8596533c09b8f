"""What a trained network answers to new audio, by the id of its trial alone.

Neither the corpus nor the cache of features is needed: the record holds the trial, its weights and its normalisation.
"""

import soundproof.common.library_settings  # noqa: F401
from soundproof.trainables.prediction.answers import FilePrediction, WindowAnswer
from soundproof.trainables.prediction.predictions import FailedFile, Predictions, predict, predict_with
from soundproof.trainables.prediction.recorded import PredictionError
from soundproof.trainables.prediction.table import failure_lines, prediction_table
from soundproof.trainables.prediction.trained import Trained, load_trained

__all__ = [
    "FailedFile",
    "FilePrediction",
    "PredictionError",
    "Predictions",
    "Trained",
    "WindowAnswer",
    "failure_lines",
    "load_trained",
    "predict",
    "predict_with",
    "prediction_table",
]
