"""From a trained trial in the record to a version in MLflow's model registry."""

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlflow.entities import LoggedModel, LoggedModelOutput, LoggedModelStatus, Metric, Run
from mlflow.exceptions import MlflowException
from mlflow.models import Model
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.trainables.prediction.recorded import RecordedTrial, fetch_recorded
from soundproof.trainables.prediction.trained import rebuild
from soundproof.trainables.serving.descriptions import describe, how_to_ask, model_name, question_of
from soundproof.trainables.serving.form import save_model

_FINAL = (record.BEST_PREFIX, record.TEST_PREFIX, record.PARAMETERS, record.LATENCY_SECONDS)


class RegistrationError(UserError):
    """A network cannot be registered. The message says why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisteredTrial:
    """A version of a registered model, and the trial that it is."""

    name: str
    version: str
    model_id: str
    trial_id: str

    @property
    def uri(self) -> str:
        """How MLflow's own commands and functions name it."""
        return f"models:/{self.name}/{self.version}"


def register(tracking_uri: str, trial_id: str, name: str | None = None) -> RegisteredTrial:
    """Log the trained network of a trial as a model of its run, and make that a version in the registry.

    Arguments:
        tracking_uri: Of the MLflow store that holds the trial, with a model registry: a database or a server.
        trial_id: Whole, or the first characters of only one, at least six.
        name: Of the registered model; by default that of its study.

    Returns:
        Name and number of the version, and `uri`, what MLflow's own functions call it.

    Raises:
        PredictionError: There is no such trial, it left no network, or this version builds another one.
        RegistrationError: The store takes no models, or its files cannot be written.
    """
    recorded = fetch_recorded(tracking_uri, trial_id)
    rebuild(recorded)  # what does not fit is found out here, and not by who loads it
    wanted = name or recorded.study.replace("/", ".").replace(":", ".")
    try:
        client = MlflowClient(tracking_uri)
        question, run = question_of(client, recorded), client.get_run(recorded.run_id)
        _make_known(client, wanted, f"**{question}**\n\n{how_to_ask(recorded, f'models:/{wanted}/1')}")
        model = _log(client, run, recorded, question)
        version = client.create_model_version(
            wanted,
            source=model.artifact_location,
            run_id=recorded.run_id,
            tags=_tags(recorded),
            model_id=model.model_id,
        )
        about = describe(question, recorded, run, f"models:/{wanted}/{version.version}")
        client.update_model_version(wanted, version.version, about)
    except (MlflowException, OSError) as error:  # a lost connection is an OSError too, as requests has it
        why, remedy = _why(error)
        raise RegistrationError(
            f"trial {recorded.trial_id} cannot be registered as {wanted!r} in {tracking_uri!r}: {why}. {remedy}"
        ) from error
    return RegisteredTrial(
        name=wanted, version=str(version.version), model_id=model.model_id, trial_id=recorded.trial_id
    )


def _why(error: MlflowException | OSError) -> tuple[str, str]:
    """What is wrong, and what to do."""
    if isinstance(error, MlflowException):
        return error.message, "Choose another --name, or a store with a model registry: a database or a server"
    return str(error), "Free some space, or see that the store can be reached, and give the same command again"


def _make_known(client: MlflowClient, name: str, about: str) -> None:
    try:
        client.create_registered_model(name, description=about)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
            raise


def _log(client: MlflowClient, run: Run, recorded: RecordedTrial, question: str) -> LoggedModel:
    """The model as an output of the run that trained it, with that run's final numbers."""
    logged = client.create_logged_model(
        run.info.experiment_id,
        name=model_name(recorded),
        source_run_id=recorded.run_id,
        tags=_tags(recorded),
        params=dict(run.data.params),
        model_type="transcriber" if recorded.trial.task == "transcription" else "classifier",
    )
    try:
        with tempfile.TemporaryDirectory(prefix="soundproof-") as temporary:
            folder = Path(temporary) / "model"
            save_model(recorded, folder, Model(run_id=recorded.run_id, model_id=logged.model_id))
            client.log_model_artifacts(logged.model_id, str(folder))
    except BaseException:
        with suppress(MlflowException):  # of a store that is away, what went wrong first says more
            client.finalize_logged_model(logged.model_id, LoggedModelStatus.FAILED)
        raise
    about = describe(question, recorded, run, f"models:/{logged.model_id}")
    client.set_logged_model_tags(logged.model_id, {record.NOTE: about})
    client.log_outputs(recorded.run_id, [LoggedModelOutput(logged.model_id, step=0)])
    client.log_batch(recorded.run_id, metrics=_of_model(client, run, logged.model_id))
    return client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)


def _of_model(client: MlflowClient, run: Run, model_id: str) -> list[Metric]:
    """The run's final numbers again, as they are there, which MLflow then shows with the model too."""
    return [
        Metric(metric.key, metric.value, metric.timestamp, metric.step, model_id=model_id, run_id=run.info.run_id)
        for name in run.data.metrics
        if name.startswith(_FINAL)
        for metric in client.get_metric_history(run.info.run_id, name)
    ]


def _tags(recorded: RecordedTrial) -> dict[str, str]:
    return {
        record.TRIAL_ID: recorded.trial_id,
        record.STUDY: recorded.study,
        record.VARIANT: recorded.variant,
        record.SEED: str(recorded.trial.seed),
    }
