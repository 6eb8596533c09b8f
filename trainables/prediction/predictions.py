"""Several files asked about at once: the answer to each, and which could not be read."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from rich.table import Table
from rich.text import Text

from soundproof.common.terminal_text import shown
from soundproof.search_spaces.specs import Trial
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.recorded.folder_listing import printable
from soundproof.trainables.corpora.recorded.hearing import place_words
from soundproof.trainables.prediction.answers import FilePrediction, predict_file
from soundproof.trainables.prediction.recorded import OfTrial, PredictionError
from soundproof.trainables.prediction.trained import Trained, clip_form, hears_own_lengths, load_trained

Answers = Literal["transcript", "class", "value"]
_TASKS: dict[Answers, str] = {"transcript": "transcription", "class": "classification", "value": "regression"}


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
        """Whether files get a transcript; otherwise a class, or a value."""
        return self.trial.task == "transcription"

    @property
    def answers(self) -> Answers:
        """What files get."""
        return answered(self.trial)

    @property
    def rule(self) -> str:
        """How the answer to a file follows from those to its pieces, in words."""
        if self.transcribes:
            return "Up to 30 s are transcribed whole, more in pieces of about 20 s, cut at quiet places and joined."
        _, cut, _ = clip_form(self.trial)
        if hears_own_lengths(self.trial):
            mean = "value is their mean"
            if self.answers != "value":
                mean = "class is the one with the highest mean probability"
            return (
                f"A file is heard at its own length; one longer than {cut.seconds:g} s, the longest trained with, in "
                f"equal pieces no longer than that: its {mean}."
            )
        if self.answers == "value":
            if cut.place == "loudest":
                return f"Of a file {place_words(cut)} are heard, as in training; its value is their mean."
            return f"A file is cut into windows of {cut.seconds:g} s, silence after the last; its value is their mean."
        if cut.place == "loudest":
            return (
                f"Of a file {place_words(cut)} are heard, as in training; its class is the one with the highest mean "
                "probability, votes are the clips that say the same."
            )
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
            "task": _TASKS[self.answers],
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
        A transcript, a class with its probability, or a value, for each file, in the order asked; and which failed, and
        why.

    Raises:
        PredictionError: There is no such store or trial, it left no network, or this version builds another one.
    """
    return predict_with(load_trained(tracking_uri, trial_id), files)


def predict_by_each(tracking_uri: str, trial_ids: Sequence[str], files: Sequence[Path]) -> list[Predictions]:
    """Ask the networks of several trials about the same files: `predict` for each trial, one given twice once.

    Raises `PredictionError` before any is asked, also where some transcribe and others classify, or answer values.
    """
    every = {trained.trial_id: trained for trained in (load_trained(tracking_uri, trial_id) for trial_id in trial_ids)}
    tasks = {_TASKS[answered(trained.trial)]: trained.trial_id for trained in every.values()}
    if len(tasks) > 1:
        does = " and ".join(f"{trial_id} is of {task}" for task, trial_id in tasks.items())
        raise PredictionError(
            f"trials that are asked together must be of one task, and {does}: ask for each kind of answer apart"
        )
    return [predict_with(trained, files) for trained in every.values()]


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
        title=Text(
            shown(f"Trial {predictions.trial_id}: {predictions.variant} of {predictions.study}, seed {trial.seed}")
        ),
        title_justify="left",
        caption=Text(predictions.rule + (" --json gives every piece." if long else "")),
        caption_justify="left",
    )
    table.add_column("file", overflow="fold", ratio=1)
    _add_answer_columns(table, predictions.answers)
    table.add_column("seconds", justify="right", no_wrap=True)
    for prediction in predictions.files:
        table.add_row(Text(prediction.file), *_answer(prediction), Text(f"{prediction.seconds:.2f}"))
    return table


def file_tables(every: Sequence[Predictions]) -> list[Table]:
    """For each file that any of the trials could read, a table with one row for each of these trials.

    The caption of the last explains how answers follow from pieces.
    """
    tables = []
    by_file: dict[str, list[tuple[Predictions, FilePrediction]]] = {}
    for predictions in every:
        for prediction in predictions.files:
            by_file.setdefault(prediction.file, []).append((predictions, prediction))
    for file, rows in by_file.items():
        table = Table(title=Text(f"{file}: {rows[0][1].seconds:.2f} s"), title_justify="left")
        for heading in ("trial", "variant"):
            table.add_column(heading, overflow="fold")
        table.add_column("seed", justify="right", no_wrap=True)
        _add_answer_columns(table, rows[0][0].answers)
        for predictions, prediction in rows:
            whose = (predictions.trial_id, predictions.variant, str(predictions.trial.seed))
            table.add_row(*map(Text, whose), *_answer(prediction))
        tables.append(table)
    for last in tables[-1:]:
        last.caption, last.caption_justify = Text("\n".join({predictions.rule: 0 for predictions in every})), "left"
    return tables


def failure_lines(*every: Predictions) -> list[str]:
    """One line for each file without an answer, and reason; printed as they are, on standard error."""
    failed = (failure for predictions in every for failure in predictions.failed)
    return list(dict.fromkeys(f"error: {failure.file}: {failure.reason}" for failure in failed))


def answered(trial: Trial) -> Answers:
    """What the network of a trial says of a file."""
    if trial.task == "transcription":
        return "transcript"
    return "value" if trial.has_values else "class"


def _add_answer_columns(table: Table, answers: Answers) -> None:
    table.add_column(answers, overflow="fold", ratio=2)
    if answers == "class":
        table.add_column("probability", justify="right", no_wrap=True)
        table.add_column("votes", justify="right", no_wrap=True)


def _answer(prediction: FilePrediction) -> list[Text]:
    if prediction.value is not None:
        return [Text(prediction.text)]
    if prediction.probability is None:
        return [Text(shown(prediction.text)) if prediction.text else Text("(no words)", style="dim")]
    count = len(prediction.windows)
    votes = Text(f"{round(prediction.votes * count)} of {count}")
    return [Text(shown(prediction.text)), Text(f"{prediction.probability:.3f}"), votes]
