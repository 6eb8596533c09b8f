"""Verdicts on runs of other programs, from Python."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.api.options import DEFAULT_STORAGE
from soundproof.common.errors import UserError
from soundproof.common.tracking_stores import sqlite_file

if TYPE_CHECKING:
    from soundproof.analysis.judging.judging import Judged


def judge(
    *sources: "str | PathLike[str]",
    answers: "str | PathLike[str] | None" = None,
    experiment: str | None = None,
    **given: Any,
) -> "Judged":
    """Judge the runs of any program.

    Arguments:
        sources: Files, folders, or addresses of MLflow stores; several are taken together.
        answers: A file of answers that `judge --save` wrote; what is given beside it goes before it.
        experiment: The name of one experiment of an MLflow store that has several.
        given: Answers by name, as `soundproof.analysis.judging.answers.Answers` has them: `variant`, `metric`, ...

    Returns:
        The report, what was understood of the sources, and what is wrong with them.

    Raises:
        SourceError: A source cannot be read, or does not say what has to be known.
        AnswersError: An answer fits no source.

    >>> judge("results.csv", variant=["model"], metric="wer", baseline="conformer")  # doctest: +SKIP
    """
    from soundproof.analysis.judging.answers import Answers
    from soundproof.analysis.judging.judging import judge_found
    from soundproof.analysis.sources.kinds import read_source

    if not sources:
        raise UserError("judge expects a source: a table, a folder of runs, or the address of a store")
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    said = Answers.from_plain({name: value for name, value in plain.items() if value is not None}, "judge")
    if answers is not None:
        said = said.over(Answers.load(Path(answers)))
    return judge_found([read_source(str(source), experiment=experiment) for source in sources], said)


def record_judged(
    judged: "Judged",
    *,
    experiment: str = "soundproof-judged",
    storage: Path = DEFAULT_STORAGE,
    tracking_uri: str | None = None,
) -> str:
    """Write a judgement into MLflow as a run of its own, with the report among its files.

    Arguments:
        judged: What `judge` gave.
        experiment: The name of the experiment, which is made where there is none.
        storage: The folder of the store where no other is named.
        tracking_uri: The address of another store.

    Returns:
        The run's id.

    Raises:
        RecordingError: The store cannot be written.
    """
    from soundproof.analysis.judging.recording import record
    from soundproof.trainables.sweeps.storage import Storage

    own = Storage(root=storage)
    if tracking_uri is None:
        own.root.mkdir(parents=True, exist_ok=True)
    uri = tracking_uri or own.tracking_uri
    file = sqlite_file(uri)
    return record(judged, uri, experiment=experiment, artifacts=None if file is None else file.parent / "artifacts")
