"""A judgement as a run in MLflow: verdicts as tags and metrics, answers as parameters, the report among its files."""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from soundproof.analysis.judging.judging import Judged
from soundproof.analysis.judging.writing import write_judged
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict
from soundproof.common.errors import UserError
from soundproof.common.markdown import as_markdown
from soundproof.common.record import NOTE
from soundproof.common.store_schemas import before_writing
from soundproof.common.tracking_stores import opening

EXPERIMENT = "soundproof-judged"
_LONGEST = 5000
"""Characters of a tag or parameter, which MLflow bounds."""


class RecordingError(UserError):
    """The judgement cannot be written into the store. The message says why, and what to do."""


def record(judged: Judged, tracking_uri: str, *, experiment: str = EXPERIMENT, artifacts: Path | None = None) -> str:
    """Write the judgement as a run of its own; gives the run's id.

    `artifacts` is where a local store keeps files; None leaves it to the server. Raises `RecordingError`.
    """
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    from soundproof.common import library_settings  # noqa: F401  # before MLflow

    before_writing(tracking_uri)
    try:
        with opening(tracking_uri):
            client = MlflowClient(tracking_uri, registry_uri=tracking_uri)
        return _written(client, judged, experiment, artifacts)
    except (MlflowException, SQLAlchemyError, ImportError, OSError) as error:
        why = str(error).strip().partition("\n")[0]
        raise RecordingError(
            f"--record expects a tracking store that can be written, could not write to {tracking_uri!r}: {why}. "
            "Check --tracking-uri, or leave it out for the store in --storage"
        ) from error


def _written(client: Any, judged: Judged, experiment: str, artifacts: Path | None) -> str:
    from mlflow.entities import Metric, Param, RunTag

    now = int(time.time() * 1000)
    tags = [RunTag(name, text[:_LONGEST]) for name, text in _tags(judged)]
    run = client.create_run(
        _experiment(client, experiment, artifacts), run_name=judged.report.records.corpus[:_LONGEST]
    )
    run_id = str(run.info.run_id)
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in _metrics(judged)],
        params=[Param(name, text[:_LONGEST]) for name, text in _params(judged)],
    )
    for first in range(0, len(tags), 100):  # a server takes no more at once
        client.log_batch(run_id, tags=tags[first : first + 100])
    with tempfile.TemporaryDirectory() as folder:
        write_judged(judged, Path(folder))
        judged.understood.answers.save(Path(folder) / "answers.json")
        client.log_artifacts(run_id, folder)
    client.set_terminated(run_id)
    return run_id


def _experiment(client: Any, name: str, artifacts: Path | None) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None and found.lifecycle_stage != "active":
        raise RecordingError(
            f"the experiment {name!r} was deleted in MLflow: restore it with `mlflow experiments restore "
            f"--experiment-id {found.experiment_id}`, or name another by --record-as"
        )
    if found is not None:
        return str(found.experiment_id)
    location = None if artifacts is None else str((artifacts / name).resolve())
    return str(client.create_experiment(name, artifact_location=location))


def _params(judged: Judged) -> Iterator[tuple[str, str]]:
    """The answers, lists as JSON."""
    for name, value in judged.understood.answers.to_plain().items():
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _tags(judged: Judged) -> Iterator[tuple[str, str]]:
    """The source, the answer, and each claim with its verdict."""
    yield "source", judged.report.records.corpus
    yield "question", judged.report.summary.study.question
    yield NOTE, as_markdown(judged.report.answer())
    for number, claim in enumerate(judged.report.summary.claims, start=1):
        yield f"claim.{number}", claim.claim.text
        yield f"verdict.{number}", claim.verdict
    if judged.next_step:
        yield "next_step", judged.next_step


def _metrics(judged: Judged) -> Iterator[tuple[str, float]]:
    """How many claims have which verdict, how many alarms there are, and the numbers of each claim of means."""
    counts = Counter(claim.verdict for claim in judged.report.summary.claims)
    for verdict, count in counts.items():
        yield f"claims.{verdict}", float(count)
    yield "alarms", float(sum(fault.alarm for fault in judged.faults))
    for number, claim in enumerate(judged.report.summary.claims, start=1):
        if not isinstance(claim, StatisticalVerdict):
            continue
        yield f"p_value.{number}", claim.adjusted_p_value
        if claim.deciding.effect is not None:
            yield f"effect.{number}", claim.deciding.effect
        if claim.deciding.interval is not None:
            yield f"low.{number}", claim.deciding.interval.low
            yield f"high.{number}", claim.deciding.interval.high
