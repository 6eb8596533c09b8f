"""Commands that ask a trained network about audio: `predict` and `explain`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from soundproof.api.options import DEFAULT_STORAGE
from soundproof.api.parsing import parse_tracking_uri
from soundproof.command_line.custom_files import make_known
from soundproof.command_line.options import (
    FileOption,
    JsonOption,
    StorageOption,
    TrackingOption,
    TrialArgument,
)
from soundproof.command_line.printing import print_json, print_tables


def predict(
    trial: TrialArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio of any length and sampling rate.")],
    *,
    file: FileOption = None,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say the class or the transcript of new audio, by the network of a recorded trial."""
    from soundproof.trainables.prediction import failure_lines, prediction_table
    from soundproof.trainables.prediction import predict as predict_files

    make_known(file)
    predicted = predict_files(parse_tracking_uri(tracking_uri, storage), trial, files)
    if as_json:
        print_json(predicted.to_plain())
    elif predicted.files:
        print_tables(prediction_table(predicted))
    for line in failure_lines(predicted):
        print(line, file=sys.stderr)
    if predicted.failed:
        raise typer.Exit(2)


def explain(
    trial: TrialArgument,
    *,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the pictures.")] = None,
    file: FileOption = None,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
) -> None:
    """Draw what a classifier heard in one clip that it got right and one that it got wrong.

    SmoothGrad and Grad-CAM over the features, into a folder, into the trial's run in MLflow, and so into the report.
    """
    from soundproof.trainables.explanation import explain_trial
    from soundproof.trainables.sweeps.storage import Storage

    make_known(file)
    place = Storage(root=storage)
    folder = out or place.reports / f"explanations.{trial}"
    for picture in explain_trial(parse_tracking_uri(tracking_uri, storage), trial, place.features, folder):
        print(picture)
