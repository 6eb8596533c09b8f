"""Several files asked about at once: the answer to each, and which could not be read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from soundproof.trainables.corpora.recorded.audio_containers import BrokenAudioError
from soundproof.trainables.corpora.recorded.folder_listing import printable
from soundproof.trainables.prediction.answers import FilePrediction, predict_file
from soundproof.trainables.prediction.recorded import OfTrial
from soundproof.trainables.prediction.trained import Trained, clip_form, load_trained


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedFile:
    """A file without an answer, and why."""

    file: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions(OfTrial):
    """The answers of the network of `trial` to files, in the order asked."""

    files: tuple[FilePrediction, ...]
    failed: tuple[FailedFile, ...]

    @property
    def transcribes(self) -> bool:
        """Whether files get a transcript; otherwise a class."""
        return self.trial.task == "transcription"

    @property
    def rule(self) -> str:
        """How the answer to a file follows from those to its pieces, in words."""
        if self.transcribes:
            return "Up to 30 s are transcribed whole, more in pieces of about 20 s, cut at quiet places and joined."
        _, cut, _ = clip_form(self.trial)
        return (
            f"A file is cut into windows of {cut.seconds:g} s, silence after the last; its class is the one with the "
            "highest mean probability, votes are the windows that say the same."
        )

    def to_plain(self) -> dict[str, Any]:
        """JSON values: what `predict --json` prints."""
        return {
            "trial": self.trial_id,
            "study": self.study,
            "variant": self.variant,
            "seed": self.trial.seed,
            "task": "transcription" if self.transcribes else "classification",
            "rule": self.rule,
            "predictions": [prediction.to_plain() for prediction in self.files],
            "failed": [asdict(failure) for failure in self.failed],
        }


def predict(tracking_uri: str, trial_id: str, files: Sequence[Path]) -> Predictions:
    """Ask the trained network of a trial about audio files. A file that cannot be read does not keep the others.

    Arguments:
        tracking_uri: Of the MLflow store that holds the trial.
        trial_id: Whole, or its first characters, at least six.
        files: WAV, FLAC, Ogg or MP3, of any length and sampling rate.

    Returns:
        A transcript, or a class with its probability, for each file, in the order asked; and which failed, and why.

    Raises:
        PredictionError: There is no such store or trial, it left no network, or this version builds another one.
    """
    return predict_with(load_trained(tracking_uri, trial_id), files)


def predict_with(trained: Trained, files: Sequence[Path]) -> Predictions:
    """The answers of `trained` to `files`."""
    predictions: list[FilePrediction] = []
    failed: list[FailedFile] = []
    for path in files:
        try:
            predictions.append(predict_file(trained, path))
        except BrokenAudioError as error:
            failed.append(FailedFile(file=printable(str(path)), reason=error.reason))
    return Predictions(
        trial_id=trained.trial_id,
        trial=trained.trial,
        study=trained.study,
        variant=trained.variant,
        files=tuple(predictions),
        failed=tuple(failed),
    )


def prediction_table(predictions: Predictions) -> Table:
    """One row for each file that could be read; the caption explains how its answer follows from its pieces."""
    trial, long = predictions.trial, any(len(file.windows) > 1 for file in predictions.files)
    table = Table(
        title=Text(f"Trial {predictions.trial_id}: {predictions.variant} of {predictions.study}, seed {trial.seed}"),
        title_justify="left",
        caption=Text(predictions.rule + (" --json gives every piece." if long else "")),
        caption_justify="left",
    )
    table.add_column("file", overflow="fold", ratio=1)
    table.add_column("transcript" if predictions.transcribes else "class", overflow="fold", ratio=2)
    if not predictions.transcribes:
        table.add_column("probability", justify="right", no_wrap=True)
        table.add_column("votes", justify="right", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for prediction in predictions.files:
        table.add_row(*_cells(prediction))
    return table


def failure_lines(predictions: Predictions) -> list[str]:
    """One line for each file without an answer; printed as they are, on standard error."""
    return [f"error: {failure.file}: {failure.reason}" for failure in predictions.failed]


def _cells(prediction: FilePrediction) -> list[Text]:
    seconds = Text(f"{prediction.seconds:.2f}")
    if prediction.probability is None:
        text = Text(prediction.text) if prediction.text else Text("(no words)", style="dim")
        return [Text(prediction.file), text, seconds]
    count = len(prediction.windows)
    votes = Text(f"{round(prediction.votes * count)} of {count}")
    return [Text(prediction.file), Text(prediction.text), Text(f"{prediction.probability:.3f}"), votes, seconds]
