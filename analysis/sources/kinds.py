"""Which reader a source is for: a path, or an address of a store, with nothing said beside it."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from soundproof.analysis.sources.found import Found, SourceError

READERS = (
    "wandb_offline",
    "hydra_runs",
    "ray_results",
    "lightning_logs",
    "trainer_states",
    "keras_logs",
    "tensorboard_events",
    "optuna_studies",
    "parquet",
    "json_tables",
    "delimited",
    "small_logs",
    "mlperf_logs",
)
"""Modules of this room that read a file or a folder, asked in this order whether they know it: special ones first."""


def read_source(address: str, *, experiment: str | None = None) -> Found:
    """The runs of one source. Raises `SourceError` where there is none, or none that any reader knows."""
    stores = import_module("soundproof.analysis.sources.mlflow_experiments")
    path = Path(address).expanduser()
    if stores.recognises(address):
        found: Found = stores.read(address, experiment)
        return found
    if not os.path.exists(path):  # a name too long to exist raises nothing here
        raise SourceError(
            f"expected a file, a folder or an MLflow store's address, got {address!r}, which is none: check the path"
        )
    for name in READERS:
        reader = import_module(f"soundproof.analysis.sources.{name}")
        if reader.recognises(path):
            return _read(reader)(path)
    raise SourceError(
        f"{address}: none of the formats that are read: tables (.csv, .tsv, .json, .jsonl, .parquet), event files of "
        "TensorBoard, an MLflow store, folders of Lightning, Keras, Ray Tune, Hydra, Weights & Biases or Hugging Face, "
        "an Optuna study, result logs of MLPerf. Export it as a table with a row a run"
    )


def _read(reader: ModuleType) -> Callable[[Path], Found]:
    read: Callable[[Path], Found] = reader.read
    return read
