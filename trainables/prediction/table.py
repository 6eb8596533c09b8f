"""Predictions for the terminal. Names of files and classes are the user's: they are never read as markup."""

from rich.table import Table
from rich.text import Text

from soundproof.trainables.prediction.answers import FilePrediction
from soundproof.trainables.prediction.predictions import Predictions


def prediction_table(predictions: Predictions) -> Table:
    """One row for each file that could be read; the caption explains how its answer follows from its pieces."""
    trial = predictions.trial
    table = Table(
        title=Text(f"Trial {predictions.trial_id}: {predictions.variant} of {predictions.study}, seed {trial.seed}"),
        title_justify="left",
        caption=Text(predictions.rule + (" --json gives every piece." if _long(predictions) else "")),
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


def _long(predictions: Predictions) -> bool:
    return any(len(prediction.windows) > 1 for prediction in predictions.files)


def _cells(prediction: FilePrediction) -> list[Text]:
    seconds = Text(f"{prediction.seconds:.2f}")
    if prediction.probability is None:
        text = Text(prediction.text) if prediction.text else Text("(no words)", style="dim")
        return [Text(prediction.file), text, seconds]
    count = len(prediction.windows)
    votes = Text(f"{round(prediction.votes * count)} of {count}")
    return [Text(prediction.file), Text(prediction.text), Text(f"{prediction.probability:.3f}"), votes, seconds]
