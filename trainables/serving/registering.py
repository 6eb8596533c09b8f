"""From a trained trial in the record to a version in MLflow's model registry."""

import re
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
from soundproof.common.markdown import as_markdown
from soundproof.common.store_schemas import before_writing
from soundproof.trainables.prediction.predictions import answered
from soundproof.trainables.prediction.recorded import RecordedTrial, fetch_recorded
from soundproof.trainables.prediction.trained import rebuild
from soundproof.trainables.serving.form import save_model, signature
from soundproof.trainables.serving.loader import AUDIO, RATE, SAMPLES

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
    before_writing(tracking_uri)
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
        if isinstance(error, MlflowException):
            why, remedy = (
                error.message,
                "Choose another --name, or a store with a model registry: a database or a server",
            )
        else:
            why = str(error)
            remedy = "Free some space, or see that the store can be reached, and give the same command again"
        raise RegistrationError(
            f"trial {recorded.trial_id} cannot be registered as {wanted!r} in {tracking_uri!r}: {why}. {remedy}"
        ) from error
    return RegisteredTrial(
        name=wanted, version=str(version.version), model_id=model.model_id, trial_id=recorded.trial_id
    )


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
        model_type={"transcript": "transcriber", "class": "classifier", "value": "regressor"}[answered(recorded.trial)],
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


_NOT_IN_NAMES = re.compile(r"""[/:.%"'\s]+""")
"""What MLflow refuses in the name of a model, and white space."""
_PLACE = {"preset": record.PRESET, "corpus": record.CORPUS}


def model_name(recorded: RecordedTrial) -> str:
    """Of the logged model: study or space, variant and seed."""
    variant = recorded.variant.removeprefix(f"{recorded.study}/")
    words = [_NOT_IN_NAMES.sub("-", word) for word in (recorded.study, variant) if word]
    return " ".join([*words, f"seed {recorded.trial.seed}"])


def question_of(client: MlflowClient, recorded: RecordedTrial) -> str:
    """The question of the study, Markdown as its experiment keeps it; the study's id where it keeps none."""
    experiment = client.get_experiment_by_name(recorded.study)
    noted = None if experiment is None else experiment.tags.get(record.NOTE)
    return noted or as_markdown(recorded.study)


def describe(question: str, recorded: RecordedTrial, run: Run, uri: str) -> str:
    """Markdown for one model, `run` being the one that trained it and `uri` what MLflow's functions call the model."""
    metrics = [
        f"| {as_markdown(name)} | {value:.4g} |"
        for name, value in sorted(run.data.metrics.items())
        if name.startswith((record.BEST_PREFIX, record.TEST_PREFIX))
    ]
    table = ["", "| metric | value |", "| :--- | ---: |", *metrics] if metrics else []
    return "\n".join([f"**{question}**", "", _origin(recorded, run), *table, "", how_to_ask(recorded, uri)])


def how_to_ask(recorded: RecordedTrial, uri: str) -> str:
    """Markdown: lines of Python and of a shell, with what the answer holds."""
    answers = ", ".join(f"`{name}`" for name in signature(recorded.trial).outputs.input_names())
    return "\n".join(
        [
            f"Asked for each row's `{AUDIO}` (the bytes of a WAV, FLAC, Ogg or MP3 file in base64), or `{SAMPLES}` and "
            f"`{RATE}`, it answers {answers}:",
            "",
            "```python",
            "import base64, pathlib",
            "import mlflow",
            "",
            f"model = mlflow.pyfunc.load_model({uri!r})",
            'audio = base64.b64encode(pathlib.Path("a.wav").read_bytes()).decode()',
            f'model.predict([{{"{AUDIO}": audio}}])',
            "```",
            "",
            "Served by `mlflow models serve`, it takes the same as JSON at `/invocations`: "
            f'`{{"dataframe_records": [{{"{AUDIO}": "..."}}]}}`.',
        ]
    )


def _origin(recorded: RecordedTrial, run: Run) -> str:
    tags = run.data.tags
    levels = [
        f"{as_markdown(name.removeprefix(record.FACTOR_PREFIX))}&#58; {as_markdown(value)}"
        for name, value in sorted(tags.items())
        if name.startswith(record.FACTOR_PREFIX) and tags.get(record.VARIANT) == recorded.variant
    ]
    shown = f" ({'; '.join(levels)})" if levels else ""
    trained = [f"{word} {as_markdown(tags[tag])}" for word, tag in _PLACE.items() if tag in tags]
    trial = f"trial {recorded.trial_id}"
    return ", ".join(
        [f"Variant {as_markdown(recorded.variant)}{shown}", f"seed {recorded.trial.seed}", *trained, trial]
    )
