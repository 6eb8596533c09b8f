"""A trained network as a folder in MLflow's form: weights, trial, code, signature and requirements. No pickle."""

import base64
import importlib.metadata
import io
import tempfile
import warnings
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import soundfile
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, Schema
from mlflow.types.schema import Array, DataType
from safetensors.torch import save_file

from soundproof.common import record
from soundproof.common.digests import seal
from soundproof.common.package import PACKAGE_FOLDER
from soundproof.search_spaces.custom import source_of
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.prediction.recorded import RecordedTrial
from soundproof.trainables.serving.loader import AUDIO, RATE, SAMPLES

NEEDED = ("mlflow", "numba", "numpy", "pandas", "rich", "safetensors", "soundfile", "torch", "torchaudio")
"""Distributions that the code of a model imports."""

_LOADER = "soundproof.trainables.serving.loader"
_EXAMPLE_SECONDS = 3
_EXAMPLE_HZ = 16_000


def save_model(recorded: RecordedTrial, folder: Path, model: Model) -> None:
    """Write the network into `folder`, which is made; `model` names what it is in the record."""
    with tempfile.TemporaryDirectory(prefix="soundproof-") as temporary, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of MLflow about itself, none of the user's doing
        data = Path(temporary) / "network"
        _write_data(recorded, data)
        mlflow.pyfunc.save_model(
            str(folder),
            loader_module=_LOADER,
            data_path=str(data),
            code_paths=[str(PACKAGE_FOLDER)],
            mlflow_model=model,
            signature=signature(recorded.trial),
            input_example=_example(),
            pip_requirements=pinned_requirements(),
        )


def signature(trial: Trial) -> ModelSignature:
    """What the model takes and gives. All rows of a request have `audio`, or all have `samples` and their rate."""
    asked = Schema(
        [
            ColSpec(DataType.string, AUDIO, required=False),
            ColSpec(Array(DataType.double), SAMPLES, required=False),
            ColSpec(DataType.long, RATE, required=False),
        ]
    )
    if trial.task == "transcription":
        answer = [ColSpec(DataType.string, "transcript")]
    elif trial.has_values:
        answer = [ColSpec(DataType.double, "value")]
    else:
        answer = [ColSpec(DataType.string, "class"), ColSpec(DataType.double, "probability")]
    return ModelSignature(inputs=asked, outputs=Schema([*answer, ColSpec(DataType.double, "seconds")]))


def pinned_requirements() -> list[str]:
    """What pip has to install, at the versions that are installed here; a build's own mark (+cpu) is left out."""
    return [f"{name}=={importlib.metadata.version(name).partition('+')[0]}" for name in NEEDED]


def _example() -> pd.DataFrame:
    """A request that can be sent as it is: silence."""
    file = io.BytesIO()
    soundfile.write(file, np.zeros(_EXAMPLE_SECONDS * _EXAMPLE_HZ, dtype=np.float32), _EXAMPLE_HZ, format="FLAC")
    return pd.DataFrame({AUDIO: [base64.b64encode(file.getvalue()).decode("ascii")]})


def _write_data(recorded: RecordedTrial, folder: Path) -> None:
    folder.mkdir()
    (folder / record.TRIAL_ARTIFACT).write_text(recorded.trial.to_json(), encoding="utf-8")
    save_file(recorded.weights, folder / record.WEIGHTS_ARTIFACT)
    source = source_of(recorded.trial.network)
    if source is not None:
        for place, (path, text) in enumerate(source.files().items()):
            own = folder / (record.CUSTOM_ARTIFACTS if place == 0 else record.BESIDE_ARTIFACTS) / path
            own.parent.mkdir(parents=True, exist_ok=True)
            own.write_text(text, encoding="utf-8")
    seal(folder)
